namespace Inference.Pipelines;

/// <summary>When models are loaded.</summary>
public enum ModelLoading
{
    /// <summary>All at start, before requests are served.</summary>
    Start,

    /// <summary>Each with the first request that names it.</summary>
    OnDemand,
}

/// <summary>How the models of a directory are kept in memory.</summary>
public sealed record CatalogOptions
{
    /// <summary>Model of requests that name none; null takes the first by name.</summary>
    public string? Default { get; init; }

    public ModelLoading Loading { get; init; } = ModelLoading.Start;

    /// <summary>Whether a model runs once before its first request, so that this finds everything ready and costs measured.</summary>
    public bool WarmUp { get; init; }

    /// <summary>Bytes of model files that may be loaded at once, &gt; 0; null is no limit. The least recently used idle model makes room.</summary>
    public long? MemoryBytes { get; init; }
}
