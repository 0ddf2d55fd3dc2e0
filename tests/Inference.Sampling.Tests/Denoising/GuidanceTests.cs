namespace Inference.Sampling.Tests;

public class GuidanceTests
{
    private static readonly LatentShape _shape = new(1, 2, 2);
    private static readonly Conditioning _prompt = new([]);
    private static readonly Conditioning _negative = new([]);

    [Fact]
    public async Task Scale_ExtrapolatesFromUnconditionalToConditional()
    {
        var network = new TwoBranchNetwork([1, 2, 3, 4], [0, 1, 1, 2]);
        var clean = await CleanAsync(network, new() { Scale = 3 }, Level(1));
        Assert.Equal([3f, 4f, 7f, 8f], clean);
        Assert.Equal(2, network.Rows);
    }

    [Fact]
    public async Task ScaleOne_EvaluatesOneRow()
    {
        var network = new TwoBranchNetwork([1, 2, 3, 4], [0, 1, 1, 2]);
        var clean = await CleanAsync(network, GuidanceOptions.None, Level(1));
        Assert.Equal([1f, 2f, 3f, 4f], clean);
        Assert.Equal(1, network.Rows);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    [InlineData(1)]
    public async Task Rescale_BringsStandardDeviationToTheConditionalOne(double phi)
    {
        float[] conditional = [1, -2, 3, 0.5f];
        float[] unconditional = [0.5f, 1, -1, 2];
        var guided = conditional.Zip(unconditional, (c, u) => u + 5 * (c - u)).ToArray();
        var expected = phi * Deviation(conditional) + (1 - phi) * Deviation(guided);

        var clean = await CleanAsync(new(conditional, unconditional), new() { Scale = 5, Rescale = phi }, Level(1));

        Assert.Equal(expected, Deviation(clean), 1e-5);
        Assert.Equal(guided[0] / guided[1], clean[0] / clean[1], 1e-5);
    }

    [Theory]
    [InlineData(0.28, 1)]
    [InlineData(0.29, 2)]
    [InlineData(5.42, 2)]
    [InlineData(5.43, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    public async Task Interval_EvaluatesOneRowOutside(double kappa, int rows)
    {
        var network = new TwoBranchNetwork([1, 2, 3, 4], [0, 1, 1, 2]);
        var level = double.IsInfinity(kappa) ? new NoiseLevel(0, 1) : Level(kappa);
        var clean = await CleanAsync(network, new() { Scale = 3, Interval = (0.28, 5.42) }, level);
        Assert.Equal(rows, network.Rows);
        Assert.Equal(rows == 2 ? 3 : 1, clean[0]);
    }

    [Fact]
    public async Task AdaptiveThreshold_DropsTheUnconditionalRowBelowTheLevelOfAgreement()
    {
        var network = new TwoBranchNetwork([1, 0, 0, 0], [0, 1, 0, 0]);
        using var denoiser = Denoiser(network, new() { Scale = 3, AdaptiveThreshold = 0.99 });
        // The noises are (x - D)/κ: at first (0,1,1,1) and (1,0,1,1), cosine 2/3, then all but parallel.
        using var x = Latent.From(_shape, [1, 1, 1, 1]);
        using var clean = Latent.Rent(_shape);

        await denoiser.DenoiseAsync(x, Level(1), clean, default);
        Assert.Equal((1, 2), (denoiser.Evaluations, denoiser.Rows));
        network.Unconditional = [1, 0.01f, 0, 0];
        await denoiser.DenoiseAsync(x, Level(0.5), clean, default);
        Assert.Equal((2, 4), (denoiser.Evaluations, denoiser.Rows));
        await denoiser.DenoiseAsync(x, Level(0.4), clean, default);
        Assert.Equal((3, 5), (denoiser.Evaluations, denoiser.Rows));
        Assert.Equal([1f, 0f, 0f, 0f], clean.Values.ToArray());
        await denoiser.DenoiseAsync(x, Level(0.6), clean, default);
        Assert.Equal((4, 7), (denoiser.Evaluations, denoiser.Rows));
    }

    [Theory]
    [InlineData("guidance_scale", -1, 0, 0, 1, 1)]
    [InlineData("guidance_scale", double.NaN, 0, 0, 1, 1)]
    [InlineData("guidance_rescale", 2, 1.5, 0, 1, 1)]
    [InlineData("guidance_interval", 2, 0, -1, 1, 1)]
    [InlineData("guidance_interval", 2, 0, 1, 1, 1)]
    [InlineData("guidance_adaptive_threshold", 2, 0, 0, 1, 1.1)]
    public void Validate_NamesTheField(string field, double scale, double rescale, double low, double high, double threshold)
    {
        var options = new GuidanceOptions { Scale = scale, Rescale = rescale, Interval = (low, high), AdaptiveThreshold = threshold };
        var error = Assert.Throws<SamplingOptionException>(options.Validate);
        Assert.Equal(field, error.Parameter);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Denoise_AllocatesNothingInSteadyState()
    {
        var network = new TwoBranchNetwork([1, 2, 3, 4], [0, 1, 1, 2]);
        using var denoiser = Denoiser(network, new() { Scale = 3, Rescale = 0.5, Interval = (0.1, 10), AdaptiveThreshold = 1 });
        using var x = Latent.From(_shape, [1, 1, 1, 1]);
        using var clean = Latent.Rent(_shape);
        void Run()
        {
            for (var i = 0; i < 100; i++)
            {
                var call = denoiser.DenoiseAsync(x, Level(1), clean, default);
                Assert.True(call.IsCompleted);
                call.GetAwaiter().GetResult();
            }
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static NoiseLevel Level(double kappa) => new(1, kappa);

    private static GuidedDenoiser Denoiser(TwoBranchNetwork network, GuidanceOptions guidance) =>
        new(network, Predictions.Sample, _shape, _prompt, _negative, guidance);

    private static async Task<float[]> CleanAsync(TwoBranchNetwork network, GuidanceOptions guidance, NoiseLevel level)
    {
        using var denoiser = Denoiser(network, guidance);
        using var x = Latent.From(_shape, [1, 1, 1, 1]);
        using var clean = Latent.Rent(_shape);
        await denoiser.DenoiseAsync(x, level, clean, default);
        Assert.Equal(network.Rows, denoiser.Rows);
        return clean.Values.ToArray();
    }

    private static double Deviation(float[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private sealed class TwoBranchNetwork(float[] conditional, float[] unconditional) : INetwork
    {
        public float[] Unconditional { get; set; } = unconditional;

        public int Rows { get; private set; }

        public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
        {
            foreach (var row in rows.Span)
                (ReferenceEquals(row.Conditioning, _prompt) ? conditional : Unconditional).CopyTo(row.Output.Values);
            Rows += rows.Length;
            return ValueTask.CompletedTask;
        }
    }
}
