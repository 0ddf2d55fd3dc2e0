using Inference.TestKit;

namespace Inference.Server.Tests;

public sealed class DeviceUseTests
{
    private readonly ManualTime _time = new();
    private readonly DeviceUse _use;

    public DeviceUseTests() => _use = new(_time);

    [Fact]
    public void IdleShare_AtTheStart_IsOne() => Assert.Equal(1, _use.IdleShare);

    [Fact]
    public void IdleShare_InTheFirstMinute_IsOfTheTimeSinceTheStart()
    {
        Evaluate(2.5);
        Wait(7.5);
        Assert.Equal(0.75, _use.IdleShare, 3);
    }

    [Fact]
    public void IdleShare_ForgetsWhatIsOlderThanAMinute()
    {
        Evaluate(30);
        Wait(120);
        Assert.Equal(1, _use.IdleShare, 6);
        Evaluate(6);
        Assert.InRange(_use.IdleShare, 0.89, 0.91);
    }

    [Fact]
    public void IdleShare_OfADeviceThatIsAlwaysBusy_IsZero()
    {
        for (var i = 0; i < 1000; i++)
            Evaluate(0.137);
        Assert.InRange(_use.IdleShare, 0, 0.001);
    }

    [Fact]
    public void IdleShare_AfterAnEvaluationLongerThanTheWindow_IsZero()
    {
        Wait(5);
        Evaluate(300);
        Assert.InRange(_use.IdleShare, 0, 0.001);
    }

    private void Evaluate(double seconds)
    {
        Wait(seconds);
        _use.Record(TimeSpan.FromSeconds(seconds));
    }

    private void Wait(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
