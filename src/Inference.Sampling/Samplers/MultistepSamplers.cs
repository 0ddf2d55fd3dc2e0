using System.Collections.Immutable;
using System.Globalization;

namespace Inference.Sampling;

/// <summary>DEIS and UniPC.</summary>
internal static class MultistepSamplers
{
    private static readonly ImmutableArray<NoiseProcess> _processes = [NoiseProcess.VariancePreserving, NoiseProcess.Flow];

    public static ImmutableArray<SamplerDescriptor> All { get; } =
    [
        new()
        {
            Id = "deis",
            Name = "DEIS",
            Aliases = ["DEISMultistepScheduler"],
            Source = "Zhang & Chen 2022, arXiv:2204.13902; diffusers, DEISMultistepScheduler",
            Order = 2,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Scheduler = "DEISMultistepScheduler",
            Processes = _processes,
            Options = [Order(Deis.MaximumOrder), CommonOptions.LowerOrderFinal],
            Create = options => new Deis(options.Integer("solver_order"), options.Flag("lower_order_final")),
        },
        new()
        {
            Id = "unipc",
            Name = "UniPC",
            Aliases = ["UniPCMultistepScheduler", "uni_pc", new("UniPC Karras", "karras")],
            Source = "Zhao et al. 2023, arXiv:2302.04867",
            Order = 3,
            EvaluationsPerStep = 1,
            NeedsHistory = true,
            Scheduler = "UniPCMultistepScheduler",
            Processes = _processes,
            Options =
            [
                Order(UniPc.MaximumOrder),
                new("solver_type", "The function B(h): h (bh1) or e^h - 1 (bh2).", "bh2") { Allowed = ["bh1", "bh2"] },
                new("predict_x0", "Whether predicted data is extrapolated instead of predicted noise.", true),
                new("disable_corrector", "Steps, from 0, whose result is not corrected, separated by commas.", ""),
                CommonOptions.LowerOrderFinal,
                CommonOptions.FinalSigmas,
            ],
            Create = options => new UniPc(new()
            {
                Order = options.Integer("solver_order"),
                Variant = options.Text("solver_type") == "bh1" ? UniPcVariant.Bh1 : UniPcVariant.Bh2,
                Form = options.Flag("predict_x0") ? DpmForm.Data : DpmForm.Noise,
                Uncorrected = Steps(options.Text("disable_corrector")),
                LowerOrderFinal = options.Flag("lower_order_final"),
            }),
        },
    ];

    private static SamplerOption Order(int maximum) =>
        new("solver_order", "Number of evaluations combined.", 2.0) { Minimum = 1, Maximum = maximum, IsInteger = true };

    private static ImmutableArray<int> Steps(string list)
    {
        var steps = ImmutableArray.CreateBuilder<int>();
        foreach (var item in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            steps.Add(int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? step
                : throw new SamplingOptionException("disable_corrector", $"disable_corrector must be step numbers separated by commas, not '{list}'."));
        return steps.DrainToImmutable();
    }
}
