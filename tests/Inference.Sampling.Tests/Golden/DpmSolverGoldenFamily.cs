using System.Text.Json;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The DPM-Solver authors' code (tests/golden/README.md, section 6): grid and method on a network that sees the time.</summary>
internal sealed class DpmSolverGoldenFamily : IGoldenFamily
{
    // Times of adaptive steps follow from errors of float32 states, in timesteps of 1000.
    private const double AdaptiveTimesteps = 1;
    private const double Timesteps = 1e-6;

    public string Family => "dpmsolver_official";

    public async Task RunAsync(GoldenCase @case)
    {
        for (var item = 0; item < @case.Batch; item++)
            await RunItemAsync(@case, item);
    }

    private static async Task RunItemAsync(GoldenCase @case, int item)
    {
        var expected = @case.Element.GetProperty("f64");
        var table = GoldenFiles.Table(@case.Text("table")!);
        var network = AnalyticNetworks.VariancePreserving(@case.Mixture, table, Prediction(@case).Name);
        var (sampler, trajectory) = Method(@case, new DpmSolverSchedule(table));
        using var denoiser = new GuidedDenoiser(network, Prediction(@case), GoldenCase.Shape, new Conditioning([]), null, 1);
        using var x = Latent.From(
            GoldenCase.Shape, Array.ConvertAll(GoldenCase.Item(@case.Element.GetProperty("init_noise"), item), value => (float)value));
        var recorder = new StateRecorder(x);

        await sampler.SampleAsync(Thresholded(@case, denoiser), x, trajectory, new StoredNoise([], []), recorder, CancellationToken.None);

        Assert.Equal(@case.Element.GetProperty("nfe").GetInt32(), denoiser.Evaluations);
        var times = GoldenFiles.Numbers(expected.GetProperty("model_t"));
        Assert.Equal(times.Length, network.Timesteps.Count);
        for (var i = 0; i < times.Length; i++)
            Assert.Equal(times[i], network.Timesteps[i], Text(@case, "method", "multistep") == "adaptive" ? AdaptiveTimesteps : Timesteps);

        @case.Compare($"item {item}, result", x.Values, GoldenCase.Item(expected.GetProperty("final"), item), @case.Tolerance);
        if (!expected.TryGetProperty("intermediates", out var stored))
            return;
        var states = stored.EnumerateArray().Select(state => GoldenCase.Item(state, item)).ToArray();
        // Multistep lists the start too.
        var actual = recorder.States[^states.Length..];
        for (var i = 0; i < states.Length; i++)
            @case.Compare($"item {item}, state {i}", actual[i], states[i], @case.Tolerance);
    }

    private static IPrediction Prediction(GoldenCase @case) => @case.Text("model_type") switch
    {
        "noise" => Predictions.Epsilon,
        "v" => Predictions.V,
        "x_start" => Predictions.Sample,
        var type => throw new NotSupportedException($"Unknown model_type '{type}'."),
    };

    // Only data prediction is thresholded; the threshold has a least value and no largest one.
    private static IDenoiser Thresholded(GoldenCase @case, IDenoiser denoiser) => @case.Get("thresholding") is { } threshold && Form(@case) == DpmForm.Data
        ? new ClippingDenoiser(denoiser, new DynamicThresholding(
            threshold.GetProperty("ratio").GetDouble(), double.PositiveInfinity, threshold.GetProperty("max_val").GetDouble()))
        : denoiser;

    private static (ISampler Sampler, Trajectory Trajectory) Method(GoldenCase @case, DpmSolverSchedule schedule)
    {
        var (form, order, steps) = (Form(@case), (int)Number(@case, "order", 2), (int)Number(@case, "steps", 20));
        var formula = Text(@case, "solver_type", "dpmsolver") == "taylor" ? DpmFormula.Heun : DpmFormula.Midpoint;
        var spacing = Text(@case, "skip_type", "time_uniform") switch
        {
            "time_uniform" => TimeSpacing.TimeUniform,
            "time_quadratic" => TimeSpacing.TimeQuadratic,
            "logSNR" => TimeSpacing.LogSnr,
            var name => throw new NotSupportedException($"Unknown skip_type '{name}'."),
        };
        var (sampler, trajectory) = Text(@case, "method", "multistep") switch
        {
            "multistep" => (Multistep(@case, form, formula, order), DpmSolverTrajectory.Even(schedule, spacing, steps)),
            "singlestep" => (Singlestep(form, formula, order, SinglestepOrders.Fast),
                DpmSolverTrajectory.Singlestep(schedule, spacing, SinglestepPlan.Fast(steps, order))),
            "singlestep_fixed" => (Singlestep(form, formula, order, SinglestepOrders.Fixed),
                DpmSolverTrajectory.Singlestep(schedule, spacing, SinglestepPlan.Fixed(steps, order))),
            "adaptive" => (Adaptive(@case, form, formula, order), DpmSolverTrajectory.Even(schedule, TimeSpacing.LogSnr, 1)),
            var name => throw new NotSupportedException($"Unknown method '{name}'."),
        };
        if (!Flag(@case, "denoise_to_zero", false))
            return (sampler, trajectory);
        var toClean = new TrajectoryStep(trajectory.Steps[^1].To, new NoiseLevel(1, 0));
        return (new DenoiseToZero(sampler), new Trajectory(trajectory.Steps.Add(toClean), trajectory.InitialScale, trajectory.Schedule));
    }

    private static ISampler Multistep(GoldenCase @case, DpmForm form, DpmFormula formula, int order) => new DpmSolverMultistep(new()
    {
        Form = form,
        Formula = formula,
        Order = order,
        LowerOrderFinal = Flag(@case, "lower_order_final", true),
        LowerOrderBelow = 10,
    });

    private static ISampler Singlestep(DpmForm form, DpmFormula formula, int order, SinglestepOrders orders) =>
        new OriginalDpmSinglestep(new() { Form = form, Formula = formula, Order = order, Orders = orders });

    private static ISampler Adaptive(GoldenCase @case, DpmForm form, DpmFormula formula, int order) => new OriginalDpmAdaptive(new()
    {
        Form = form,
        Formula = formula,
        Order = order,
        RelativeTolerance = Number(@case, "rtol", 0.05),
        AbsoluteTolerance = Number(@case, "atol", 0.0078),
    });

    private static DpmForm Form(GoldenCase @case) => @case.Text("algorithm_type") == "dpmsolver" ? DpmForm.Noise : DpmForm.Data;

    private static double Number(GoldenCase @case, string argument, double otherwise) => Argument(@case, argument)?.GetDouble() ?? otherwise;

    private static string Text(GoldenCase @case, string argument, string otherwise) => Argument(@case, argument)?.GetString() ?? otherwise;

    private static bool Flag(GoldenCase @case, string argument, bool otherwise) => Argument(@case, argument)?.GetBoolean() ?? otherwise;

    private static JsonElement? Argument(GoldenCase @case, string name) =>
        @case.Element.GetProperty("args").TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
