using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server;

/// <summary>One schedule under the web UI's names.</summary>
/// <param name="Name">Name in requests.</param>
/// <param name="Label">Name that people see; requests may have it too.</param>
/// <param name="Schedule">Our name; null is the model's own.</param>
internal sealed record WebUiSchedule(string Name, string Label, string? Schedule);

/// <summary>The web UI's names of samplers and schedules.</summary>
internal static class WebUiNames
{
    private static readonly (string Name, string Id)[] Known =
    [
        ("Euler a", "euler-a"), ("Euler", "euler"), ("LMS", "lms"), ("Heun", "heun"), ("DPM2", "dpm2"), ("DPM2 a", "dpm2-a"), ("DPM++ 2S a", "dpmpp-2s-a"),
        ("DPM++ 2M", "dpmpp-2m"), ("DPM++ SDE", "dpmpp-sde"), ("DPM++ 2M SDE", "dpmpp-2m-sde"), ("DPM++ 3M SDE", "dpmpp-3m-sde"), ("DPM fast", "dpm-fast"),
        ("DPM adaptive", "dpm-adaptive"), ("DDIM", "ddim"), ("PLMS", "plms"), ("UniPC", "unipc"), ("LCM", "lcm"),
    ];

    /// <summary>The schedules that are offered.</summary>
    public static IReadOnlyList<WebUiSchedule> Schedules { get; } =
    [
        new("automatic", "Automatic", null), new("uniform", "Uniform", "uniform"), new("karras", "Karras", "karras"), new("exponential", "Exponential", "exponential"),
        new("polyexponential", "Polyexponential", "polyexponential"), new("align_your_steps", "Align Your Steps", "ays"), new("simple", "Simple", "simple"),
        new("normal", "Normal", "normal"), new("beta", "Beta", "beta"),
    ];

    /// <summary>The web UI's name of a sampler; our own where it has none.</summary>
    public static string Of(SamplerDescriptor sampler) => Known.FirstOrDefault(known => known.Id == sampler.Id).Name ?? sampler.Id;

    /// <summary>The sampler of a name of the web UI or of ours, and the schedule it implies: older versions had names such as "DPM++ SDE Karras".</summary>
    public static (SamplerDescriptor? Sampler, string? Schedule) Find(string name)
    {
        foreach (var schedule in new[] { "Karras", "Exponential" })
            if (name.EndsWith($" {schedule}", StringComparison.OrdinalIgnoreCase) && FindPlain(name[..^(schedule.Length + 1)]) is { } sampler)
                return (sampler, schedule.ToLowerInvariant());
        return (FindPlain(name), null);
    }

    /// <summary>Our name of a schedule; null for the model's own.</summary>
    public static string? ScheduleOf(string? name, List<RequestProblem> problems)
    {
        if (string.IsNullOrEmpty(name))
            return null;
        foreach (var known in Schedules)
            if (string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(known.Label, name, StringComparison.OrdinalIgnoreCase))
                return known.Schedule;
        problems.Add(new("scheduler", $"'scheduler' must be one of {string.Join(", ", Schedules.Select(known => known.Label))}."));
        return null;
    }

    private static SamplerDescriptor? FindPlain(string name) =>
        SamplerRegistry.Find(Known.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase)).Id ?? name);
}
