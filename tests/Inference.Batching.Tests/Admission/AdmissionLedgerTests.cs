namespace Inference.Batching.Tests;

/// <summary>The rules of admission one by one. An evaluation costs 10 ms and gains nothing by batching; requests have one row.</summary>
public sealed class AdmissionLedgerTests
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);
    private readonly AdmissionLedger<string> _ledger = new(new() { MaxRunning = 2, MaxQueuedWork = Seconds(10), BatchDelay = Seconds(5) });
    private readonly CostCurve _curve = new();
    private readonly List<AdmissionTicket<string>> _started = [];
    private readonly List<AdmissionTicket<string>> _dropped = [];

    public AdmissionLedgerTests() => _curve.Restore([new(1, 10), new(2, 20), new(4, 40)]);

    [Fact]
    public void PredictedWork_IsRowsTimesStepsTimesCostPlusDecode() =>
        Assert.Equal(Seconds(3 * 2 * 50 * 0.010 + 3 * 0.2).TotalSeconds, new PredictedCost(3, 2, 50, Seconds(0.2), _curve, 32).Work.TotalSeconds, 6);

    [Fact]
    public void Queue_IsBoundedByWork_AndSaysWhenToComeBack()
    {
        Assert.Equal(AdmissionVerdict.Accepted, Enter("a", 6).Verdict);
        Assert.Equal(AdmissionVerdict.Accepted, Enter("b", 7).Verdict);
        var refused = Enter("c", 0.01);
        Assert.Equal(AdmissionVerdict.QueueFull, refused.Verdict);
        // 13 s of work are there, 10 s accepted.
        Assert.Equal(3, refused.RetryAfter.TotalSeconds, 3);
        Assert.Equal(13, _ledger.QueuedWork.TotalSeconds, 3);
    }

    [Fact]
    public void FeatureBytes_AreReserved_AndFreedWithThePictures()
    {
        var ledger = new AdmissionLedger<string>(new() { MaxRunning = 8, MaxFeatureBytes = 100 });
        AdmissionTicket<string> Enter(string name, int pictures, long bytes)
        {
            var ticket = new AdmissionTicket<string>(name, new(pictures, 1, 100, TimeSpan.Zero, _curve, 32) { FeatureBytesPerPicture = bytes }, RequestPriority.Interactive, Forever);
            Assert.Equal(AdmissionVerdict.Accepted, ledger.Enter(ticket, Seconds(0)).Verdict);
            ledger.Start(Seconds(0), _started, _dropped);
            return ticket;
        }
        var first = Enter("a", 2, 40);
        var second = Enter("b", 1, 40);
        Assert.Equal((80, AdmissionState.Waiting), (ledger.ReservedBytes, second.State));
        ledger.EndLease(first, Seconds(1));
        ledger.Start(Seconds(1), _started, _dropped);
        Assert.Equal((80, AdmissionState.Running), (ledger.ReservedBytes, second.State));
        ledger.Leave(first, Seconds(2));
        ledger.Leave(second, Seconds(2));
        Assert.Equal(0, ledger.ReservedBytes);
    }

    [Fact]
    public void ManySmallRequests_AreNoMoreThanOneLarge()
    {
        for (var i = 0; i < 90; i++)
            Assert.Equal(AdmissionVerdict.Accepted, Enter($"{i}", 0.1).Verdict);
        Assert.Equal(90, _ledger.WaitingCount);
    }

    [Fact]
    public void Turns_AreAsManyAsPicturesRun()
    {
        var a = Ticket("a", 1);
        Enter(a);
        Enter("b", 1);
        Enter("c", 1);
        Assert.Equal(["a", "b"], Start(0));
        _ledger.Leave(a, Seconds(1));
        Assert.Equal(["c"], Start(1));
        Assert.Equal(2, _ledger.RunningPictures);
    }

    [Fact]
    public void PlaceOf_SaysHowManyAreAhead_AndWhenItStarts()
    {
        var (first, second, third, fourth) = (Ticket("a", 2), Ticket("b", 5), Ticket("c", 1), Ticket("d", 1));
        foreach (var ticket in new[] { first, second, third, fourth })
            Enter(ticket);
        Start(0);
        Assert.Equal(new AdmissionPlace(0, TimeSpan.Zero), _ledger.PlaceOf(first));
        // Two share the device: 2 s of work take 4, then 1 s of work takes 2.
        Assert.Equal((0, 4.0), _ledger.PlaceOf(third) is { } next ? (next.Ahead, Math.Round(next.StartsIn.TotalSeconds, 6)) : default);
        Assert.Equal((1, 6.0), _ledger.PlaceOf(fourth) is { } last ? (last.Ahead, Math.Round(last.StartsIn.TotalSeconds, 6)) : default);
        _ledger.Leave(third, Seconds(1));
        Assert.Null(_ledger.PlaceOf(third));
        Assert.Equal(0, _ledger.PlaceOf(fourth)!.Value.Ahead);
    }

    [Fact]
    public void Lease_EndsWithItsLane_SoThatDecodingHoldsNobodyUp()
    {
        var pair = new AdmissionTicket<string>("pair", new(2, 1, 10, TimeSpan.Zero, _curve, 32), RequestPriority.Interactive, Forever);
        Enter(pair);
        Enter("next", 1);
        Assert.Equal(["pair"], Start(0));
        _ledger.EndLease(pair, Seconds(1));
        Assert.Equal(["next"], Start(1));
        _ledger.EndLease(pair, Seconds(2));
        // A lane ends once; what is reported beyond that frees nothing.
        _ledger.EndLease(pair, Seconds(2));
        Assert.Equal(1, _ledger.RunningPictures);
        _ledger.Leave(pair, Seconds(3));
        Assert.Equal(1, _ledger.RunningPictures);
    }

    [Fact]
    public void RequestOfMorePicturesThanRun_RunsAlone()
    {
        Enter(new("wide", new(3, 1, 10, TimeSpan.Zero, _curve, 32), RequestPriority.Interactive, Forever));
        Enter("next", 1);
        Assert.Equal(["wide"], Start(0));
    }

    [Fact]
    public void BatchClass_GoesBehindInteractive_UntilItHasAged()
    {
        Start(0);
        Enter("running", 1);
        Enter("running too", 1);
        Start(0);
        Enter("batch", 1, RequestPriority.Batch);
        Enter("early", 1, at: 4);
        Enter("late", 1, at: 6);
        Leave("running", 6);
        Assert.Equal(["early"], Start(6));
        Leave("running too", 6);
        Assert.Equal(["batch"], Start(6));
    }

    [Fact]
    public void Deadline_ThatAnIdleServerCannotMeet_IsRefusedForGood()
    {
        var answer = Enter("a", 2, timeout: 1);
        Assert.Equal((AdmissionVerdict.DeadlineTooShort, TimeSpan.Zero), (answer.Verdict, answer.RetryAfter));
        Assert.Equal(2, answer.PredictedTime.TotalSeconds, 3);
    }

    [Fact]
    public void Deadline_ThatTheQueueBreaks_IsRefusedWithATime()
    {
        Enter("a", 4);
        Enter("b", 4);
        Start(0);
        Enter("c", 1);
        // 9 s ahead and 1 s of its own.
        var answer = Enter("d", 1, timeout: 6);
        Assert.Equal(AdmissionVerdict.DeadlineTooBusy, answer.Verdict);
        Assert.InRange(answer.RetryAfter.TotalSeconds, 4, 8);
        Assert.Equal(AdmissionVerdict.Accepted, Enter("e", 1, timeout: 30).Verdict);
    }

    [Fact]
    public void Waiting_BeyondTheDeadline_IsDroppedInsteadOfStarted()
    {
        Enter("a", 1);
        Enter("b", 1);
        Start(0);
        Assert.Equal(AdmissionVerdict.Accepted, Enter("c", 1, timeout: 8).Verdict);
        Leave("a", 7.5);
        Assert.Empty(Start(7.5));
        Assert.Equal(["c"], _dropped.Select(ticket => ticket.Owner));
        Assert.Equal(0, _ledger.WaitingCount);
    }

    [Fact]
    public void Progress_TakesWorkOffTheQueue_AndLeavingTakesTheRest()
    {
        var a = Ticket("a", 4);
        Enter(a);
        Start(0);
        _ledger.Progress(a, 0.25, Seconds(1));
        Assert.Equal(3, _ledger.QueuedWork.TotalSeconds, 3);
        _ledger.Leave(a, Seconds(2));
        _ledger.Leave(a, Seconds(2));
        Assert.Equal((0, TimeSpan.Zero), (_ledger.RunningPictures, _ledger.QueuedWork));
    }

    [Fact]
    public void SaturatedPace_CorrectsPredictions()
    {
        var (a, b) = (Ticket("a", 9), Ticket("b", 9));
        Enter(a);
        Enter(b);
        Start(0);
        // 0.45 s of predicted work are done in a second; 9 s are left after 20.
        for (var second = 1; second <= 20; second++)
        {
            _ledger.Progress(a, 0.5 / 20, Seconds(second));
            _ledger.Progress(b, 0.5 / 20, Seconds(second));
        }
        Assert.InRange(_ledger.QueuedWork.TotalSeconds, 16, 20);
    }

    private static TimeSpan Seconds(double value) => TimeSpan.FromSeconds(value);

    private AdmissionTicket<string> Ticket(string name, double seconds, RequestPriority priority = default, double timeout = 86_400, double at = 0) =>
        new(name, new(1, 1, (int)Math.Round(seconds * 100), TimeSpan.Zero, _curve, 32), priority, Seconds(at + timeout));

    private AdmissionAnswer Enter(string name, double seconds, RequestPriority priority = default, double timeout = 86_400, double at = 0) =>
        Enter(Ticket(name, seconds, priority, timeout, at), at);

    private AdmissionAnswer Enter(AdmissionTicket<string> ticket, double at = 0) => _ledger.Enter(ticket, Seconds(at));

    private void Leave(string name, double at) => _ledger.Leave(_all.Single(ticket => ticket.Owner == name), Seconds(at));

    private readonly List<AdmissionTicket<string>> _all = [];

    private IEnumerable<string> Start(double at)
    {
        _started.Clear();
        _ledger.Start(Seconds(at), _started, _dropped);
        _all.AddRange(_started);
        return _started.Select(ticket => ticket.Owner);
    }
}
