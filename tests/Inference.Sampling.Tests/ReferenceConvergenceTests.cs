using System.Text.Json.Nodes;

namespace Inference.Sampling.Tests;

/// <summary>
/// tests/golden/convergence.json: the errors that reference implementations make with growing numbers of steps, on grids uniform in ln σ or
/// Karras' down to the smallest σ. Ours make the same errors, so they converge with the same order and the same constants.
/// </summary>
public sealed class ReferenceConvergenceTests
{
    // Rows hold four digits; float32 adds an error of about 1e-6 to ours.
    private const double Relative = 0.01;
    private const double Absolute = 1.5e-6;
    private const double MeasurableError = 1e-5;

    private static readonly Dictionary<string, Func<ISampler>> _samplers = new()
    {
        ["diffusers DEIS order 1, log-uniform sigma grid"] = () => new AdamsBashforthSampler(new RhoWeights(), 1),
        ["diffusers UniPC order 2 bh2 corrector disabled, log-uniform sigma grid"] = () => new DualFast(0, 2),
        ["official dpm-solver multistep dpmsolver order 1 logSNR"] = () => Multistep(DpmForm.Noise, 1),
        ["official dpm-solver multistep dpmsolver order 2 logSNR"] = () => Multistep(DpmForm.Noise, 2),
        ["official dpm-solver multistep dpmsolver order 3 logSNR"] = () => Multistep(DpmForm.Noise, 3),
        ["official dpm-solver multistep dpmsolver++ order 1 logSNR"] = () => Multistep(DpmForm.Data, 1),
        ["official dpm-solver multistep dpmsolver++ order 2 logSNR"] = () => Multistep(DpmForm.Data, 2),
        ["official dpm-solver multistep dpmsolver++ order 3 logSNR"] = () => Multistep(DpmForm.Data, 3),
        ["official dpm-solver singlestep_fixed dpmsolver order 2 logSNR"] = () => Singlestep(DpmForm.Noise, 2),
        ["official dpm-solver singlestep_fixed dpmsolver order 3 logSNR"] = () => Singlestep(DpmForm.Noise, 3),
        ["official dpm-solver singlestep_fixed dpmsolver++ order 2 logSNR"] = () => Singlestep(DpmForm.Data, 2),
        ["official dpm-solver singlestep_fixed dpmsolver++ order 3 logSNR"] = () => Singlestep(DpmForm.Data, 3),
        ["k-diffusion sample_dpmpp_2m_sde eta=0 karras, to sigma_min"] = () => new DpmSolverPlusPlus2MSde(new() { Eta = 0 }, DpmFormula.Midpoint),
        ["k-diffusion sample_dpmpp_3m_sde eta=0 karras, to sigma_min"] = () => new DpmSolverPlusPlus3MSde(new() { Eta = 0 }),
        ["k-diffusion sample_euler karras, to sigma_min"] = () => new Euler(ChurnOptions.None),
        ["k-diffusion sample_heun karras, to sigma_min"] = () => new Heun(ChurnOptions.None),
        ["k-diffusion sample_dpm_2 karras, to sigma_min"] = () => new Kdpm2(ChurnOptions.None),
        ["k-diffusion sample_dpmpp_2m karras, to sigma_min"] = () => Multistep(DpmForm.Data, 2),
        ["k-diffusion sample_dpmpp_2s_ancestral eta=0 karras, to sigma_min"] = () => new DpmSolverPlusPlus2SAncestral(new() { Eta = 0 }),
        ["k-diffusion sample_lms karras, to sigma_min"] = () => new Lms(4),
    };

