using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a model costs here. Times are medians in milliseconds; bytes are managed allocations of one call.</summary>
public sealed record PipelineMeasurement(string Model, string Family, ImageSize Size, double LoadMs, StageCost Text, StageCost Step, StageCost Decode);

/// <summary>Cost of one stage.</summary>
public readonly record struct StageCost(double Milliseconds, long Bytes);

/// <summary>Measures loading, text encoding, one network row and decoding of a model folder.</summary>
public static class PipelineBenchmark
{
    /// <summary>Runs it.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="host">What runs it; nothing else should.</param>
    /// <param name="size">Size of the picture; null is the model's default.</param>
    /// <param name="rounds">Calls each median is over, ≥ 1.</param>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">A graph cannot be loaded or evaluated.</exception>
    /// <exception cref="TokenizerException">A tokenizer cannot be loaded.</exception>
    public static async Task<PipelineMeasurement> RunAsync(string folder, PipelineHost host, ImageSize? size = null, int rounds = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var started = host.Time.GetTimestamp();
        using var pipeline = DiffusionPipeline.Load(folder, host);
        var load = host.Time.GetElapsedTime(started).TotalMilliseconds;
        var parts = pipeline.Parts;
        var wanted = size is { } asked && parts.Sizes.Allows(asked) ? asked : parts.Sizes.Default;

        var prompt = 0;
        Task<Conditions> Encode() => parts.Conditioner.EncodeAsync(new($"a red apple, number {prompt++}", null, 0, 1, wanted), default);
        var conditions = (await Encode()).Conditional;
        // Each prompt is new, so that none is found in the cache.
        var text = await MeasureAsync(host.Time, rounds, async () => await Encode());

        var shape = parts.LatentOf(wanted);
        using var input = Latent.Rent(shape);
        using var output = Latent.Rent(shape);
        new TorchCpuNoise(1).Fill(0, input);
        NetworkRow[] rows = [new(input, 500, conditions, output)];
        var key = new BatchKey(BatchKey.Full, shape, conditions.ShapeKey);
        var step = await MeasureAsync(host.Time, rounds, () =>
        {
            parts.Denoiser.Evaluate(key, rows);
            return Task.CompletedTask;
        });
        var decode = await MeasureAsync(host.Time, rounds, async () => await parts.Decoder.DecodeAsync(input, default));
        return new(pipeline.Name, pipeline.ClassName, wanted, load, text, step, decode);
    }

    private static async Task<StageCost> MeasureAsync(TimeProvider time, int rounds, Func<Task> call)
    {
        // The first calls bind buffers and compile code.
        await call();
        await call();
        var (times, bytes) = (new double[rounds], new long[rounds]);
        for (var i = 0; i < rounds; i++)
        {
            var (allocated, started) = (GC.GetTotalAllocatedBytes(precise: true), time.GetTimestamp());
            await call();
            (times[i], bytes[i]) = (time.GetElapsedTime(started).TotalMilliseconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
        }
        Array.Sort(times);
        Array.Sort(bytes);
        return new(times[rounds / 2], bytes[rounds / 2]);
    }
}
