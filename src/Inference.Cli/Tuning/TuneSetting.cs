using System.Globalization;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>A setting that a search may choose.</summary>
/// <param name="Sampler">Id of the sampler.</param>
/// <param name="Schedule">The schedule; null is the model's own, or levels of its own.</param>
/// <param name="Steps">Steps; those of <paramref name="Sigmas"/> where there are some.</param>
/// <param name="Sigmas">Levels σ/α to visit, or null.</param>
/// <param name="Cache">Cache policy with its options, or null.</param>
internal sealed record TuneSetting(string Sampler, string? Schedule, int Steps, IReadOnlyList<double>? Sigmas = null, CacheRequest? Cache = null)
{
    /// <summary>Tells settings apart, and says what they are.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Sampler} {(Sigmas is null ? $"{Schedule ?? "own"} {Steps}" : $"[{string.Join(' ', Sigmas.Select(sigma => sigma.ToString("0.####", CultureInfo.InvariantCulture)))}]")}{CacheText}");

    private string CacheText => Cache is null ? "" : $" {Cache.Policy}({string.Join(", ", Cache.Options.Select(option => string.Create(CultureInfo.InvariantCulture, $"{option.Key}={option.Value}")))})";

    /// <summary>The request for a prompt.</summary>
    public GenerationRequest Request(string prompt, long seed) => new()
    {
        Prompt = prompt,
        Seed = seed,
        Sampler = Sampler,
        Schedule = Schedule,
        Steps = Sigmas is null ? Steps : null,
        Sigmas = Sigmas,
        Cache = Cache,
    };
}
