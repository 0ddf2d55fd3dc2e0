namespace Inference.Sampling.Tests;

/// <summary>Every sampler of k-diffusion against its own trajectories.</summary>
public class KDiffusionGoldenTests
{
    public static TheoryData<string> Cases => [.. KDiffusionCase.Ids];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Run_EqualsReference(string id)
    {
        var @case = KDiffusionCase.Find(id);
        for (var item = 0; item < @case.Batch; item++)
        {
            var denoiser = new AnalyticDenoiser(@case.Mixture);
            var trajectory = Scalings.Through([.. @case.Sigmas.Select(sigma => Scaling.VarianceExploding.Level(sigma))]);
            using var x = Latent.From(KDiffusionCase.Shape, Array.ConvertAll(@case.Start(item), value => (float)(value * trajectory.InitialScale)));

            await Sampler(@case).SampleAsync(
                denoiser, x, trajectory, new StoredNoise(@case.Noise(item)), NullObserver.Instance, CancellationToken.None);

            Assert.Equal(@case.Evaluations, denoiser.Evaluations);
            if (@case.Attempts is { } attempts)
                Assert.Equal(attempts, denoiser.StepStarts.Count);
            var samples = @case.Samples;
            Assert.Equal(samples.Length, denoiser.StepStarts.Count + 1);
            for (var i = 0; i < samples.Length; i++)
                Close.Assert(KDiffusionCase.Item(samples[i], item),
                    i < denoiser.StepStarts.Count ? denoiser.StepStarts[i] : x.Values, @case.Tolerance, $"sample {i}");
        }
    }

    private static ISampler Sampler(KDiffusionCase @case)
    {
        var ancestral = new AncestralOptions { Eta = @case.Number("eta", 1), NoiseScale = @case.Number("s_noise", 1) };
        var churn = new ChurnOptions
        {
            Amount = @case.Number("s_churn", 0),
            Minimum = @case.Number("s_tmin", 0),
            Maximum = @case.Number("s_tmax", double.PositiveInfinity),
            NoiseScale = @case.Number("s_noise", 1),
        };
        return @case.Sampler switch
        {
            "sample_euler" => new Euler(churn),
            "sample_euler_ancestral" => new EulerAncestral(ancestral),
            "sample_heun" => new Heun(churn),
            "sample_dpm_2" => new Kdpm2(churn),
            "sample_dpm_2_ancestral" => new Kdpm2Ancestral(ancestral),
            "sample_lms" => new Lms((int)@case.Number("order", 4)),
            "sample_dpm_fast" => new DpmFast(ancestral with { Eta = @case.Number("eta", 0) }),
            "sample_dpm_adaptive" => new DpmAdaptive(new()
            {
                Order = (int)@case.Number("order", 3),
                RelativeTolerance = @case.Number("rtol", 0.05),
                AbsoluteTolerance = @case.Number("atol", 0.0078),
                Noise = ancestral with { Eta = @case.Number("eta", 0) },
                StepSize = new()
                {
                    InitialStep = @case.Number("h_init", 0.05),
                    Proportional = @case.Number("pcoeff", 0),
                    Integral = @case.Number("icoeff", 1),
                    Differential = @case.Number("dcoeff", 0),
                    AcceptSafety = @case.Number("accept_safety", 0.81),
                },
            }),
            "sample_dpmpp_2s_ancestral" => new DpmSolverPlusPlus2SAncestral(ancestral),
            "sample_dpmpp_sde" => new DpmSolverPlusPlusSde(
                new() { Eta = ancestral.Eta, NoiseScale = ancestral.NoiseScale, MiddleRatio = @case.Number("r", 0.5) }),
            "sample_dpmpp_2m" => new DpmSolverMultistep(new() { Order = 2, LowerOrderFinal = false }),
            "sample_dpmpp_2m_sde" => new DpmSolverPlusPlus2MSde(
                ancestral, @case.Text("solver_type", "midpoint") == "heun" ? DpmFormula.Heun : DpmFormula.Midpoint),
            "sample_dpmpp_3m_sde" => new DpmSolverPlusPlus3MSde(ancestral),
            var name => throw new InvalidDataException($"Unknown sampler '{name}'."),
        };
    }
}
