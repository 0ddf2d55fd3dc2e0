namespace Inference.Server.Tests;

public sealed class PreviewScheduleTests
{
    [Theory]
    [InlineData(0, 20, new int[0])]
    [InlineData(1, 20, new[] { 10 })]
    [InlineData(3, 20, new[] { 5, 10, 15 })]
    [InlineData(3, 4, new[] { 1, 2, 3 })]
    [InlineData(3, 3, new[] { 1, 2 })]
    [InlineData(3, 1, new int[0])]
    [InlineData(2, 10, new[] { 4, 7 })]
    public void IsDue_SpreadsThePreviews_AndSparesTheLastStep(int previews, int steps, int[] expected)
    {
        var schedule = PreviewSchedule.Spread(previews);
        Assert.Equal(expected, Enumerable.Range(1, steps).Where(step => schedule.IsDue(step, steps)));
        Assert.Equal(expected.Length, schedule.Given);
    }

    [Theory]
    [InlineData(1, 4, new[] { 1, 2, 3 })]
    [InlineData(3, 10, new[] { 3, 6, 9 })]
    [InlineData(5, 5, new int[0])]
    public void IsDue_AtAnInterval_SparesTheLastStep(int interval, int steps, int[] expected)
    {
        var schedule = PreviewSchedule.Every(interval);
        Assert.Equal(expected, Enumerable.Range(1, steps).Where(step => schedule.IsDue(step, steps)));
    }

    [Fact]
    public void IsDue_StagesOfAStep_CountOnce()
    {
        var schedule = PreviewSchedule.Spread(3);
        int[] stages = [1, 1, 2, 2, 3, 3, 4, 4];
        Assert.Equal([1, 2, 3], stages.Where(step => schedule.IsDue(step, 4)));
    }
}
