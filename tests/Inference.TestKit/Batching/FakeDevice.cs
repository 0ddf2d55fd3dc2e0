using Inference.Batching;
using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>
/// A device without a network: the output of a row is its input times two plus its timestep. Records its batches; can be held still, and fails for
/// rows with a given timestep.
/// </summary>
public sealed class FakeDevice : IBatchEvaluator
{
    private readonly ManualResetEventSlim _open = new(true);
    private readonly SemaphoreSlim _entered = new(0);
    private readonly List<double[]> _batches = [];

    /// <summary>Timesteps of the rows of each batch so far.</summary>
    public IReadOnlyList<double[]> Batches
    {
        get
        {
            lock (_batches)
                return [.. _batches];
        }
    }

    /// <summary>Batches with a row of this timestep fail.</summary>
    public double? FailingTimestep { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Keeps the next batches inside <see cref="Evaluate"/> until <see cref="Release"/>.</summary>
    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    /// <summary>Waits until a batch has reached the device.</summary>
    public async Task EnteredAsync()
    {
        if (!await _entered.WaitAsync(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("No batch reached the device.");
    }

    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        var timesteps = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            timesteps[i] = rows[i].Timestep;
        lock (_batches)
            _batches.Add(timesteps);
        _entered.Release();
        _open.Wait();
        foreach (var row in rows)
        {
            if (row.Timestep == FailingTimestep)
                throw new InvalidOperationException("the fake device was told to fail");
            for (var i = 0; i < row.Input.Values.Length; i++)
                row.Output.Values[i] = 2 * row.Input.Values[i] + (float)row.Timestep;
        }
    }

    public void Dispose()
    {
        IsDisposed = true;
        _open.Dispose();
        _entered.Dispose();
    }
}
