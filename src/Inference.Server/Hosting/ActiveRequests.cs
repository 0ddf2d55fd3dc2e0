namespace Inference.Server;

/// <summary>The requests under way by their ids (<c>x-request-id</c>), so that they can be cancelled. Clients choose ids, so several may share one.</summary>
internal sealed class ActiveRequests
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<RequestLife>> _lives = new(StringComparer.Ordinal);

    /// <summary>Requests under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _lives.Values.Sum(same => same.Count);
        }
    }

    public void Add(string id, RequestLife life)
    {
        lock (_gate)
        {
            if (!_lives.TryGetValue(id, out var same))
                _lives.Add(id, same = []);
            same.Add(life);
        }
    }

    public void Remove(string id, RequestLife life)
    {
        lock (_gate)
            if (_lives.TryGetValue(id, out var same) && same.Remove(life) && same.Count == 0)
                _lives.Remove(id);
    }

    /// <summary>Cancels every request with an id; returns how many there were.</summary>
    public int Cancel(string id)
    {
        lock (_gate)
        {
            if (!_lives.TryGetValue(id, out var same))
                return 0;
            // Under the lock, so that none is disposed meanwhile.
            foreach (var life in same)
                life.Cancel();
            return same.Count;
        }
    }
}
