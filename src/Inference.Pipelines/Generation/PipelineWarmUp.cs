using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Runs a model at a single step: so that the first request finds everything loaded, to measure what requests take, and to see whether it works.</summary>
/// <param name="model">Name of the model.</param>
/// <param name="fingerprint">Identifies its files; empty when it was not loaded from a folder.</param>
/// <param name="parts">The model.</param>
/// <param name="network">Its network on the device.</param>
/// <param name="run">Denoises a picture.</param>
/// <param name="preparation">Makes what the pictures of a request share.</param>
/// <param name="memory">What it needs of the memory.</param>
/// <param name="host">Clock and measured costs.</param>
internal sealed class PipelineWarmUp(string model, string fingerprint, PipelineParts parts, BatchNetwork network, PictureRun run, RequestPreparation preparation, ModelMemory memory, PipelineHost host)
{
    private readonly Lock _gate = new();
    private Task? _measured;

    /// <summary>Time that decoding takes for each value of a latent; zero before it is known.</summary>
    public TimeSpan DecodePerValue { get; private set; }

    /// <summary>Runs the whole path, and learns what evaluations cost unless an earlier process on this machine did.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task RunAsync(PreviewRenderer previews, CancellationToken cancellationToken)
    {
        if (parts.Sizes.Smaller() is { } smaller)
            await TryMeasureAsync(smaller, cancellationToken);
        var validated = OneStep();
        var prepared = await preparation.PrepareAsync(validated, cancellationToken);
        using var latent = (await run.DenoiseAsync(validated, 0, prepared, null, cancellationToken)).Latent;
        await parts.Decoder.DecodeAsync(latent, cancellationToken);
        var started = host.Time.GetTimestamp();
        await parts.Decoder.DecodeAsync(latent, cancellationToken);
        DecodePerValue = host.Time.GetElapsedTime(started) / validated.Shape.Length;
        await previews.PrepareAsync(cancellationToken);
        await LearnMemoryAsync(validated, prepared, cancellationToken);

        if (host.Costs.TryLoad(fingerprint, network.Curves))
            return;
        var (key, conditional, timestep) = RowsOf(validated, prepared);
        await new CostCurveLearner(network, host.Time).LearnAsync(key, conditional, timestep, host.Costs.Budget, cancellationToken);
        host.Costs.Save(model, fingerprint, network.Curves);
    }

    /// <summary>Evaluates the network.</summary>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var validated = OneStep();
        (await run.DenoiseAsync(validated, 0, await preparation.PrepareAsync(validated, cancellationToken), null, cancellationToken)).Latent.Dispose();
    }

    /// <summary>Learns what a picture larger than the default one needs, before it is begun; a warm model knows.</summary>
    /// <returns>Whether anything was learnt.</returns>
    public async Task<bool> LearnAboutAsync(LatentShape shape, CancellationToken cancellationToken)
    {
        if (shape.Length <= parts.LatentOf(parts.Sizes.Default).Length || memory.Needed(shape, new(1)) is not null)
            return false;
        lock (_gate)
            _measured ??= MeasureAsync();
        await _measured.WaitAsync(cancellationToken);
        return true;
    }

    private async Task MeasureAsync()
    {
        if (parts.Sizes.Smaller() is { } smaller)
            await TryMeasureAsync(smaller, default);
        await TryMeasureAsync(parts.Sizes.Default, default);
    }

    // What larger sizes need is told by two sizes; the smaller one must run first, since arenas only know their most.
    private async Task TryMeasureAsync(ImageSize size, CancellationToken cancellationToken)
    {
        try
        {
            var validated = OneStep(size);
            await LearnMemoryAsync(validated, await preparation.PrepareAsync(validated, cancellationToken), cancellationToken);
            using var latent = Latent.Rent(validated.Shape);
            latent.Values.Clear();
            await parts.Decoder.DecodeAsync(latent, cancellationToken);
        }
        catch (Exception exception) when (exception is EvaluationException or GraphException or GenerationFailedException)
        {
            // Not every export runs at every size that its configuration allows, and the default one is run anyway.
        }
    }

    private Task LearnMemoryAsync(ValidatedRequest request, PreparedRequest prepared, CancellationToken cancellationToken)
    {
        var (key, conditional, timestep) = RowsOf(request, prepared);
        return new MemoryLearner(network, parts.Denoiser.Memory).LearnAsync(key, conditional, timestep, cancellationToken);
    }

    private static (BatchKey Key, Conditioning Conditional, double Timestep) RowsOf(ValidatedRequest request, PreparedRequest prepared)
    {
        var conditional = prepared.Conditions[0].Conditional;
        return (new(BatchKey.Full, request.Shape, conditional.ShapeKey), conditional, request.Plan.Trajectory.Steps[0].From.Timestep);
    }

    // What memory there is does not decide about the server's own runs: they show what is needed.
    private ValidatedRequest OneStep(ImageSize? size = null) => RequestValidator.Validate(
        parts.Prompts.Classes > 0 ? new GenerationRequest { Prompt = "", ClassLabels = [0], Steps = 1, Size = size } : new GenerationRequest { Prompt = "warm-up", Steps = 1, Size = size },
        model, parts with { Memory = null }, new());
}
