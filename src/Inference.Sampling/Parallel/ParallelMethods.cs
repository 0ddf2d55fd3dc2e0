using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>All parallel methods. The HTTP API, the command line and validation read this list; nothing is listed twice.</summary>
public static class ParallelMethods
{
    /// <summary>Every method.</summary>
    public static ImmutableArray<ParallelMethodDescriptor> All { get; } =
    [
        Picard.Descriptor, ParaTaa.Descriptor, Jacobi.Descriptor, Parareal.Descriptor, Chords.Descriptor, ParaDpmSolver.Descriptor, PicardConsistency.Descriptor,
    ];

    /// <summary>The method with an id or an alias, matched without regard to case; null when there is none.</summary>
    public static ParallelMethodDescriptor? Find(string name) =>
        All.FirstOrDefault(method => method.Aliases.Prepend(method.Id).Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Plans a run.</summary>
    /// <param name="request">What the request asks for.</param>
    /// <param name="sampling">The run.</param>
    /// <param name="guidance">How the prompt guides.</param>
    /// <param name="hasConsistencyModel">Whether the model comes with a consistency model.</param>
    /// <exception cref="SamplingOptionException">An option is wrong, or the method makes no sense for the sampler or the model; the message names it.</exception>
    public static ParallelPlan Plan(ParallelRequest request, SamplingPlan sampling, GuidanceOptions guidance, bool hasConsistencyModel)
    {
        var method = Find(request.Method)
            ?? throw new SamplingOptionException("parallel", $"Parallel method '{request.Method}' is unknown. Allowed: {string.Join(", ", All.Select(known => known.Id))}.");
        ParallelRefusals.Check(method, sampling, guidance, hasConsistencyModel);
        foreach (var name in request.Options.Keys)
            Require.That(method.Options.Any(option => option.Name == name), "parallel",
                $"'{name}' is not an option of {method.Id}. Allowed: {string.Join(", ", method.Options.Select(option => option.Name))}.");
        try
        {
            var values = method.Options.ToDictionary(
                option => option.Name,
                option => option == ParallelOptions.Window || !request.Options.TryGetValue(option.Name, out var value)
                    ? option.Default
                    : SamplerOptionReader.Checked(option, SamplerOptionReader.Normalized(value)));
            return new(method, sampling, new(values), ParallelOptions.Width(request.Options.GetValueOrDefault("window")));
        }
        catch (SamplingOptionException exception) when (exception.Parameter != "parallel")
        {
            throw new SamplingOptionException("parallel", $"'parallel' of method {method.Id}: {exception.Message}");
        }
    }
}
