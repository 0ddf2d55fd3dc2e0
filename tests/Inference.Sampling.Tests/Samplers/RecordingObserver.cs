namespace Inference.Sampling.Tests;

/// <summary>Keeps copies of everything it is told.</summary>
internal sealed class RecordingObserver : ISamplingObserver
{
    public List<(int Step, int Stage, float[] X, float[] Clean)> States { get; } = [];

    public void OnState(int step, int stage, Latent x, Latent clean) => States.Add((step, stage, x.Values.ToArray(), clean.Values.ToArray()));
}
