using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Server.Tests;

public sealed class GuardedNetworkTests : IDisposable
{
    private static readonly BatchKey Key = new(BatchKey.Full, new(1, 1, 1), "");
    private static readonly ResilienceOptions Options = new() { MinimumEvaluations = 4, FailureRatio = 0.75, WindowMilliseconds = 10_000, BreakMilliseconds = 5_000 };
    private readonly ManualTime _time = new();
    private readonly Network _network = new();
    private readonly Log _log = new();
    private readonly GuardedNetwork _guarded;
    private bool _isDisposed;

    public GuardedNetworkTests() => _guarded = new("m", _network, Options, _time, _log, _ => _isDisposed = true);

    [Fact]
    public void Evaluate_HandsOnKeyAndRows()
    {
        NetworkRow[] rows = [Row(1), Row(2), Row(3)];
        _guarded.Evaluate(Key, rows);
        Assert.Equal([1.0, 2, 3], _network.Timesteps);
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public void ProviderFailure_IsTriedOnceMore_AfterRenewal()
    {
        _network.Failures = 1;
        _guarded.Evaluate(Key, [Row(1)]);
        Assert.Equal((2, 1), (_network.Calls, _network.Renewals));
        Assert.Equal(["retry m"], _log.Entries);
    }

    [Fact]
    public void ProviderFailure_Twice_IsReported()
    {
        _network.Failures = 2;
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.Equal((2, 1), (_network.Calls, _network.Renewals));
    }

    [Fact]
    public void AnErrorThatSticks_IsReportedAtOnce_AndNotTriedAgain()
    {
        (_network.Failures, _network.Fault) = (1, DeviceFault.Sticking);
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.Equal((1, 0), (_network.Calls, _network.Renewals));
        Assert.Equal(["stuck m"], _log.Entries);
    }

    [Fact]
    public void WantOfMemory_IsTriedOnAFreshSession_AndSticks_OnlyForABatchThatFittedBefore()
    {
        (_network.Failures, _network.Fault) = (2, DeviceFault.OutOfMemory);
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1), Row(2)]));
        Assert.Equal(["retry m"], _log.Entries);

        _guarded.Evaluate(Key, [Row(1)]);
        _network.Failures = 2;
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1), Row(2)]));
        Assert.Equal(["retry m", "retry m"], _log.Entries);

        _network.Failures = 1;
        _guarded.Evaluate(Key, [Row(1)]);
        _network.Failures = 2;
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.Equal(["retry m", "retry m", "retry m", "retry m", "stuck m"], _log.Entries);
    }

    [Fact]
    public void OtherFailures_AreNotTriedAgain_AndOpenNothing()
    {
        _network.Other = true;
        for (var i = 0; i < 20; i++)
            Assert.Throws<EvaluationException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.Equal((20, 0), (_network.Calls, _network.Renewals));
        Assert.False(_guarded.IsOpen);
    }

    [Fact]
    public void FewFailuresAmongMany_LeaveTheCircuitClosed()
    {
        for (var i = 0; i < 12; i++)
        {
            // Half of them fail, less than the ratio.
            _network.Failures = i % 2 == 0 ? 2 : 0;
            if (i % 2 == 0)
                Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
            else
                _guarded.Evaluate(Key, [Row(1)]);
        }
        Assert.False(_guarded.IsOpen);
    }

    [Fact]
    public void OpenCircuit_Refuses_UntilAProbeSucceeds()
    {
        Break();
        var calls = _network.Calls;
        Assert.Equal(TimeSpan.FromSeconds(5), Assert.Throws<DeviceUnavailableException>(() => _guarded.Evaluate(Key, [Row(1)])).RetryAfter);
        Assert.Equal(calls, _network.Calls);
        Assert.False(_guarded.WantsProbe);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(_guarded.WantsProbe);
        Assert.True(_guarded.IsOpen);
        _network.Failures = 0;
        _guarded.Evaluate(Key, [Row(1)]);
        Assert.Equal((false, 0), (_guarded.IsOpen, _guarded.Openings));
        Assert.Equal("closed m", _log.Entries[^1]);
    }

    [Fact]
    public void ProbesThatFail_AreCounted()
    {
        Break();
        Assert.Equal(1, _guarded.Openings);
        for (var probe = 2; probe <= 4; probe++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
            Assert.Equal(probe, _guarded.Openings);
            Assert.False(_guarded.WantsProbe);
        }
    }

    [Fact]
    public void RunningFor_IsTheTimeOfTheEvaluationUnderWay()
    {
        Assert.Null(_guarded.RunningFor);
        _network.During = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            Assert.InRange(_guarded.RunningFor!.Value.TotalSeconds, 2.999, 3.001);
        };
        _guarded.Evaluate(Key, [Row(1)]);
        Assert.Null(_guarded.RunningFor);
        (_network.During, _network.Failures) = (null, 2);
        Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.Null(_guarded.RunningFor);
    }

    [Fact]
    public void Evaluate_InSteadyState_AllocatesNothing()
    {
        NetworkRow[] rows = [Row(1)];
        _network.Recording = false;
        for (var i = 0; i < 100; i++)
            _guarded.Evaluate(Key, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _guarded.Evaluate(Key, rows);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Dispose_DisposesTheNetwork_AndSaysSo()
    {
        _guarded.Dispose();
        Assert.Equal((true, true), (_isDisposed, _network.IsDisposed));
    }

    public void Dispose() => _guarded.Dispose();

    private void Break()
    {
        _network.Failures = int.MaxValue;
        for (var i = 0; i < Options.MinimumEvaluations; i++)
            Assert.Throws<ProviderFailedException>(() => _guarded.Evaluate(Key, [Row(1)]));
        Assert.True(_guarded.IsOpen);
    }

    private static NetworkRow Row(double timestep) => new(Latent.From(Key.Shape, [0]), timestep, new([]), Latent.Rent(Key.Shape));

    private sealed class Network : IRenewableEvaluator
    {
        public int Failures { get; set; }

        public DeviceFault Fault { get; set; }

        public bool Other { get; set; }

        public bool Recording { get; set; } = true;

        public Action? During { get; set; }

        public int Calls { get; private set; }

        public int Renewals { get; private set; }

        public bool IsDisposed { get; private set; }

        public List<double> Timesteps { get; } = [];

        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
        {
            Calls++;
            During?.Invoke();
            if (Other)
                throw new EvaluationException("the rows do not fit");
            if (Failures-- > 0)
                throw new ProviderFailedException("the device failed", fault: Fault);
            if (Recording)
                foreach (var row in rows)
                    Timesteps.Add(row.Timestep);
        }

        public void Renew() => Renewals++;

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Log : IDeviceObserver
    {
        public List<string> Entries { get; } = [];

        public void OnRetry(string model, Exception failure) => Entries.Add($"retry {model}");

        public void OnStuck(string model, Exception failure) => Entries.Add($"stuck {model}");

        public void OnOpened(string model, int times, Exception? failure) => Entries.Add($"opened {model} {times}");

        public void OnClosed(string model) => Entries.Add($"closed {model}");
    }
}
