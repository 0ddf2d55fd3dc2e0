using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>
/// Pictures in the process that asks for them: models of a directory, batches shared by all calls, no server. Calls may be made from any number of threads at
/// once; there is no queue, so who makes more than the device can do has to wait.
/// </summary>
public sealed class ImageGenerator : IDisposable
{
    private readonly PipelineHost _host;
    private readonly ModelCatalog _catalog;
    private readonly GenerationLimits _limits;

    private ImageGenerator(PipelineHost host, ModelCatalog catalog, GenerationLimits limits) => (_host, _catalog, _limits) = (host, catalog, limits);

    /// <summary>Names of the models.</summary>
    public IEnumerable<string> Models => _catalog.Entries.Select(entry => entry.Name);

    /// <summary>Execution providers that were asked for and cannot be used, with the reason; one sentence each.</summary>
    public IReadOnlyList<string> Warnings => _host.Sessions.Providers.Warnings;

    /// <summary>Opens a directory of model folders. Models are loaded when they are first used.</summary>
    /// <param name="directory">The directory; null is <c>models</c> beside the program.</param>
    /// <param name="options">How they are run; null takes the defaults.</param>
    /// <exception cref="ModelFolderException">There are no models.</exception>
    /// <exception cref="ProviderUnavailableException">No execution provider can be used.</exception>
    public static ImageGenerator Open(string? directory = null, ImageGeneratorOptions? options = null)
    {
        options ??= new();
        var providers = ExecutionProviders.Resolve([.. options.Providers.Select(name => new ProviderOptions { Name = name })]);
        var host = new PipelineHost(new SessionFactory(providers, new() { IntraOp = options.Threads }), new(), TimeProvider.System,
            components: new() { Memory = options.MemoryBytes is { } bytes ? MemorySources.Fixed(bytes) : null });
        try
        {
            return new(host, ModelCatalog.Open(directory ?? Path.Combine(AppContext.BaseDirectory, "models"), new(), host), options.Limits);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Generates the pictures of a request.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="model">Name of the model; null is the first that can be loaded.</param>
    /// <param name="observer">Watches the steps, or null.</param>
    /// <param name="cancellationToken">Ends the work within one step.</param>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    /// <exception cref="GenerationFailedException">A result is not finite or of one colour.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, string? model = null, IGenerationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        using var lease = await _catalog.AcquireAsync(model ?? _catalog.DefaultName, cancellationToken)
            ?? throw new InvalidRequestException([new("model", $"There is no model '{model}'; there are {string.Join(", ", Models)}.")]);
        return await lease.Pipeline.GenerateAsync(request, _limits, observer, cancellationToken);
    }

    public void Dispose()
    {
        _catalog.Dispose();
        _host.Dispose();
    }
}

/// <summary>How an <see cref="ImageGenerator"/> runs its models.</summary>
public sealed record ImageGeneratorOptions
{
    /// <summary>Execution providers in order of preference: <c>cpu</c>, <c>cuda</c>.</summary>
    public IReadOnlyList<string> Providers { get; init; } = ["cpu"];

    /// <summary>Threads of one evaluation, ≥ 0; 0 takes one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes that models may take of their device's memory, weights included; null is what the device has.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Largest values of requests.</summary>
    public GenerationLimits Limits { get; init; } = new();
}
