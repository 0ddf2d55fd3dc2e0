using System.Text.Json;

namespace Inference.Benchmarks;

/// <summary>Requests that have little in common: samplers, steps 8 to 30, guidance 1 to 7, prompts, seeds.</summary>
internal sealed class MixedRequests(int seed)
{
    private static readonly string[] Samplers = ["euler", "dpmpp-2m", "unipc", "deis", "heun"];
    private static readonly string[] Prompts = ["a red apple on a blue background", "a house in the snow", "a blue car on white", "a hamburger on a teal background, 3d render"];
    private readonly Random _random = new(seed);
    private int _count;

    /// <summary>The next request as a body for JSON.</summary>
    public Dictionary<string, object> Next()
    {
        var i = _count++;
        return new()
        {
            ["prompt"] = Prompts[_random.Next(Prompts.Length)],
            ["sampler"] = Samplers[i % Samplers.Length],
            ["num_inference_steps"] = _random.Next(8, 31),
            ["guidance_scale"] = _random.Next(1, 8),
            ["seed"] = i,
        };
    }

    /// <summary>The same mix as <c>inference loadtest</c> reads it.</summary>
    public static string Mix(int timeoutMilliseconds) => JsonSerializer.Serialize(new
    {
        requests = new[]
        {
            new
            {
                prompt = Prompts, sampler = Samplers, steps = Enumerable.Range(8, 23), guidance_scale = Enumerable.Range(1, 7), seed = "random",
                extra = new { timeout_ms = timeoutMilliseconds },
            },
        },
    });

    public double Uniform() => _random.NextDouble();
}
