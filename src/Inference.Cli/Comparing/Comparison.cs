using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>One picture of a comparison.</summary>
/// <param name="Prompt">Index of its prompt.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Arm">Index of its arm.</param>
/// <param name="Picture">The picture and what it took.</param>
/// <param name="Milliseconds">Text, denoising and decoding, alone on the machine.</param>
/// <param name="Psnr">dB to the reference arm's picture, +∞ for an equal one; null of the reference itself.</param>
/// <param name="Ssim">Structural similarity to it; null of the reference, and of pictures too small for it.</param>
/// <param name="Gmsd">Gradient magnitude similarity deviation from it; null of the reference, and of pictures too small for it.</param>
internal sealed record ComparedPicture(int Prompt, long Seed, int Arm, GeneratedImage Picture, double Milliseconds, double? Psnr, double? Ssim, double? Gmsd);

/// <summary>Runs every prompt with every seed through every arm, one picture at a time. The arms take turns in going first, so that what the machine does meanwhile meets all of them.</summary>
internal sealed class Comparison(DiffusionPipeline pipeline, IReadOnlyList<string> prompts, IReadOnlyList<long> seeds, IReadOnlyList<ArmArgument> arms, int reference, TimeProvider time)
{
    private static readonly GenerationLimits Limits = new() { MaxSteps = 1000 };

    /// <summary>The names of the fields of what cannot be served, with the arm's name.</summary>
    /// <exception cref="CommandException">An arm cannot be served.</exception>
    public void Check()
    {
        foreach (var arm in arms)
            try
            {
                pipeline.Check(Request(arm, 0, seeds[0]), Limits);
            }
            catch (InvalidRequestException invalid)
            {
                throw new CommandException($"arm '{arm.Name}': {invalid.Message}");
            }
    }

    /// <summary>The pictures, prompt by prompt and seed by seed, arms in their order.</summary>
    public async IAsyncEnumerable<ComparedPicture> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Graphs are loaded, forms derived and buffers bound by a run that does not count.
        foreach (var arm in arms)
            await pipeline.GenerateAsync(Request(arm, 0, seeds[0]), Limits, null, cancellationToken);
        var turn = 0;
        for (var prompt = 0; prompt < prompts.Count; prompt++)
            foreach (var seed in seeds)
            {
                var runs = new (GeneratedImage Picture, double Milliseconds)[arms.Count];
                for (var i = 0; i < arms.Count; i++)
                {
                    var arm = (turn + i) % arms.Count;
                    var started = time.GetTimestamp();
                    var result = await pipeline.GenerateAsync(Request(arms[arm], prompt, seed), Limits, null, cancellationToken);
                    runs[arm] = (result.Images[0], time.GetElapsedTime(started).TotalMilliseconds);
                }
                turn++;
                for (var arm = 0; arm < arms.Count; arm++)
                    yield return Compare(prompt, seed, arm, runs[arm].Picture, runs[arm].Milliseconds, runs[reference].Picture.Image);
            }
    }

    private ComparedPicture Compare(int prompt, long seed, int arm, GeneratedImage picture, double milliseconds, RgbImage expected)
    {
        var (image, least) = (picture.Image, Math.Min(expected.Width, expected.Height));
        return arm == reference || (image.Width, image.Height) != (expected.Width, expected.Height)
            ? new(prompt, seed, arm, picture, milliseconds, null, null, null)
            : new(
                prompt, seed, arm, picture, milliseconds, ImageQuality.Psnr(expected, image), least >= StructuralSimilarity.LeastSide ? StructuralSimilarity.Of(expected, image) : null,
                least >= GradientSimilarity.LeastSide ? GradientSimilarity.Deviation(expected, image) : null);
    }

    private GenerationRequest Request(ArmArgument arm, int prompt, long seed) => arm.Request with { Prompt = prompts[prompt], Seed = seed };
}
