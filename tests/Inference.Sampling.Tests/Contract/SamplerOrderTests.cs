namespace Inference.Sampling.Tests;

/// <summary>Every registered sampler converges at least as fast as its descriptor says: to the probability flow, or in mean and variance.</summary>
public sealed class SamplerOrderTests
{
    /// <summary>Errors below this show float32 rounding.</summary>
    private const double MeasurableError = 1e-5;

    // Multiples of 6, so that singlestep methods of every order fill them; every second number doubles.
    private static readonly int[] _steps = [24, 36, 48, 72, 96, 144, 192, 288, 384];

    // Few-step rules integrate nothing, adaptive methods choose their own steps, and those of singlestep plans end with a step of
    // order 1 as long as the others: they have order tests of their own.
    public static TheoryData<string> Ids =>
    [
        .. SamplerSubjects.All
            .Where(descriptor => descriptor is { Order: > 0, EvaluationsPerStep: > 0 } && SamplerSubjects.Create(descriptor) is not DenoiseToZero)
            .Select(descriptor => descriptor.Id),
    ];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Converges_with_its_order(string id)
    {
        var descriptor = SamplerSubjects.Descriptor(id);
        var sampler = SamplerSubjects.Create(descriptor);
        List<double> errors = [];
        foreach (var steps in _steps)
        {
            var trajectory = Orders.Schedule.LogUniform(steps, Orders.KappaMaximum, Orders.KappaMinimum);
            errors.Add(descriptor.IsStochastic
                ? await TestKit.WeakMoments.ErrorAsync(sampler, trajectory, 4 * steps)
                : await ExactProblems.LogUniformErrorAsync(sampler, steps));
            if (errors[^1] < MeasurableError)
                break;
        }

        var measurable = errors.Count(error => error >= MeasurableError);
        Assert.True(measurable > 2, $"errors {string.Join(' ', errors)}");
        var order = Math.Log2(errors[measurable - 3] / errors[measurable - 1]);
        // Above order 3 float32 leaves no range in which the order is fully developed.
        var allowance = descriptor.Order > 3 ? 0.5 : 0.2;
        Assert.True(order > descriptor.Order - allowance, $"order {order:g3} instead of {descriptor.Order}; errors {string.Join(' ', errors.Select(error => $"{error:g3}"))}");
    }
}
