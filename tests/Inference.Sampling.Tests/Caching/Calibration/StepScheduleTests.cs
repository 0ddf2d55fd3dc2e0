namespace Inference.Sampling.Tests;

public sealed class StepScheduleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public void Best_IsTheBestOfAll(int full)
    {
        const int steps = 9;
        var random = new Random(full);
        var errors = new double[steps, steps];
        for (var i = 0; i < steps; i++)
            for (var j = i + 1; j < steps; j++)
                errors[i, j] = random.NextDouble() * (j - i);
        var best = StepSchedule.Best(errors, full);
        var all = Enumerable.Range(0, 1 << steps).Where(mask => (mask & 1) == 1 && int.PopCount(mask) == full).Select(mask => Enumerable.Range(0, steps).Where(step => (mask >> step & 1) == 1).ToArray());
        Assert.Equal(full, best.Length);
        Assert.Equal(all.Min(schedule => Cost(errors, schedule)), Cost(errors, [.. best]), 12);
    }

    [Fact]
    public void FullSteps_GoWhereTheErrorsAre()
    {
        // Nothing changes but between 5 and 6.
        var errors = new double[10, 10];
        for (var i = 0; i < 10; i++)
            for (var j = i + 1; j < 10; j++)
                errors[i, j] = i < 6 && j >= 6 ? 1 : 0;
        Assert.Equal([0, 6], StepSchedule.Best(errors, 2).ToArray());
    }

    private static double Cost(double[,] errors, int[] schedule) =>
        Enumerable.Range(0, errors.GetLength(0)).Except(schedule).Sum(step => errors[schedule.Last(full => full < step), step]);
}
