namespace Inference.Sampling.Tests;

/// <summary>The samplers under contract: every one that is registered, with its default options.</summary>
internal static class SamplerSubjects
{
    public static IEnumerable<SamplerDescriptor> All => PaperSamplers.All;

    public static TheoryData<string> Ids => [.. All.Select(descriptor => descriptor.Id)];

    public static SamplerDescriptor Descriptor(string id) => All.Single(descriptor => descriptor.Id == id);

    /// <summary>The sampler with its defaults, except for the options given.</summary>
    public static ISampler Create(SamplerDescriptor descriptor, params (string Name, object Value)[] options)
    {
        var values = descriptor.Options.ToDictionary(option => option.Name, option => option.Default);
        foreach (var (name, value) in options)
            values[name] = value;
        return descriptor.Create(new(values));
    }

    /// <summary>Evaluations on a trajectory as the descriptor promises them; null for adaptive steps.</summary>
    public static int? Evaluations(SamplerDescriptor descriptor, Trajectory trajectory) =>
        descriptor.EvaluationsPerStep == 0 ? null : descriptor.EvaluationsPerStep * trajectory.Steps.Length;
}
