namespace Inference.Experiments;

/// <summary>What one run of an arm gave.</summary>
public sealed record ExperimentResult
{
    /// <summary>Index of the arm.</summary>
    public required int Arm { get; init; }

    /// <summary>Number of the request whose arms are compared; runs of one request share it.</summary>
    public required long Pair { get; init; }

    /// <summary>Whether a client waited for it; the other arms of a pair run in the background.</summary>
    public required bool IsPrimary { get; init; }

    /// <summary>What was assigned: hash of the user or of the request.</summary>
    public required long Unit { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>From the request to the encoded pictures, in ms; means something for primary runs only.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>The same without the time in the queue, in ms.</summary>
    public required double ServiceMs { get; init; }

    /// <summary>Calls of the guided denoiser a picture.</summary>
    public required double Evaluations { get; init; }

    /// <summary>Share of the network rows that were computed in full, 0 to 1; 1 without a cache.</summary>
    public required double FullShare { get; init; }

    /// <summary>How like the reference arm's pictures its pictures are; null for the reference arm, and where no pair was run.</summary>
    public Similarity? Similarity { get; init; }
}

/// <summary>How like two runs' pictures are, the mean over the pictures.</summary>
/// <param name="Psnr">dB; +∞ for equal pictures.</param>
/// <param name="Ssim">-1 to 1; 1 for equal pictures. Null where the pictures are too small for it.</param>
/// <param name="Gmsd">From 0, for equal pictures. Null where the pictures are too small for it.</param>
public sealed record Similarity(double Psnr, double? Ssim, double? Gmsd);

/// <summary>Somebody's choice between two arms' pictures.</summary>
/// <param name="First">Index of an arm.</param>
/// <param name="Second">Index of another.</param>
/// <param name="Choice">Which was better.</param>
/// <param name="Created">When.</param>
/// <param name="User">Who, or null.</param>
public sealed record Vote(int First, int Second, VoteChoice Choice, DateTimeOffset Created, string? User);

/// <summary>Outcome of a comparison.</summary>
public enum VoteChoice
{
    First,
    Tie,
}
