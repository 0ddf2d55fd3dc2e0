namespace Inference.Sampling.Tests;

public class GuidedDenoiserTests
{
    private static readonly LatentShape Shape = new(1, 1, 2);
    private static readonly Conditioning Prompt = new([]);
    private static readonly Conditioning Negative = new([]);

    [Fact]
    public async Task DenoiseAsync_SubmitsBothRowsAsOneGroup()
    {
        var network = new RecordingNetwork();
        using var denoiser = Denoiser(network, 3);
        using Latent x = Latent.From(Shape, [2, 4]), clean = Latent.Rent(Shape);
        await denoiser.DenoiseAsync(x, new(1, 1) { Timestep = 7 }, clean, default);
        var group = Assert.Single(network.Groups);
        Assert.Equal([(Negative, 7d), (Prompt, 7d)], group);
        Assert.Equal((1, 2), (denoiser.Evaluations, denoiser.Rows));
        // The input is scaled: x / √2.
        Assert.Equal((float)(2 / Math.Sqrt(2)), network.LastInput);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task DenoiseAsync_WithoutGuidance_SubmitsOneRow(double scale, bool hasNegative)
    {
        var network = new RecordingNetwork();
        using var denoiser = new GuidedDenoiser(network, Predictions.Sample, Shape, Prompt, hasNegative ? Negative : null, scale);
        using Latent x = Latent.From(Shape, [2, 4]), clean = Latent.Rent(Shape);
        await denoiser.DenoiseAsync(x, new(1, 1), clean, default);
        Assert.Same(Prompt, Assert.Single(Assert.Single(network.Groups)).Conditioning);
        Assert.Equal((1, 1), (denoiser.Evaluations, denoiser.Rows));
    }

    [Fact]
    public async Task DenoiseAsync_SeveralQueries_AreOneGroup_EachWithItsLevelAndResult()
    {
        var network = new RecordingNetwork();
        using var denoiser = Denoiser(network, 2);
        var queries = Enumerable.Range(1, 3).Select(i => new DenoiseQuery(Latent.From(Shape, [i, -i]), new(1, 0) { Timestep = i }, Latent.Rent(Shape))).ToArray();
        await denoiser.DenoiseAsync(queries, default);
        Assert.Equal([1d, 1d, 2d, 2d, 3d, 3d], Assert.Single(network.Groups).Select(row => row.Timestep));
        // Conditional 10·x, unconditional x, scale 2: 19·x.
        Assert.Equal([19f, -19f, 38f, -38f, 57f, -57f], queries.SelectMany(query => query.Clean.Values.ToArray()));
        Assert.Equal((3, 6), (denoiser.Evaluations, denoiser.Rows));

        await denoiser.DenoiseAsync(queries.AsMemory(0, 1), default);
        Assert.Equal((4, 8), (denoiser.Evaluations, denoiser.Rows));
        Assert.Equal(2, network.Groups[1].Length);
    }

    [Fact]
    public async Task DenoiseAsync_AFailure_IsNotCounted_AndTheTokenReachesTheNetwork()
    {
        var network = new RecordingNetwork();
        using var denoiser = Denoiser(network, 3);
        using Latent x = Latent.From(Shape, [2, 4]), clean = Latent.Rent(Shape);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await denoiser.DenoiseAsync(x, new(1, 1), clean, new(canceled: true)));
        Assert.Equal((0, 0), (denoiser.Evaluations, denoiser.Rows));
        await denoiser.DenoiseAsync(x, new(1, 1), clean, default);
        Assert.Equal((1, 2), (denoiser.Evaluations, denoiser.Rows));
    }

    private static GuidedDenoiser Denoiser(INetwork network, double scale) => new(network, Predictions.Sample, Shape, Prompt, Negative, scale);

    // Conditional 10·input, unconditional the input itself.
    private sealed class RecordingNetwork : INetwork
    {
        public List<(Conditioning Conditioning, double Timestep)[]> Groups { get; } = [];

        public float LastInput { get; private set; }

        public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Groups.Add([.. rows.ToArray().Select(row => (row.Conditioning, row.Timestep))]);
            foreach (var row in rows.Span)
            {
                row.Output.Set((ReferenceEquals(row.Conditioning, Prompt) ? 10 : 1) * row.Input);
                LastInput = row.Input.Values[0];
            }
            return ValueTask.CompletedTask;
        }
    }
}
