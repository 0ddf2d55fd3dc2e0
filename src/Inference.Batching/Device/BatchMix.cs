namespace Inference.Batching;

/// <summary>Counts how mixed a batch is, without allocating.</summary>
internal sealed class BatchMix
{
    private readonly HashSet<string> _labels = [];
    private readonly HashSet<double> _timesteps = [];

    public (int Rows, int Labels, int Timesteps) Count(List<LaneTicket<Lane>> batch)
    {
        var rows = 0;
        _labels.Clear();
        _timesteps.Clear();
        foreach (var ticket in batch)
        {
            _labels.Add(ticket.Owner.Label);
            foreach (var row in ticket.Owner.Rows.Span)
                _timesteps.Add(row.Timestep);
            rows += ticket.Rows;
        }
        return (rows, _labels.Count, _timesteps.Count);
    }
}
