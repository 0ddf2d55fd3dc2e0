using Inference.Pipelines;

namespace Inference.Server;

/// <summary>How one generation request ended, for metrics.</summary>
internal sealed class RequestOutcome
{
    public string Model { get; set; } = "none";

    public string Sampler { get; set; } = "none";

    public int Status { get; private set; } = 200;

    public GenerationResult? Result { get; private set; }

    public TimingReport? Timings { get; private set; }

    public void Succeeded(GenerationResult result, TimingReport timings) => (Result, Timings) = (result, timings);

    public void Failed(int status) => Status = status;
}
