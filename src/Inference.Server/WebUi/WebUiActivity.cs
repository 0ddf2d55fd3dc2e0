namespace Inference.Server;

/// <summary>The requests of the web UI under way, and its options. Where keys are needed, clients see, interrupt and change their own only.</summary>
internal sealed class WebUiActivity
{
    private readonly Lock _gate = new();
    private readonly List<WebUiRun> _runs = [];
    private readonly Dictionary<string, WebUiOptions> _options = [];

    /// <summary>The options that a client chose; they hold until the process ends.</summary>
    /// <param name="holder">Holder of its key; null where there are no keys, and all clients are one.</param>
    public WebUiOptions OptionsOf(string? holder)
    {
        lock (_gate)
            return _options.GetValueOrDefault(holder ?? "") ?? new();
    }

    /// <summary>Changes the options that are given.</summary>
    public void Change(string? holder, WebUiOptions given)
    {
        lock (_gate)
        {
            var known = _options.GetValueOrDefault(holder ?? "");
            _options[holder ?? ""] = new()
            {
                SdModelCheckpoint = given.SdModelCheckpoint ?? known?.SdModelCheckpoint,
                SamplesFormat = given.SamplesFormat ?? known?.SamplesFormat,
            };
        }
    }

    public void Add(WebUiRun run)
    {
        lock (_gate)
            _runs.Add(run);
    }

    public void Remove(WebUiRun run)
    {
        lock (_gate)
            _runs.Remove(run);
    }

    /// <summary>The requests of a client, the oldest first.</summary>
    /// <param name="holder">Holder of its key; null where there are no keys.</param>
    public IReadOnlyList<WebUiRun> Of(string? holder)
    {
        lock (_gate)
            return [.. _runs.Where(run => run.Holder == holder)];
    }

    /// <summary>Interrupts the requests of a client.</summary>
    public void Interrupt(string? holder)
    {
        lock (_gate)
            // Under the lock, so that none is disposed meanwhile.
            foreach (var run in _runs.Where(run => run.Holder == holder))
                run.Interrupt();
    }
}
