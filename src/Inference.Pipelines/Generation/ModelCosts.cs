using Inference.Batching;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>How evaluation costs are learnt and kept.</summary>
public sealed record CostOptions
{
    /// <summary>Directory that keeps measured costs from one process to the next; null keeps nothing.</summary>
    public string? Directory { get; init; }

    /// <summary>Time a model's warm-up may spend on measuring, ≥ 0; 0 learns from requests only.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Told why costs could not be kept, or null.</summary>
    public Action<string>? Warn { get; init; }
}

/// <summary>Measured costs of a process's models, kept under what they depend on.</summary>
internal sealed class ModelCosts(SessionFactory sessions, CostOptions options)
{
    private readonly CostCurveStore? _store = options.Directory is { } directory ? new(directory) : null;

    public TimeSpan Budget => options.Budget;

    /// <summary>Fills the curves of a model from an earlier process; false when there is nothing.</summary>
    public bool TryLoad(string fingerprint, CostCurves curves) => _store is not null && fingerprint.Length > 0 && _store.TryLoad(IdentityOf(fingerprint), curves);

    /// <summary>Keeps the curves of a model; a directory that cannot be written costs a warning and a measurement next time.</summary>
    public void Save(string model, string fingerprint, CostCurves curves)
    {
        if (_store is null || fingerprint.Length == 0)
            return;
        try
        {
            _store.Save(IdentityOf(fingerprint), curves);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            options.Warn?.Invoke($"Measured costs of '{model}' are not kept: {exception.Message}");
        }
    }

    private CostIdentity IdentityOf(string fingerprint) =>
        new(fingerprint, $"{string.Join(',', sessions.Providers.Names)} {Precisions.NameOf(sessions.Network.Precision)} {sessions.Network.Attention}", SessionFactory.RuntimeVersion, sessions.Threads, Processor.Description);
}
