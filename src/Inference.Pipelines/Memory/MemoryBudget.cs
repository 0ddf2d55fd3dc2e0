using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>The memory that the models of a process compute in. Arenas keep what they have grown to, so a model has what the others have left. Safe for any thread.</summary>
/// <param name="source">Says how much there is.</param>
internal sealed class MemoryBudget(IMemorySource source)
{
    private readonly Lock _gate = new();
    private readonly List<ModelMemory> _models = [];

    /// <summary>A model was loaded.</summary>
    public void Add(ModelMemory model)
    {
        lock (_gate)
        {
            _models.Add(model);
            Divide();
        }
    }

    /// <summary>A model was unloaded.</summary>
    public void Remove(ModelMemory model)
    {
        lock (_gate)
        {
            _models.Remove(model);
            Divide();
        }
    }

    /// <summary>Brings what every model may compute in (<see cref="ModelMemory.Share"/>) up to date.</summary>
    public void Update()
    {
        lock (_gate)
            Divide();
    }

    private void Divide()
    {
        var held = _models.Sum(model => model.Held);
        var available = source.Available(new(_models.Sum(model => model.Weights), held));
        foreach (var model in _models)
            model.Share = available is { } bytes ? Math.Max(0, bytes - (held - model.Reusable)) : null;
    }
}
