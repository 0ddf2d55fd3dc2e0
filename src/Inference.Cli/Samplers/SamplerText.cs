using System.Globalization;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>Facts of the registry in words, for the terminal and for the documentation.</summary>
internal static class SamplerText
{
    public static string Calls(SamplerDescriptor sampler) =>
        sampler.EvaluationsPerStep == 0 ? "adaptive" : sampler.EvaluationsPerStep.ToString(CultureInfo.InvariantCulture);

    public static string Order(SamplerDescriptor sampler) =>
        sampler.Order == 0 ? "-" : sampler.Order.ToString(CultureInfo.InvariantCulture);

    public static string YesNo(bool value) => value ? "yes" : "no";

    public static string Processes(SamplerDescriptor sampler) => string.Join(", ", sampler.Processes.Select(process => process switch
    {
        NoiseProcess.VariancePreserving => "VP",
        NoiseProcess.Flow => "flow",
        NoiseProcess.Edm => "EDM",
        _ => process.ToString(),
    }));

    public static string Alias(SamplerAlias alias) => alias.Schedule is null ? alias.Name : $"{alias.Name} (schedule {alias.Schedule})";

    public static string Default(SamplerOption option) => option.Default switch
    {
        true => "true",
        false => "false",
        "" => "none",
        double.PositiveInfinity => "no limit",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    public static string Range(SamplerOption option) => option.Default switch
    {
        bool => "true, false",
        string => option.Allowed.IsEmpty ? "text" : string.Join(", ", option.Allowed),
        _ => (option.IsInteger ? "integer" : "number") + Bounds(option),
    };

    private static string Bounds(SamplerOption option) => (double.IsFinite(option.Minimum), double.IsFinite(option.Maximum)) switch
    {
        (true, true) => string.Create(CultureInfo.InvariantCulture, $", {option.Minimum} to {option.Maximum}"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $", at least {option.Minimum}"),
        (false, true) => string.Create(CultureInfo.InvariantCulture, $", at most {option.Maximum}"),
        _ => "",
    };
}
