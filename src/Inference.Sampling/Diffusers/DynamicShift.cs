using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Shifts by number of image tokens, as the pipelines of flow models compute them (<c>use_dynamic_shifting</c>).</summary>
internal static class DynamicShift
{
    public static ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Flag("use_dynamic_shifting", false),
        Setting.Number("base_shift", 0.5),
        Setting.Number("max_shift", 1.15),
        Setting.Integer("base_image_seq_len", 256, 1, int.MaxValue),
        Setting.Integer("max_image_seq_len", 4096, 2, int.MaxValue),
        Setting.OneOf("time_shift_type", "exponential", "exponential", "linear"),
    ];

    /// <summary>The shift factor of a model for a picture: e^μ, or μ itself for the linear kind; null where shifts do not depend on the picture.</summary>
    /// <param name="values">The model's explicit settings.</param>
    /// <param name="tokens">Number of image tokens.</param>
    /// <exception cref="SamplingOptionException">The model needs the number of tokens and it is not given.</exception>
    public static double? Of(ImmutableDictionary<string, object?> values, int? tokens)
    {
        if (values.GetValueOrDefault("use_dynamic_shifting") is not true)
            return null;
        if (tokens is not { } count)
            throw new SamplingOptionException("image_tokens", "The model's shift depends on the picture: give image_tokens or flow_shift.");
        var mu = FlowShift.Mu(count, (int)Number("base_image_seq_len"), (int)Number("max_image_seq_len"), Number("base_shift"), Number("max_shift"));
        return values.GetValueOrDefault("time_shift_type") is "linear" ? mu : Math.Exp(mu);

        double Number(string name) => values.GetValueOrDefault(name) as double? ?? (double)Settings.First(setting => setting.Name == name).Default!;
    }
}
