using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>What a setting gave on some prompts.</summary>
/// <param name="Psnr">Mean PSNR to the reference in dB.</param>
/// <param name="Error">Standard error of that mean; 0 of one prompt.</param>
/// <param name="Evaluations">Mean evaluations of the guided denoiser.</param>
/// <param name="FullShare">Mean share of network rows computed in full.</param>
internal sealed record TuneScore(double Psnr, double Error, double Evaluations, double FullShare);

/// <summary>Runs settings on prompts and compares with the reference's pictures. Each setting is run once a prompt; prompt i has seed i.</summary>
internal sealed class TuneBench(DiffusionPipeline pipeline, GenerationRequest reference, IReadOnlyList<string> prompts)
{
    // Equal pictures have no finite PSNR, and a mean needs one.
    private const double Most = 99;
    private const int Together = 4;

    private static readonly GenerationLimits Limits = new() { MaxSteps = 1000 };

    private readonly Dictionary<string, List<(double Psnr, double Evaluations, double FullShare)>> _runs = [];
    private readonly List<RgbImage> _expected = [];

    public DiffusionPipeline Pipeline => pipeline;

    public IReadOnlyList<string> Prompts => prompts;

    /// <summary>Evaluations of the guided denoiser so far, those of the reference included.</summary>
    public long Spent { get; private set; }

    /// <summary>Evaluations that a setting takes; null where it cannot be served, or depends on the data.</summary>
    public int? Evaluations(TuneSetting setting)
    {
        try
        {
            return pipeline.Check(setting.Request(prompts[0], 0), Limits).Evaluations;
        }
        catch (InvalidRequestException)
        {
            return null;
        }
    }

    /// <summary>The score on the first prompts; null where the setting gives no picture.</summary>
    public async Task<TuneScore?> ScoreAsync(TuneSetting setting, int count, CancellationToken cancellationToken)
    {
        while (_expected.Count < count)
            await ExpectAsync(cancellationToken);
        if (!_runs.TryGetValue(setting.Key, out var runs))
            _runs.Add(setting.Key, runs = []);
        try
        {
            while (runs.Count < count)
            {
                var from = runs.Count;
                var indices = Enumerable.Range(from, Math.Min(Together, count - from)).ToArray();
                var results = await Task.WhenAll(indices.Select(index => pipeline.GenerateAsync(setting.Request(prompts[index], index), Limits, null, cancellationToken)));
                foreach (var (index, result) in indices.Zip(results))
                {
                    var picture = result.Images[0];
                    Spent += picture.Evaluations;
                    runs.Add((Math.Min(Most, ImageQuality.Psnr(_expected[index], picture.Image)), picture.Evaluations, picture.Cache?.FullShare ?? 1));
                }
            }
        }
        catch (Exception exception) when (exception is InvalidRequestException or GenerationFailedException or SamplingOptionException)
        {
            return null;
        }
        var psnr = Inference.Experiments.Moments.Of(runs.Take(count).Select(run => run.Psnr));
        return new(psnr.Mean, Math.Sqrt(psnr.Variance / count), runs.Take(count).Average(run => run.Evaluations), runs.Take(count).Average(run => run.FullShare));
    }

    private async Task ExpectAsync(CancellationToken cancellationToken)
    {
        var indices = Enumerable.Range(_expected.Count, Math.Min(Together, prompts.Count - _expected.Count)).ToArray();
        var results = await Task.WhenAll(indices.Select(index => pipeline.GenerateAsync(reference with { Prompt = prompts[index], Seed = index }, Limits, null, cancellationToken)));
        foreach (var result in results)
        {
            Spent += result.Images[0].Evaluations;
            _expected.Add(result.Images[0].Image);
        }
    }
}
