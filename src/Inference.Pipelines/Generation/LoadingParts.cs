namespace Inference.Pipelines;

/// <summary>Parts of a model that are loaded already; disposed together when a later one fails.</summary>
internal sealed class LoadingParts : IDisposable
{
    private readonly Stack<IDisposable> _parts = [];

    /// <summary>Remembers a part until loading is complete.</summary>
    public T Add<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }

    /// <summary>Everything was loaded and has an owner now.</summary>
    public void Complete() => _parts.Clear();

    public void Dispose()
    {
        while (_parts.TryPop(out var part))
            part.Dispose();
    }
}