    // diffusers' classes by form, order and formula.
    static ReferenceConvergenceTests()
    {
        foreach (var (form, name) in (ReadOnlySpan<(DpmForm, string)>)[(DpmForm.Data, "dpmsolver++"), (DpmForm.Noise, "dpmsolver")])
        {
            foreach (var order in (ReadOnlySpan<int>)[2, 3])
            {
                var options = new DpmSolverOptions { Form = form, Order = order, LowerOrderFinal = false };
                _samplers.Add($"diffusers DPMSolverMultistep {name} order {order}, log-uniform sigma grid", () => new DpmSolverMultistep(options));
                foreach (var (formula, type) in (ReadOnlySpan<(DpmFormula, string)>)[(DpmFormula.Midpoint, "midpoint"), (DpmFormula.Heun, "heun")])
                    _samplers.Add(
                        $"diffusers DPMSolverSinglestep {name} order {order} {type}, log-uniform sigma grid",
                        () => new DpmSolverSinglestep(options with { Formula = formula }));
            }
        }
        var third = new DpmSolverOptions { Form = DpmForm.Data, Order = 3, LowerOrderFinal = false };
        _samplers.Add("own check: 3M, D2 as in the reference (factor 1), log-uniform sigma grid", () => new DpmSolverMultistep(third));
        _samplers.Add(
            "own check: 3M, D2 doubled (true second derivative), log-uniform sigma grid",
            () => new DpmSolverMultistep(third with { ConsistentThirdOrder = true }));
        foreach (var order in (ReadOnlySpan<int>)[2, 3])
            _samplers.Add($"diffusers DEIS order {order}, log-uniform sigma grid", () => new Deis(order, lowerOrderFinal: false));
        foreach (var order in (ReadOnlySpan<int>)[1, 2, 3])
            foreach (var (variant, name) in (ReadOnlySpan<(UniPcVariant, string)>)[(UniPcVariant.Bh1, "bh1"), (UniPcVariant.Bh2, "bh2")])
                _samplers.Add(
                    $"diffusers UniPC order {order} {name}, log-uniform sigma grid",
                    () => new UniPc(new() { Order = order, Variant = variant, LowerOrderFinal = false }));
    }

    public static TheoryData<string> Names => [.. _samplers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Errors_are_those_of_the_reference(string name)
    {
        var row = Row(name);
        var steps = row["steps"]!.AsArray().Select(value => value!.GetValue<int>()).ToArray();
        var expected = ExactProblems.Numbers(row["rms_error"]!);
        var orders = ExactProblems.Numbers(row["order"]!);

        var errors = new double[steps.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            errors[i] = name.StartsWith("k-diffusion", StringComparison.Ordinal)
                ? await ExactProblems.KarrasErrorAsync(_samplers[name](), steps[i])
                : await ExactProblems.LogUniformErrorAsync(_samplers[name](), steps[i]);
            Assert.Equal(expected[i], errors[i], Relative * expected[i] + Absolute);
            if (i > 0 && errors[i] > MeasurableError)
                Assert.Equal(orders[i - 1], Math.Log2(errors[i - 1] / errors[i]), 0.15);
        }
    }

    [Theory]
    [InlineData("diffusers FlowMatchEuler shift 1", "FlowMatchEulerDiscreteScheduler", 1)]
    [InlineData("diffusers FlowMatchEuler shift 3", "FlowMatchEulerDiscreteScheduler", 3)]
    [InlineData("diffusers FlowMatchHeun shift 1", "FlowMatchHeunDiscreteScheduler", 1)]
    public async Task Errors_on_flow_models_are_those_of_the_reference(string name, string scheduler, int shift)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse($$"""{ "_class_name": "{{scheduler}}", "shift": {{shift}} }"""));
        var row = Row(name);
        foreach (var (steps, expected) in row["steps"]!.AsArray().Zip(ExactProblems.Numbers(row["rms_error"]!)))
        {
            var error = await ExactProblems.FlowErrorAsync(planner.Plan(new() { Steps = steps!.GetValue<int>() }));
            Assert.Equal(expected, error, Relative * expected + Absolute);
        }
    }

    private static JsonNode Row(string name) =>
        ExactProblems.Read("convergence.json")["rows"]!.AsArray().Single(row => row!["name"]!.GetValue<string>() == name)!;

    private static DpmSolverMultistep Multistep(DpmForm form, int order) => new(new() { Form = form, Order = order, LowerOrderFinal = false });

    private static OriginalDpmSinglestep Singlestep(DpmForm form, int order) => new(new() { Form = form, Order = order, Orders = SinglestepOrders.Fixed });
}
