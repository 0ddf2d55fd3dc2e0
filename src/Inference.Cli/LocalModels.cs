using System.CommandLine;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Options that say where models lie and what runs them, and the catalog they lead to.</summary>
internal sealed class LocalModels
{
    private const long LeastMemory = 1 << 20;

    private readonly Option<string> _directory = new("--models")
    {
        Description = "Directory of model folders.",
        DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "models"),
    };

    private readonly Option<string[]> _providers = new("--provider")
    {
        Description = $"Execution providers in order of preference: {string.Join(", ", ExecutionProviders.Known)}.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _calibrations = new("--calibrations")
    {
        Description = "Folder of cache calibrations, for model folders that may not be written; beside the models when missing.",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Threads of one evaluation; 0 takes one a core." };

    private readonly Option<long?> _memory = new("--memory") { Description = "Bytes of memory for models, weights included; what the device has when missing. Pictures that need more are refused." };

    private readonly Option<string> _precision = new("--precision")
    {
        Description = $"What networks compute in: {string.Join(", ", Precisions.Names)}.",
        DefaultValueFactory = _ => Precisions.NameOf(Precision.Float32),
    };

    private readonly Option<AttentionForm> _attention = new("--attention") { Description = "How attention is computed: exported, or by the provider's fused operator." };

    private readonly CudaSettings _cuda = new();

    /// <param name="defaults">Providers where none are named; null is the CPU.</param>
    public LocalModels(string[]? defaults = null)
    {
        _providers.DefaultValueFactory = _ => defaults ?? ["cpu"];
        _precision.AcceptOnlyFromAmong([.. Precisions.Names]);
        _providers.AcceptOnlyFromAmong([.. ExecutionProviders.Known]);
        _threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--threads must be 0 or more.");
        });
        _memory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < LeastMemory)
                result.AddError($"--memory must be at least {LeastMemory}.");
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_directory);
        command.Options.Add(_providers);
        command.Options.Add(_threads);
        command.Options.Add(_memory);
        command.Options.Add(_precision);
        command.Options.Add(_attention);
        _cuda.AddTo(command);
        command.Options.Add(_calibrations);
    }

    /// <summary>The folder of calibrations, or null.</summary>
    public string? CalibrationsOf(ParseResult parsed) => parsed.GetValue(_calibrations);

    /// <summary>The directory of model folders.</summary>
    public string DirectoryOf(ParseResult parsed) => parsed.GetRequiredValue(_directory);

    /// <summary>Threads of one evaluation; 0 takes one a core.</summary>
    public int ThreadsOf(ParseResult parsed) => parsed.GetValue(_threads);

    /// <summary>The providers; warnings go to standard error.</summary>
    /// <exception cref="ProviderUnavailableException">None of them can be used.</exception>
    public ExecutionProviders Resolve(ParseResult parsed)
    {
        var providers = ExecutionProviders.Resolve([.. parsed.GetRequiredValue(_providers).Select(name => _cuda.OptionsOf(name, parsed))]);
        foreach (var warning in providers.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        return providers;
    }

    /// <summary>How every provider stands.</summary>
    public IReadOnlyList<ProviderReport> Survey(ParseResult parsed) => ExecutionProviders.Survey([.. ExecutionProviders.Known.Select(name => _cuda.OptionsOf(name, parsed))]);

    /// <summary>Lists the models, which are loaded when they are first used; dispose the result.</summary>
    public LoadedModels Load(ParseResult parsed)
    {
        var providers = Resolve(parsed);
        var network = new NetworkOptions { Precision = Precisions.Find(parsed.GetRequiredValue(_precision))!.Value, Attention = parsed.GetValue(_attention) };
        var host = new PipelineHost(new SessionFactory(providers, new() { IntraOp = parsed.GetValue(_threads) }, network), new(), TimeProvider.System, components: new()
        {
            CalibrationDirectory = parsed.GetValue(_calibrations),
            Memory = parsed.GetValue(_memory) is { } bytes ? MemorySources.Fixed(bytes) : null,
        });
        try
        {
            return new(ModelCatalog.Open(parsed.GetRequiredValue(_directory), new(), host), host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}

/// <summary>A catalog and what it runs on.</summary>
internal sealed record LoadedModels(ModelCatalog Catalog, PipelineHost Host) : IDisposable
{
    /// <summary>Loads a model; dispose the lease.</summary>
    /// <param name="name">Its name; null is the default model.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">There is no such model.</exception>
    public async Task<ModelLease> AcquireAsync(string? name, CancellationToken cancellationToken) =>
        await Catalog.AcquireAsync(name ?? Catalog.DefaultName, cancellationToken)
        ?? throw new CommandException($"There is no model '{name}'; there are: {string.Join(", ", Catalog.Entries.Select(entry => entry.Name))}.");

    public void Dispose()
    {
        Catalog.Dispose();
        Host.Dispose();
    }
}
