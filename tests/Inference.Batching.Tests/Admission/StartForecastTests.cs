namespace Inference.Batching.Tests;

public sealed class StartForecastTests
{
    [Fact]
    public void Of_RoomAtOnce_IsNow() => Assert.Equal(TimeSpan.Zero, StartForecast.Of([new(10, 1, 1)], [new(1, 1, 1)], 2, 1));

    [Theory]
    [InlineData(1, 10)]
    [InlineData(0.5, 20)]
    public void Of_BehindOneRequest_IsItsWorkAtTheMeasuredPace(double pace, double seconds) =>
        Assert.Equal(seconds, StartForecast.Of([new(10, 2, 1)], [new(1, 1, 1)], 1, pace).TotalSeconds, 1e-6);

    [Fact]
    public void Of_TwoThatShareTheDevice_IsTheFirstDeparture()
    {
        // Equal shares: 4 s of work are done after 8 s, when the other has done 4 of its 10.
        Assert.Equal(8, StartForecast.Of([new(4, 1, 1), new(10, 1, 1)], [new(1, 1, 1)], 2, 1).TotalSeconds, 1e-6);
        // Three times the rows are three times the share.
        Assert.Equal(4.0 / 3 * 4, StartForecast.Of([new(4, 3, 1), new(10, 1, 1)], [new(1, 1, 1)], 2, 1).TotalSeconds, 1e-6);
    }

    [Fact]
    public void Of_ThoseThatWaitBefore_GoFirst() =>
        Assert.Equal(10 + 5, StartForecast.Of([new(10, 1, 1)], [new(5, 1, 1), new(1, 1, 1)], 1, 1).TotalSeconds, 1e-6);

    [Fact]
    public void Of_SeveralPictures_WaitForAsManyPlaces() =>
        Assert.Equal(14, StartForecast.Of([new(4, 1, 1), new(10, 1, 1)], [new(1, 2, 2)], 2, 1).TotalSeconds, 1e-6);
}
