using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The diffusers families (tests/golden/README.md, section 3): a scheduler configuration is planned as a request would be.</summary>
internal sealed class DiffusersGoldenFamily : IGoldenFamily
{
    private DiffusersGoldenFamily(string family) => Family = family;

    public static IEnumerable<IGoldenFamily> All { get; } =
        [.. ((string[])[
            "ddim", "ddpm", "euler", "euler_ancestral", "heun", "lms", "pndm", "kdpm2", "dpm_singlestep", "dpm_multistep", "deis", "unipc", "lcm", "tcd",
            "flow_euler", "flow_heun", "flow_multistep", "edm_euler", "edm_dpm"]).Select(family => new DiffusersGoldenFamily(family))];

    public string Family { get; }

    public async Task RunAsync(GoldenCase @case)
    {
        var plan = DiffusersCase.Plan(@case.Element);
        for (var item = 0; item < @case.Batch; item++)
            await RunItemAsync(@case, plan, item);
    }

    private static async Task RunItemAsync(GoldenCase @case, SamplingPlan plan, int item)
    {
        var expected = @case.Element.GetProperty("f64");
        var network = Network(@case);
        using var denoiser = new GuidedDenoiser(network, plan.Prediction, GoldenCase.Shape, new Conditioning([]), null, 1);
        using var x = Start(@case, plan, item);
        var states = new StateRecorder(x);

        await plan.Integrator.SampleAsync(denoiser, x, plan.Trajectory, StoredNoise.Of(@case, item), states, CancellationToken.None);

        var samples = expected.GetProperty("samples").EnumerateArray().Select(sample => GoldenCase.Item(sample, item)).ToArray();
        Assert.Equal(@case.Element.GetProperty("nfe").GetInt32(), denoiser.Evaluations);
        Assert.Equal(denoiser.Evaluations, plan.Evaluations);
        DiffusersCase.CompareTimesteps(GoldenFiles.Numbers(expected.GetProperty("timesteps")), network.Timesteps);
        Assert.Equal(samples.Length, states.States.Count);
        for (var i = 0; i < samples.Length; i++)
            @case.Compare($"item {item}, sample {i} of {samples.Length - 1}", states.States[i], samples[i], Tolerance(@case));
        @case.Compare($"item {item}, result", x.Values, samples[^1], Tolerance(@case));
    }

    private static double Tolerance(GoldenCase @case) => @case.Tolerance;

    private static AnalyticNetwork Network(GoldenCase @case)
    {
        var prediction = @case.Text("prediction")!;
        return @case.Text("model") switch
        {
            "vp" => AnalyticNetworks.VariancePreserving(@case.Mixture, GoldenFiles.Table(@case.Text("table")!), prediction),
            "flow" => AnalyticNetworks.Flow(@case.Mixture, prediction),
            "edm" => AnalyticNetworks.Edm(
                @case.Mixture, @case.Element.GetProperty("config").TryGetProperty("sigma_data", out var data) ? data.GetDouble() : 0.5, prediction),
            var model => throw new NotSupportedException($"Unknown model '{model}'."),
        };
    }

    private static Latent Start(GoldenCase @case, SamplingPlan plan, int item)
    {
        var noise = GoldenCase.Item(@case.Element.GetProperty("init_noise"), item);
        var x = Latent.From(GoldenCase.Shape, Array.ConvertAll(noise, value => (float)value));
        x.Set(plan.Trajectory.InitialScale * x);
        return x;
    }
}

/// <summary>All states of a run, the start first.</summary>
internal sealed class StateRecorder(Latent start) : ISamplingObserver
{
    public List<float[]> States { get; } = [start.Values.ToArray()];

    public void OnState(int step, int stage, Latent x, Latent clean) => States.Add(x.Values.ToArray());
}
