using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>The memory that the models of a process compute in. Safe for any thread.</summary>
/// <param name="source">Says how much there is.</param>
internal sealed class MemoryBudget(IMemorySource source)
{
    private readonly Lock _gate = new();
    private readonly List<ModelMemory> _models = [];
    private long _last = long.MaxValue;

    /// <summary>Bytes that evaluations and decodes may take together, as of the last request that was checked: quick. The largest number while that is not known.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Bytes that evaluations and decodes may take together; null where that is not known.</summary>
    public long? Available()
    {
        lock (_gate)
        {
            var available = source.Available(new(_models.Sum(model => model.Weights), _models.Sum(model => model.Held)));
            Volatile.Write(ref _last, available ?? long.MaxValue);
            return available;
        }
    }

    /// <summary>A model was loaded.</summary>
    public void Add(ModelMemory model)
    {
        lock (_gate)
            _models.Add(model);
        Available();
    }

    /// <summary>A model was unloaded.</summary>
    public void Remove(ModelMemory model)
    {
        lock (_gate)
            _models.Remove(model);
        Available();
    }
}
