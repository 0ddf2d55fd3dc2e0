using Inference.Batching;

namespace Inference.TestKit;

/// <summary>
/// Serving in virtual time: the real admission ledger and the real batch scheduler around a simulated device. One picture is one lane; its decoding
/// takes one more thread a while. Minutes of load take milliseconds, and the same input gives the same result.
/// </summary>
public sealed class ServingSimulation
{
    private readonly VirtualTime _time = new();
    private readonly SimulatedCost _cost;
    private readonly StepBatcherOptions _options;
    private readonly BatchNetwork _network;
    private readonly TimeSpan _decode;
    private readonly BatchScheduler<SimulatedLane> _scheduler;
    private readonly AdmissionLedger<SimulatedRequest> _ledger;
    private readonly List<LaneTicket<SimulatedLane>> _running = [];
    private readonly List<AdmissionTicket<SimulatedRequest>> _refused = [];
    private readonly List<Task> _programs = [];
    private readonly Dictionary<SimulatedRequest, List<SimulatedLane>> _lanes = [];
    private TimeSpan _decoderFree;
    private bool _busy;

    /// <param name="cost">What an evaluation takes.</param>
    /// <param name="options">Cap and guard.</param>
    /// <param name="admission">Null lets everything in.</param>
    /// <param name="decode">Time to decode one picture, on a thread of its own.</param>
    public ServingSimulation(SimulatedCost cost, StepBatcherOptions options, AdmissionOptions? admission = null, TimeSpan decode = default)
    {
        (_cost, _options, _network, _decode) = (cost, options, SimulatedNetwork.New(), decode);
        cost.Learn(_network.Curves, options.MaxRows);
        _scheduler = new(options);
        _ledger = new(admission ?? new() { MaxRunning = int.MaxValue, MaxQueuedWork = TimeSpan.FromDays(1) });
    }

    /// <summary>Rows of every batch.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>Time the device worked.</summary>
    public TimeSpan Busy { get; private set; }

    /// <summary>Lanes and requests that are still open.</summary>
    public int LeftOpen => _scheduler.OpenLanes + _ledger.WaitingCount + _ledger.RunningPictures;

    /// <summary>The largest predicted work that was queued.</summary>
    public TimeSpan LargestQueue { get; private set; }

    public TimeSpan Now => _time.Now;

    /// <summary>Runs requests to their ends.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="finished">Called when one ends; may add another through <see cref="Add"/>: a closed loop.</param>
    public void Run(IEnumerable<SimulatedRequest> requests, Action<SimulatedRequest>? finished = null)
    {
        Ended = finished;
        foreach (var request in requests)
            Add(request);
        _time.Run(Share);
        foreach (var program in _programs)
            program.GetAwaiter().GetResult();
    }

    private Action<SimulatedRequest>? Ended { get; set; }

    /// <summary>Adds a request that arrives at its time, or now.</summary>
    public void Add(SimulatedRequest request) => _time.At(request.Arrival, () => Arrive(request));

    private void Arrive(SimulatedRequest request)
    {
        var cost = new PredictedCost(request.Pictures, request.RowsPerPicture, request.Steps, _decode, _network.Curves.Of(request.Key), _options.MaxRows);
        var ticket = new AdmissionTicket<SimulatedRequest>(request, cost, request.Priority, _time.Now + request.Timeout);
        request.Answer = _ledger.Enter(ticket, _time.Now);
        LargestQueue = _ledger.QueuedWork > LargestQueue ? _ledger.QueuedWork : LargestQueue;
        if (request.Answer.Value.Verdict != AdmissionVerdict.Accepted)
        {
            _refused.Add(ticket);
            Ended?.Invoke(request);
            return;
        }
        _time.After(request.Timeout, () => Drop(ticket));
        if (request.CancelAfter is { } cancel)
            _time.After(cancel, () => Drop(ticket));
        Advance();
    }

    private void Advance()
    {
        var (started, dropped) = (new List<AdmissionTicket<SimulatedRequest>>(), new List<AdmissionTicket<SimulatedRequest>>());
        _ledger.Start(_time.Now, started, dropped);
        foreach (var ticket in dropped)
        {
            ticket.Owner.IsDropped = true;
            Ended?.Invoke(ticket.Owner);
        }
        foreach (var ticket in started)
        {
            var lanes = _lanes[ticket.Owner] = [.. Enumerable.Range(0, ticket.Cost.Pictures).Select(_ => new SimulatedLane(ticket, this))];
            foreach (var lane in lanes)
                _scheduler.Open(lane.Ticket);
            foreach (var lane in lanes)
                if (ticket.Owner.Program is { } program)
                    _programs.Add(RunAsync(lane, program));
                else
                    Enqueue(lane, ticket.Owner.RowsPerPicture);
        }
        ReviseRefusals();
        Dispatch();
    }

    // A refused request would have come back with the same patience, so its deadline moves with the time.
    private void ReviseRefusals() => _refused.RemoveAll(ticket =>
    {
        var again = new AdmissionTicket<SimulatedRequest>(ticket.Owner, ticket.Cost, ticket.Priority, _time.Now + ticket.Owner.Timeout);
        if (_time.Now == ticket.Owner.Arrival || _ledger.Judge(again, _time.Now).Verdict != AdmissionVerdict.Accepted)
            return false;
        ticket.Owner.WouldBeAdmitted = _time.Now;
        return true;
    });

