using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>ParaDiGMS (tests/golden/README.md, section 4): windows, iterations and evaluations exactly, states within the tolerance of float32.</summary>
internal sealed class ParadigmsGoldenFamily : IGoldenFamily
{
    public string Family => "paradigms";

    public async Task RunAsync(GoldenCase @case)
    {
        var plan = Plan(@case);
        var expected = @case.Element.GetProperty("f64");
        DiffusersCase.CompareTimesteps(GoldenFiles.Numbers(expected.GetProperty("timesteps")), [.. plan.Trajectory.Steps.Select(step => step.From.Timestep)]);

        var (states, use) = await RunAsync(@case, plan, @case.Element.GetProperty("parallel").GetInt32());
        Assert.Equal(expected.GetProperty("iterations").GetInt32(), use.Iterations);
        Assert.Equal(expected.GetProperty("nfe").GetInt32(), use.Evaluations);
        Assert.Equal(
            expected.GetProperty("windows_begin_end").EnumerateArray().Select(window => new StepWindow(window[0].GetInt32(), window[1].GetInt32())), use.Windows);
        @case.Compare("result", states[states.Steps], GoldenFiles.Numbers(expected.GetProperty("final")), @case.Tolerance);
        if (expected.TryGetProperty("trajectory", out var trajectory) && trajectory.ValueKind == JsonValueKind.Array)
            for (var p = 0; p <= states.Steps; p++)
                @case.Compare($"state {p}", states[p], GoldenFiles.Numbers(trajectory[p]), @case.Tolerance);

        var (sequential, one) = await RunAsync(@case, plan, 1);
        Assert.Equal(plan.Trajectory.Steps.Length, one.Iterations);
        @case.Compare("result with window 1", sequential[sequential.Steps], GoldenFiles.Numbers(expected.GetProperty("sequential_final")), @case.Tolerance);
    }

    private static async Task<(StatesOfRun States, ParallelUse Use)> RunAsync(GoldenCase @case, SamplingPlan plan, int width)
    {
        // The pictures of a batch move on together, so they are one latent here.
        var shape = new LatentShape(GoldenCase.Shape.Channels * @case.Batch, GoldenCase.Shape.Height, GoldenCase.Shape.Width);
        var isSecondOrder = IsSecondOrder(@case);
        // The parallel classes end their batch steps at clean data, and the second-order one its variances.
        var steps = isSecondOrder ? plan.Trajectory : EndingClean(plan.Trajectory);
        var convergence = Convergence.ByNoise(
            @case.Element.GetProperty("tolerance").GetDouble(), isSecondOrder ? EndingClean(plan.Trajectory) : plan.Trajectory, @case.Batch);

        using var denoiser = new GuidedDenoiser(
            new BatchOfOne(AnalyticNetworks.VariancePreserving(@case.Mixture, GoldenFiles.Table(@case.Text("table")!), @case.Text("prediction")!)),
            plan.Prediction, shape, new Conditioning([]), null, 1);
        using var x = Latent.From(shape, Array.ConvertAll(GoldenFiles.Numbers(@case.Element.GetProperty("init_noise")), value => (float)value));
        var states = new StatesOfRun(steps.Steps.Length, shape);
        using var run = new ParallelRun(
            new()
            {
                // The reference clamps the predicted data of this variant alone.
                Denoiser = isSecondOrder ? new ClippingDenoiser(denoiser, new StaticClipping(1)) : denoiser,
                X = x,
                Trajectory = steps,
                Noise = new BatchNoise(@case),
                Budget = new FixedWindow(width),
                Keep = states,
            },
            (ISingleStep)plan.Integrator);
        await new WindowIteration(_ => isSecondOrder ? new ParaDpmSolver(convergence) : new Picard(convergence), new SlidingReach()).SampleAsync(run, default);
        return (states, run.Use(""));
    }

    private static bool IsSecondOrder(GoldenCase @case) => @case.Text("scheduler") == "ParaDPMSolverMultistepScheduler";

    private static Trajectory EndingClean(Trajectory trajectory) =>
        new(trajectory.Steps.SetItem(trajectory.Steps.Length - 1, trajectory.Steps[^1] with { To = new(1, 0) }), trajectory.InitialScale, trajectory.Schedule);

    private static SamplingPlan Plan(GoldenCase @case)
    {
        var config = JsonObject.Create(@case.Element.GetProperty("config"))!;
        var name = @case.Text("scheduler") switch
        {
            "DDIMParallelScheduler" or "ParaDDIMScheduler" => "DDIMScheduler",
            "DDPMParallelScheduler" or "ParaDDPMScheduler" => "DDPMScheduler",
            "ParaDPMSolverMultistepScheduler" => "DPMSolverMultistepScheduler",
            var unknown => throw new NotSupportedException($"There is no counterpart of '{unknown}'."),
        };
        // The scheduler of its time ended at the first entry of the table.
        if (IsSecondOrder(@case))
            config["final_sigmas_type"] = "sigma_min";
        return new SamplingPlanner(SchedulerConfig.Create(name, JsonSerializer.SerializeToElement(config)))
            .Plan(new() { Steps = @case.Element.GetProperty("num_inference_steps").GetInt32() });
    }

    /// <summary>Evaluates each picture of a stacked latent by itself.</summary>
    private sealed class BatchOfOne(INetwork network) : INetwork
    {
        public async ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
        {
            using var input = Latent.Rent(GoldenCase.Shape);
            using var output = Latent.Rent(GoldenCase.Shape);
            for (var i = 0; i < rows.Length; i++)
                for (var at = 0; at < rows.Span[i].Input.Shape.Length; at += GoldenCase.Dimension)
                {
                    rows.Span[i].Input.Values.Slice(at, GoldenCase.Dimension).CopyTo(input.Values);
                    await network.EvaluateAsync(new[] { rows.Span[i] with { Input = input, Output = output } }, cancellationToken);
                    output.Values.CopyTo(rows.Span[i].Output.Values[at..]);
                }
        }
    }

    /// <summary>Draw j + 1 is the normal tensor of step j.</summary>
    private sealed class BatchNoise(GoldenCase @case) : INoise
    {
        public void Fill(int draw, Latent destination) =>
            Array.ConvertAll(GoldenFiles.Numbers(@case.Element.GetProperty("step_noise")[draw - 1]), value => (float)value).CopyTo(destination.Values);
    }
}
