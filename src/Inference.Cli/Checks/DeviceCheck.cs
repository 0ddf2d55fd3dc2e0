using Inference.Batching;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Measures a device with a model: agreement with the CPU, cost of an evaluation by rows and precision, mixed load, feature caching, Picard windows. What the time does
/// not suffice for is left out and said so.</summary>
/// <param name="folder">Model folder.</param>
/// <param name="providers">Providers to check.</param>
/// <param name="plan">How much is measured.</param>
/// <param name="threads">Threads of the CPU kernels.</param>
/// <param name="golden">File of golden cases, or null.</param>
/// <param name="deadline">When no further part begins.</param>
/// <param name="time">Clock.</param>
/// <param name="progress">Told what is being measured.</param>
internal sealed class DeviceCheck(string folder, ExecutionProviders providers, DeviceCheckPlan plan, int threads, string? golden, TimeSpan deadline, TimeProvider time, Action<string> progress) : IDisposable
{
    // Equal pictures are infinitely good, which no mean and no JSON can hold.
    private const double LargestPsnr = 200;

    private readonly Dictionary<Precision, CheckedModel> _models = [];
    private readonly long _started = time.GetTimestamp();

    public async Task RunAsync(DeviceCheckResult result, CancellationToken cancellationToken)
    {
        result.Precisions = await PrecisionsAsync(cancellationToken);
        if (!_models.TryGetValue(Precision.Float32, out var plain))
            throw new CommandException(result.Precisions[0].Error!);
        if (golden is null)
            result.LeftOut.Add("golden cases: no file of them");
        else
            await PartAsync("golden cases", async () => result.Golden = await GoldenPictures.RunAsync(plain.Pipeline, golden, cancellationToken));
        await PartAsync("cost curve", async () => result.Curve = await CurveAsync(result, cancellationToken));
        await PartAsync("mixed load", async () =>
        {
            using var single = new CheckedModel(folder, providers, threads, new(), maxRows: 1);
            result.Load = await LoadArms.RunAsync(plain.Pipeline, single.Pipeline, plan, time, cancellationToken);
        });
        await PartAsync("feature caching", async () => result.Caching = await CachingRounds.RunAsync(plain.Pipeline, plan, cancellationToken));
        await PartAsync("Picard windows", async () => result.Parallel = await ParallelRounds.RunAsync(plain.Pipeline, plan, cancellationToken));
        result.Seconds = time.GetElapsedTime(_started).TotalSeconds;

        async Task PartAsync(string name, Func<Task> part)
        {
            if (time.GetElapsedTime(_started) >= deadline)
            {
                result.LeftOut.Add($"{name}: the time was up");
                return;
            }
            progress(name);
            try
            {
                await part();
            }
            catch (Exception exception) when (exception is EvaluationException or ProviderFailedException or VariantException or AnalysisException or InvalidRequestException or GraphException)
            {
                result.LeftOut.Add($"{name}: {exception.Message}");
            }
        }
    }

    public void Dispose()
    {
        foreach (var model in _models.Values)
            model.Dispose();
    }

    // Every precision against the CPU's float32: one evaluation and final pictures.
    private async Task<IReadOnlyList<PrecisionCheck>> PrecisionsAsync(CancellationToken cancellationToken)
    {
        using var reference = new CheckedModel(folder, ExecutionProviders.Resolve([new() { Name = "cpu" }]), threads, new());
        var expected = await reference.PicturesAsync(plan.Pictures, cancellationToken);
        var checks = new List<PrecisionCheck>();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            progress($"precision {Precisions.NameOf(precision)}");
            try
            {
                var model = _models[precision] = new(folder, providers, threads, new() { Precision = precision });
                var pictures = await model.PicturesAsync(plan.Pictures, cancellationToken);
                var psnr = expected.Zip(pictures, ImageQuality.Psnr).Select(value => Math.Min(value, LargestPsnr)).Average();
                checks.Add(new(Precisions.NameOf(precision), model.Pipeline.DifferenceFrom(reference.Pipeline), psnr, null));
            }
            catch (Exception exception) when (exception is PrecisionException or EvaluationException or GraphException or GenerationFailedException)
            {
                if (_models.Remove(precision, out var broken))
                    broken.Dispose();
                checks.Add(new(Precisions.NameOf(precision), null, null, exception.Message));
            }
        }
        return checks;
    }

    private async Task<IReadOnlyList<StepCost>> CurveAsync(DeviceCheckResult result, CancellationToken cancellationToken)
    {
        var curve = new List<StepCost>();
        foreach (var rows in plan.Rows)
        {
            if (time.GetElapsedTime(_started) >= deadline)
            {
                result.LeftOut.Add($"cost curve from {rows} rows on: the time was up");
                break;
            }
            progress($"cost curve, {rows} rows");
            var times = await StepTiming.MeasureAsync([.. _models.Values.Select(model => model.Pipeline)], rows, plan.Rounds, time, cancellationToken);
            curve.Add(new(rows, _models.Keys.Zip(times).ToDictionary(entry => Precisions.NameOf(entry.First), entry => entry.Second)));
        }
        return curve;
    }
}
