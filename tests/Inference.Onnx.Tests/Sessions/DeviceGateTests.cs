namespace Inference.Onnx.Tests;

public sealed class DeviceGateTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private readonly DeviceGate _gate = new();

    [Fact]
    public void Calls_GoOnSideBySide_AndWithinEachOther()
    {
        using var first = _gate.Enter();
        using var within = _gate.Enter();
        Assert.True(Start(() => _gate.Enter().Dispose()).Join(Long));
    }

    [Fact]
    public void WhatIsAlone_WaitsForTheOthers_AndTheyForIt()
    {
        var order = new List<string>();
        using var mayEnd = new ManualResetEventSlim();
        Thread alone;
        using (_gate.Enter())
        {
            alone = Start(() =>
            {
                using var call = _gate.Enter(alone: true);
                // Copies and allocations of its own.
                using var own = _gate.Enter();
                mayEnd.Wait(Long);
                order.Add("alone");
            });
            Assert.False(alone.Join(50));
            order.Add("call");
        }
        var other = Start(() =>
        {
            SpinWait.SpinUntil(() => order.Count > 1, 50);
            using var call = _gate.Enter();
            order.Add("other");
        });
        Assert.False(other.Join(100));
        mayEnd.Set();
        Assert.True(alone.Join(Long) && other.Join(Long));
        Assert.Equal(["call", "alone", "other"], order);
    }

    private static Thread Start(Action action)
    {
        // One that never gets in must not hold up the process.
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
