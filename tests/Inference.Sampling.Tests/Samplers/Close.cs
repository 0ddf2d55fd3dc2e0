namespace Inference.Sampling.Tests;

/// <summary>Comparison with stored states, relative where values exceed 1.</summary>
internal static class Close
{
    public static void Assert(double[] expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(actual[i] - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
            Xunit.Assert.True(difference <= tolerance, $"{what}, value {i}: {actual[i]} instead of {expected[i]}, {difference:g3} > {tolerance:g3}");
        }
    }
}

/// <summary>Keeps the start and every state reached.</summary>
internal sealed class StateRecorder(Latent start) : ISamplingObserver
{
    public List<float[]> All { get; } = [start.Values.ToArray()];

    public void OnState(int step, int stage, Latent x, Latent clean) => All.Add(x.Values.ToArray());
}
