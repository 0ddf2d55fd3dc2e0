namespace Inference.Sampling.Tests;

/// <summary>Every method of the DPM-Solver authors' code against its own trajectories.</summary>
public class DpmSolverGoldenTests
{
    public static TheoryData<string> Cases => [.. DpmSolverCase.Ids];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Run_EqualsReference(string id)
    {
        var @case = DpmSolverCase.Find(id);
        var (sampler, trajectory) = Method(@case);
        for (var item = 0; item < @case.Batch; item++)
        {
            var denoiser = new AnalyticDenoiser(@case.Mixture);
            // Only data prediction is thresholded; its threshold has a least value and no largest one.
            IDenoiser clipped = @case is { Form: DpmForm.Data, Thresholding: var (ratio, minimum) }
                ? new ClippingDenoiser(denoiser, new DynamicThresholding(ratio, double.PositiveInfinity, minimum))
                : denoiser;
            using var x = Latent.From(DpmSolverCase.Shape, @case.Start(item));
            var states = new StateRecorder(x);

            await sampler.SampleAsync(clipped, x, trajectory, new StoredNoise([]), states, CancellationToken.None);

            Assert.Equal(@case.Evaluations, denoiser.Evaluations);
            AssertTimesteps(@case, denoiser.Levels);
            var expected = @case.States;
            var actual = @case.Method switch
            {
                "multistep" => states.All,
                "adaptive" => [states.All[^1]],
                _ => states.All[1..],
            };
            Assert.Equal(expected.Length, actual.Count);
            for (var i = 0; i < expected.Length; i++)
                Close.Assert(DpmSolverCase.Item(expected[i], item), actual[i], @case.Tolerance, $"state {i}");
        }
    }

    private static (ISampler Sampler, Trajectory Trajectory) Method(DpmSolverCase @case)
    {
        var options = new OriginalDpmOptions { Form = @case.Form, Order = @case.Order, Formula = @case.Formula };
        var (sampler, trajectory) = @case.Method switch
        {
            "multistep" => ((ISampler)new DpmSolverMultistep(new()
            {
                Form = @case.Form,
                Formula = @case.Formula,
                Order = @case.Order,
                LowerOrderFinal = @case.Flag("lower_order_final", true),
                LowerOrderBelow = 10,
            }),
                DpmSolverTrajectory.Even(@case.Schedule, @case.Spacing, @case.Steps)),
            "singlestep" => (new OriginalDpmSinglestep(options with { Orders = SinglestepOrders.Fast }),
                DpmSolverTrajectory.Singlestep(@case.Schedule, @case.Spacing, SinglestepPlan.Fast(@case.Steps, @case.Order))),
            "singlestep_fixed" => (new OriginalDpmSinglestep(options with { Orders = SinglestepOrders.Fixed }),
                DpmSolverTrajectory.Singlestep(@case.Schedule, @case.Spacing, SinglestepPlan.Fixed(@case.Steps, @case.Order))),
            "adaptive" => (new OriginalDpmAdaptive(new()
            {
                Form = @case.Form,
                Formula = @case.Formula,
                Order = @case.Order,
                RelativeTolerance = @case.Number("rtol", 0.05),
                AbsoluteTolerance = @case.Number("atol", 0.0078),
            }), DpmSolverTrajectory.Even(@case.Schedule, TimeSpacing.LogSnr, 1)),
            var name => throw new InvalidDataException($"Unknown method '{name}'."),
        };
        return (@case.Flag("denoise_to_zero", false) ? new DenoiseToZero(sampler) : sampler, trajectory);
    }

    // The times of adaptive steps follow from errors of float32 states, in timesteps of 1000.
    private static void AssertTimesteps(DpmSolverCase @case, List<NoiseLevel> levels)
    {
        var tolerance = @case.Method == "adaptive" ? 0.1 : 1e-6;
        foreach (var (expected, level) in @case.Timesteps.Zip(levels))
            Assert.Equal(expected, level.Timestep, tolerance);
    }
}
