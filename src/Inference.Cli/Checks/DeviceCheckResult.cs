using Inference.Onnx;

namespace Inference.Cli;

/// <summary>What a check of a device found.</summary>
internal sealed record DeviceCheckResult
{
    public required string Command { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>Whether it was shortened.</summary>
    public required bool Quick { get; init; }

    public required string Model { get; init; }

    public required string Runtime { get; init; }

    public required string Machine { get; init; }

    /// <summary>Providers in use, in order.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>Every provider there is, usable or not.</summary>
    public required IReadOnlyList<ProviderReport> Survey { get; init; }

    public IReadOnlyList<PrecisionCheck> Precisions { get; set; } = [];

    public IReadOnlyList<GoldenCheck> Golden { get; set; } = [];

    public IReadOnlyList<StepCost> Curve { get; set; } = [];

    public LoadCheck? Load { get; set; }

    public IReadOnlyList<CacheCheck> Caching { get; set; } = [];

    public IReadOnlyList<ParallelCheck> Parallel { get; set; } = [];

    /// <summary>Parts that were left out, and why.</summary>
    public List<string> LeftOut { get; init; } = [];

    public double Seconds { get; set; }
}

/// <summary>One precision of the network.</summary>
/// <param name="Precision">Its name.</param>
/// <param name="Difference">Largest difference of an evaluation from the CPU's float32, relative to its largest value; null where it is refused.</param>
/// <param name="Psnr">Mean PSNR of final pictures against the CPU's float32, dB; null where it is refused.</param>
/// <param name="Error">Why it is refused; null where it is served.</param>
internal sealed record PrecisionCheck(string Precision, double? Difference, double? Psnr, string? Error);

/// <summary>A golden case: a picture of the reference implementation.</summary>
/// <param name="Prompt">Its prompt.</param>
/// <param name="Psnr">PSNR of the 8-bit pictures, dB.</param>
internal sealed record GoldenCheck(string Prompt, double Psnr);

/// <summary>Milliseconds of one evaluation.</summary>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Milliseconds">By precision.</param>
internal sealed record StepCost(int Rows, IReadOnlyDictionary<string, double> Milliseconds);

/// <summary>Mixed requests side by side.</summary>
/// <param name="Clients">Clients.</param>
/// <param name="Batched">Pictures a second with shared batches.</param>
/// <param name="Single">Pictures a second with the rows of one request a batch.</param>
internal sealed record LoadCheck(int Clients, double Batched, double Single)
{
    public double Gain => Batched / Single;
}

/// <summary>A cache policy against the plain run.</summary>
/// <param name="Policy">Its id; empty is the plain run.</param>
/// <param name="Milliseconds">Denoising time, median.</param>
/// <param name="Speed">Over the plain run's, median of the rounds.</param>
/// <param name="Psnr">Against the plain run's picture, dB; null for the plain run.</param>
internal sealed record CacheCheck(string Policy, double Milliseconds, double Speed, double? Psnr);

/// <summary>Picard windows against the plain run.</summary>
/// <param name="Window">Steps side by side; null is the plain run.</param>
/// <param name="Iterations">Iterations one after the other, mean.</param>
/// <param name="Milliseconds">Denoising time, median.</param>
/// <param name="Speed">Over the plain run's, median of the rounds.</param>
/// <param name="Psnr">Against the plain run's picture, dB; null for the plain run.</param>
internal sealed record ParallelCheck(int? Window, double Iterations, double Milliseconds, double Speed, double? Psnr);
