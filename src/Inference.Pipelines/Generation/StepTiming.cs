using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Times evaluations of networks as requests have them: rows with a prompt each, through the bound buffers, padding included.</summary>
public static class StepTiming
{
    private const int WarmUps = 2;
    private const double Timestep = 500;

    /// <summary>Medians over rounds in which the models take turns, so that what else the machine does meets all of them.</summary>
    /// <param name="pipelines">Models; nothing else should use them meanwhile.</param>
    /// <param name="rows">Rows of an evaluation, ≥ 1.</param>
    /// <param name="rounds">Evaluations each median is over, ≥ 1.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends it between two evaluations.</param>
    /// <returns>Milliseconds of one evaluation of each model.</returns>
    /// <exception cref="ProviderFailedException">The device failed.</exception>
    /// <exception cref="EvaluationException">A network cannot be evaluated.</exception>
    public static async Task<double[]> MeasureAsync(IReadOnlyList<DiffusionPipeline> pipelines, int rows, int rounds, TimeProvider time, CancellationToken cancellationToken)
    {
        var batches = new List<Batch>();
        try
        {
            foreach (var pipeline in pipelines)
                batches.Add(await Batch.CreateAsync(pipeline, rows, cancellationToken));
            var times = batches.Select(_ => new List<double>()).ToArray();
            for (var round = -WarmUps; round < rounds; round++)
                for (var i = 0; i < batches.Count; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    // Every other round backwards: a model's neighbours change.
                    var at = round % 2 == 0 ? i : batches.Count - 1 - i;
                    var started = time.GetTimestamp();
                    batches[at].Evaluate();
                    if (round >= 0)
                        times[at].Add(time.GetElapsedTime(started).TotalMilliseconds);
                }
            return [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
        }
        finally
        {
            foreach (var batch in batches)
                batch.Dispose();
        }
    }

    private sealed class Batch(DiffusionPipeline pipeline, BatchKey key, NetworkRow[] rows) : IDisposable
    {
        public static async Task<Batch> CreateAsync(DiffusionPipeline pipeline, int rows, CancellationToken cancellationToken)
        {
            var parts = pipeline.Parts;
            var (size, shape) = (parts.Sizes.Default, parts.LatentOf(parts.Sizes.Default));
            var condition = (await parts.Conditioner.EncodeAsync(new("a red apple", null, 0, 1, size), cancellationToken)).Conditional;
            var noise = new PhiloxNoise(1);
            return new(pipeline, new(BatchKey.Full, shape, condition.ShapeKey), [.. Enumerable.Range(0, rows).Select(i =>
            {
                var input = Latent.Rent(shape);
                noise.Fill(i, input);
                return new NetworkRow(input, Timestep, condition, Latent.Rent(shape));
            })]);
        }

        public void Evaluate() => pipeline.Parts.Denoiser.Evaluate(key, rows);

        public void Dispose()
        {
            foreach (var row in rows)
            {
                row.Input.Dispose();
                row.Output.Dispose();
            }
        }
    }
}
