using System.CommandLine;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>Options that say how a picture is made; what it shows is up to the command.</summary>
internal sealed class RequestArguments
{
    private readonly Option<string?> _negative = new("--negative-prompt") { Description = "What the picture should not show." };
    private readonly Option<string?> _size = new("--size") { Description = "WIDTHxHEIGHT." };
    private readonly Option<int?> _steps = new("--steps") { Description = "Denoising steps." };
    private readonly Option<string?> _sampler = new("--sampler") { Description = "Name or alias of a sampler; see 'inference samplers'." };
    private readonly Option<string[]> _options = new("--sampler-option") { Description = "Option of the sampler as name=value; may be repeated." };
    private readonly Option<string?> _schedule = new("--schedule") { Description = $"Sigma schedule: {string.Join(", ", SigmaRampNames.All)}." };
    private readonly Option<double?> _rho = new("--rho") { Description = "Exponent of the schedules karras, polynomial and polyexponential." };
    private readonly Option<string?> _spacing = new("--spacing") { Description = "Timestep spacing: linspace, leading, trailing." };
    private readonly Option<double> _rescale = new("--guidance-rescale") { Description = "Guidance rescale, 0 (off) to 1." };
    private readonly Option<NoiseSource> _noise = new("--noise") { Description = "Whose noise a seed stands for: torch's CPU generator or CUDA's Philox." };
    private readonly Option<double?> _guidance = new("--guidance-scale", "--guidance") { Description = "Classifier-free guidance scale; 1 is off." };
    private readonly Option<string?> _cache = new("--cache") { Description = $"Feature cache policy: {string.Join(", ", CachePolicies.All.Select(policy => policy.Id))}; see 'inference cache-policies'." };
    private readonly Option<string[]> _cacheOptions = new("--cache-option") { Description = "Option of the cache policy as name=value; may be repeated." };
    private readonly Option<string?> _preset = new("--cache-preset") { Description = $"Cache preset of a calibrated model in place of --cache: {string.Join(", ", CachePreset.Names)}." };
    private readonly Option<string?> _parallel = new("--parallel") { Description = $"Several steps side by side: {string.Join(", ", ParallelMethods.All.Select(method => method.Id))}; see 'inference parallel-methods'." };
    private readonly Option<string[]> _parallelOptions = new("--parallel-option") { Description = "Option of the parallel method as name=value (tolerance=0.1, window=8, ...); may be repeated." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _negative, _size, _steps, _sampler, _options, _schedule, _rho, _spacing, _guidance, _rescale, _noise, _cache, _cacheOptions, _preset, _parallel, _parallelOptions })
            command.Options.Add(option);
    }

    /// <summary>What they say; the prompt is empty.</summary>
    /// <exception cref="CommandException">A value is not of the form that is expected.</exception>
    public GenerationRequest Read(ParseResult parsed) => new()
    {
        Prompt = "",
        NegativePrompt = parsed.GetValue(_negative),
        Size = parsed.GetValue(_size) is not { } size ? null : ImageSize.TryParse(size, out var value) ? value : throw new CommandException($"--size must be WIDTHxHEIGHT, not '{size}'."),
        Steps = parsed.GetValue(_steps),
        Sampler = parsed.GetValue(_sampler),
        SamplerOptions = NamedOptions.Read("--sampler-option", parsed.GetValue(_options)),
        Cache = NamedOptions.ReadCache(parsed.GetValue(_cache), parsed.GetValue(_cacheOptions)),
        CachePreset = parsed.GetValue(_preset),
        Parallel = NamedOptions.ReadParallel(parsed.GetValue(_parallel), parsed.GetValue(_parallelOptions)),
        Schedule = parsed.GetValue(_schedule),
        Rho = parsed.GetValue(_rho),
        Spacing = parsed.GetValue(_spacing),
        GuidanceRescale = parsed.GetValue(_rescale),
        Noise = parsed.GetValue(_noise),
        GuidanceScale = parsed.GetValue(_guidance),
    };
}
