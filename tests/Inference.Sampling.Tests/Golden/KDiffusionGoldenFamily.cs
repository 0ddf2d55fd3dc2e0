using System.Text.Json;

namespace Inference.Sampling.Tests;

/// <summary>k-diffusion (tests/golden/README.md, section 5): every sampler on the denoiser D(x; σ) itself.</summary>
internal sealed class KDiffusionGoldenFamily : IGoldenFamily
{
    // Step sizes follow from errors that float32 hides (README, section 9).
    private const double AdaptiveTolerance = 5e-4;

    public string Family => "kdiffusion";

    public async Task RunAsync(GoldenCase @case)
    {
        for (var item = 0; item < @case.Batch; item++)
            await RunItemAsync(@case, item);
    }

    private static async Task RunItemAsync(GoldenCase @case, int item)
    {
        var expected = @case.Element.GetProperty("f64");
        var denoiser = new RecordingDenoiser(@case.Mixture);
        var trajectory = Scalings.Through([.. Sigmas(@case).Select(sigma => Scaling.VarianceExploding.Level(sigma))]);
        using var x = Latent.From(GoldenCase.Shape, Floats(@case.Element.GetProperty("init_noise"), item));
        x.Set(trajectory.InitialScale * x);
        var draws = @case.Get("step_noise") is { } stored ? stored.EnumerateArray().Select(draw => Floats(draw, item)).ToArray() : [];

        await Sampler(@case).SampleAsync(
            denoiser, x, trajectory, new StoredNoise(draws, [.. draws.Select((_, i) => i + 1)]), NullObserver.Instance, CancellationToken.None);

        Assert.Equal(@case.Element.GetProperty("nfe").GetInt32(), denoiser.Evaluations);
        var isAdaptive = expected.TryGetProperty("info", out var info);
        if (isAdaptive)
            Assert.Equal(info.GetProperty("steps").GetInt32(), denoiser.StepStarts.Count);
        // Stored are the states at which the steps, or attempts, began, churn included.
        var samples = expected.GetProperty("samples").EnumerateArray().Select(sample => GoldenCase.Item(sample, item)).ToArray();
        var states = denoiser.StepStarts.Append(x.Values.ToArray()).ToArray();
        Assert.Equal(samples.Length, states.Length);
        for (var i = 0; i < samples.Length; i++)
            @case.Compare($"item {item}, sample {i}", states[i], samples[i], isAdaptive ? Math.Max(AdaptiveTolerance, @case.Tolerance) : @case.Tolerance);
    }

    private static double[] Sigmas(GoldenCase @case)
    {
        var schedule = @case.Element.GetProperty("schedule");
        // Samplers that take both ends only: as many steps as DPM-Solver-fast makes evaluations.
        return schedule.TryGetProperty("schedule", out var kind)
            ? KDiffusionSigmas.Of(kind.GetString()!, schedule, schedule.GetProperty("n").GetInt32())
            : SigmaRamps.Exponential(
                schedule.GetProperty("sigma_max").GetDouble(),
                schedule.GetProperty("sigma_min").GetDouble(),
                (schedule.TryGetProperty("n", out var n) ? n.GetInt32() : 1) + 1);
    }

    private static ISampler Sampler(GoldenCase @case)
    {
        var ancestral = new AncestralOptions { Eta = Number(@case, "eta", 1), NoiseScale = Number(@case, "s_noise", 1) };
        var churn = new ChurnOptions
        {
            Amount = Number(@case, "s_churn", 0),
            Minimum = Number(@case, "s_tmin", 0),
            Maximum = Number(@case, "s_tmax", double.PositiveInfinity),
            NoiseScale = Number(@case, "s_noise", 1),
        };
        return @case.Text("sampler") switch
        {
            "sample_euler" => new Euler(churn),
            "sample_euler_ancestral" => new EulerAncestral(ancestral),
            "sample_heun" => new Heun(churn),
            "sample_dpm_2" => new Kdpm2(churn),
            "sample_dpm_2_ancestral" => new Kdpm2Ancestral(ancestral),
            "sample_lms" => new Lms((int)Number(@case, "order", 4)),
            "sample_dpm_fast" => new DpmFast(ancestral with { Eta = Number(@case, "eta", 0) }),
            "sample_dpm_adaptive" => Adaptive(@case, ancestral with { Eta = Number(@case, "eta", 0) }),
            "sample_dpmpp_2s_ancestral" => new DpmSolverPlusPlus2SAncestral(ancestral),
            "sample_dpmpp_sde" => new DpmSolverPlusPlusSde(
                new() { Eta = ancestral.Eta, NoiseScale = ancestral.NoiseScale, MiddleRatio = Number(@case, "r", 0.5) }),
            "sample_dpmpp_2m" => new DpmSolverMultistep(new() { Order = 2, LowerOrderFinal = false }),
            "sample_dpmpp_2m_sde" => new DpmSolverPlusPlus2MSde(
                ancestral, Argument(@case, "solver_type")?.GetString() == "heun" ? DpmFormula.Heun : DpmFormula.Midpoint),
            "sample_dpmpp_3m_sde" => new DpmSolverPlusPlus3MSde(ancestral),
            var name => throw new NotSupportedException($"Unknown sampler '{name}'."),
        };
    }

    private static DpmAdaptive Adaptive(GoldenCase @case, AncestralOptions noise) => new(new()
    {
        Order = (int)Number(@case, "order", 3),
        RelativeTolerance = Number(@case, "rtol", 0.05),
        AbsoluteTolerance = Number(@case, "atol", 0.0078),
        Noise = noise,
        StepSize = new()
        {
            InitialStep = Number(@case, "h_init", 0.05),
            Proportional = Number(@case, "pcoeff", 0),
            Integral = Number(@case, "icoeff", 1),
            Differential = Number(@case, "dcoeff", 0),
            AcceptSafety = Number(@case, "accept_safety", 0.81),
        },
    });

    private static double Number(GoldenCase @case, string argument, double otherwise) =>
        Argument(@case, argument) is { } value ? GoldenFiles.Number(value) : otherwise;

    private static JsonElement? Argument(GoldenCase @case, string name) =>
        @case.Element.GetProperty("args").TryGetProperty(name, out var value) ? value : null;

    private static float[] Floats(JsonElement tensor, int item) => Array.ConvertAll(GoldenCase.Item(tensor, item), value => (float)value);
}