    // Runs on as its evaluations end, within the calls of this class.
    private async Task RunAsync(SimulatedLane lane, Func<ISimulatedLane, Task> program)
    {
        try
        {
            await program(lane);
            EndLane(lane);
        }
        catch (OperationCanceledException)
        {
            // Dropped: its lane is closed.
        }
    }

    private void Enqueue(SimulatedLane lane, int rows)
    {
        if (lane.Ticket.State == LaneState.Closed)
            return;
        lane.ShareAtEnqueue = lane.Share;
        _scheduler.Enqueue(lane.Ticket, rows, _time.Now);
        Dispatch();
    }

    private void Dispatch()
    {
        if (_busy)
            return;
        var decision = _scheduler.Next(_time.Now, _running);
        if (decision.Reason is null)
        {
            if (decision.AskAgain is { } at)
                _time.At(at, Dispatch);
            return;
        }
        var rows = _running.Sum(ticket => ticket.Rows);
        Batches.Add(rows);
        _busy = true;
        _time.After(_cost.Of(rows), () => Finish(rows));
    }

    private void Finish(int rows)
    {
        _busy = false;
        Busy += _cost.Of(rows);
        _scheduler.Finish(_running, _cost.Of(rows), _time.Now);
        var done = _running.ToArray();
        _running.Clear();
        foreach (var ticket in done)
        {
            var (lane, request) = (ticket.Owner, ticket.Owner.Request);
            request.RowsEvaluated += ticket.Rows;
            var waited = lane.Share - lane.ShareAtEnqueue;
            request.LongestGroup = waited > request.LongestGroup ? waited : request.LongestGroup;
            if (ticket.State == LaneState.Closed)
                continue;
            _ledger.Progress(lane.Admission, 1.0 / (request.Steps * request.Pictures), _time.Now);
            if (lane.Pending is { } pending)
            {
                lane.Pending = null;
                pending.SetResult();
            }
            else if (--lane.StepsLeft == 0)
                EndLane(lane);
            else if (request.Think > TimeSpan.Zero)
                _time.After(request.Think, () => Enqueue(lane, request.RowsPerPicture));
            else
                Enqueue(lane, request.RowsPerPicture);
        }
        ReviseRefusals();
        Dispatch();
    }

    private void EndLane(SimulatedLane lane)
    {
        _scheduler.Close(lane.Ticket);
        _ledger.EndLease(lane.Admission, _time.Now);
        Advance();
        var start = _decoderFree > _time.Now ? _decoderFree : _time.Now;
        _decoderFree = start + _decode;
        _time.At(_decoderFree, () =>
        {
            lane.IsDone = true;
            if (lane.Admission.State != AdmissionState.Running || !_lanes[lane.Request].All(other => other.IsDone))
                return;
            lane.Request.Finished = _time.Now;
            lane.Request.FairShare = lane.Share;
            End(lane.Admission);
        });
    }

    private void Drop(AdmissionTicket<SimulatedRequest> ticket)
    {
        if (ticket.State == AdmissionState.Gone)
            return;
        ticket.Owner.IsDropped = true;
        foreach (var lane in _lanes.GetValueOrDefault(ticket.Owner) ?? [])
        {
            _scheduler.Close(lane.Ticket);
            lane.Pending?.SetCanceled();
        }
        End(ticket);
    }

    private void End(AdmissionTicket<SimulatedRequest> ticket)
    {
        _ledger.Leave(ticket, _time.Now);
        _lanes.Remove(ticket.Owner);
        Ended?.Invoke(ticket.Owner);
        Advance();
    }

    private void Share(TimeSpan passed)
    {
        var working = _scheduler.Waiting.Concat(_running).ToArray();
        foreach (var ticket in working)
            ticket.Owner.Share += passed / working.Length;
    }

    private sealed class SimulatedLane : ISimulatedLane
    {
        private readonly ServingSimulation _simulation;

        public SimulatedLane(AdmissionTicket<SimulatedRequest> admission, ServingSimulation simulation)
        {
            (Admission, StepsLeft, _simulation) = (admission, admission.Owner.Steps, simulation);
            Ticket = new(this, simulation._network, Request.Key, Request.Sharing);
        }

        public TaskCompletionSource? Pending { get; set; }

        public int Width(int rows) => _simulation._scheduler.Width(Ticket, rows);

        public Task EvaluateAsync(int rows)
        {
            Pending = new();
            var task = Pending.Task;
            _simulation.Enqueue(this, rows);
            return task;
        }

        public AdmissionTicket<SimulatedRequest> Admission { get; }

        public SimulatedRequest Request => Admission.Owner;

        public LaneTicket<SimulatedLane> Ticket { get; }

        public int StepsLeft { get; set; }

        public bool IsDone { get; set; }

        public TimeSpan Share { get; set; }

        public TimeSpan ShareAtEnqueue { get; set; }
    }
}
