using System.Security.Cryptography;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request that can be served: what is generated, when, and how it goes out.</summary>
/// <param name="Request">What is generated.</param>
/// <param name="Settings">The same with the model's defaults.</param>
/// <param name="Output">The format.</param>
/// <param name="Scheduling">Priority and deadline.</param>
/// <param name="Stream">How it is streamed, or null.</param>
/// <param name="Body">As it came.</param>
internal sealed record CheckedRequest(
    GenerationRequest Request, GenerationSettings Settings, ImageOptions Output, SchedulingOptions Scheduling, StreamOptions? Stream, ImageGenerationBody Body);

/// <summary>Turns a request body into what is generated and how it goes out; every problem is reported at once.</summary>
internal static class GenerationRequestReader
{
    /// <exception cref="InvalidRequestException">Something cannot be served.</exception>
    public static CheckedRequest Read(ImageGenerationBody body, RgbImage? image, RequestHints hints, DiffusionPipeline pipeline, QueueOptions queue, GenerationLimits limits)
    {
        var problems = new List<RequestProblem>();
        var output = ImageOptions.Read(body, hints.Pictures, problems);
        var scheduling = SchedulingOptions.Read(body, hints.Timeout, queue, problems);
        var stream = StreamOptions.Read(body, output.AsBytes, problems);
        if (pipeline.Classes == 0 && string.IsNullOrWhiteSpace(body.Prompt))
            problems.Add(new("prompt", "'prompt' must not be empty."));
        var request = new GenerationRequest
        {
            Prompt = body.Prompt ?? "",
            NegativePrompt = body.NegativePrompt,
            ClassLabels = body.ClassLabel is { } label ? [label] : [],
            Image = image,
            Strength = body.Strength,
            Size = ReadSize(body.Size, pipeline, problems),
            Steps = body.NumInferenceSteps,
            GuidanceScale = body.GuidanceScale,
            GuidanceRescale = body.GuidanceRescale ?? 0,
            GuidanceInterval = ReadInterval(body.GuidanceInterval, problems),
            GuidanceAdaptiveThreshold = body.GuidanceAdaptiveThreshold,
            Sampler = body.Sampler,
            SamplerOptions = ReadOptions(body.SamplerOptions, problems),
            Schedule = body.Schedule,
            Rho = body.Rho,
            Spacing = body.Spacing,
            FlowShift = body.FlowShift,
            Timesteps = body.Timesteps,
            Sigmas = body.Sigmas,
            End = body.End ?? 1,
            EndSigma = body.EndSigma,
            Cache = CacheField.Read(body.Cache, problems),
            CachePreset = body.CachePreset,
            Parallel = ParallelField.Read(body.Parallel, problems),
            Noise = ReadNoise(body.Noise, problems),
            Seed = body.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue),
            Count = body.N ?? 1,
            Sharing = scheduling.Sharing,
        };
        try
        {
            var settings = pipeline.Check(request, limits);
            if (problems.Count == 0)
                return new(request, settings, output, scheduling, stream, body);
        }
        catch (InvalidRequestException invalid)
        {
            problems.AddRange(invalid.Problems);
        }
        throw new InvalidRequestException(problems);
    }

    private static ImageSize? ReadSize(string? text, DiffusionPipeline pipeline, List<RequestProblem> problems)
    {
        if (text is null or "auto")
            return null;
        if (ImageSize.TryParse(text, out var size))
            return size;
        problems.Add(new("size", $"'size' must be WIDTHxHEIGHT or auto; model '{pipeline.Name}' makes {pipeline.Sizes}."));
        return null;
    }

    private static (double Low, double High)? ReadInterval(double[]? ends, List<RequestProblem> problems)
    {
        if (ends is [var low, var high])
            return (low, high);
        if (ends is not null)
            problems.Add(new("guidance_interval", "'guidance_interval' must have two numbers, low and high."));
        return null;
    }

    private static NoiseSource ReadNoise(string? name, List<RequestProblem> problems)
    {
        if (name is not (null or "cpu" or "gpu"))
            problems.Add(new("noise", "'noise' must be cpu or gpu."));
        return name == "gpu" ? NoiseSource.Gpu : NoiseSource.Cpu;
    }

    private static Dictionary<string, object>? ReadOptions(Dictionary<string, JsonElement>? options, List<RequestProblem> problems)
    {
        if (options is null)
            return null;
        var values = new Dictionary<string, object>();
        foreach (var (name, value) in options)
            switch (value.ValueKind)
            {
                case JsonValueKind.Number:
                    values[name] = value.GetDouble();
                    break;
                case JsonValueKind.String:
                    values[name] = value.GetString()!;
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    values[name] = value.GetBoolean();
                    break;
                default:
                    problems.Add(new("sampler_options", $"'sampler_options.{name}' must be a number, a string, true or false."));
                    break;
            }
        return values;
    }
}
