using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Inference.Batching;
using Inference.Pipelines;
using Inference.Sampling;
using Inference.Server;
using Inference.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.Fuzz;

/// <summary>The server in this process, on a device that computes next to nothing.</summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _jobs;

    private FuzzServer(WebApplication app, TemporaryFolder jobs) => (_app, _jobs) = (app, jobs);

    public Uri Address => new(_app.Urls.First());

    /// <summary>Starts it; limits are low, so that they are met.</summary>
    public static async Task<FuzzServer> StartAsync()
    {
        var jobs = new TemporaryFolder();
        var app = ServerProgram.Build(
        [
            "--urls", "http://127.0.0.1:0", "--models", Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines"),
            "--Inference:Models:Default=sd15", "--Inference:Models:Loading=OnDemand",
            "--Inference:Batching:CostDirectory=", "--Inference:Batching:CostBudgetMilliseconds=0",
            "--Inference:Limits:MaxSteps=6", "--Inference:Limits:MaxCount=2", "--Inference:Limits:MaxPixels=4096", "--Inference:Limits:MaxPromptLength=500",
            "--Inference:Limits:MaxBodyBytes=32768", "--Inference:Limits:MaxImageBytes=65536", "--Inference:Queue:MaxQueuedSeconds=600",
            $"--Inference:Jobs:Directory={jobs.Root}", "--Inference:Jobs:MaxJobs=100", "--Inference:Jobs:RetentionSeconds=1",
            "--Logging:LogLevel:Default=None",
        ], services => services.AddSingleton<INetworkGuard, FakeDevices>());
        await app.StartAsync();
        var server = new FuzzServer(app, jobs);
        var models = app.Services.GetRequiredService<ModelHost>();
        while (models.Catalog is null)
            await Task.Delay(20);
        return server;
    }

    /// <summary>The endpoints that take JSON, with the fields of their bodies: those of the routing table, so that a new endpoint is tried too.</summary>
    public IReadOnlyList<(string Path, IReadOnlyList<JsonPropertyInfo> Fields)> JsonEndpoints()
    {
        var options = new JsonSerializerOptions(ServerJson.Default.Options);
        return
        [
            .. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
                .Select(endpoint => (endpoint.RoutePattern.RawText!, Accepts: endpoint.Metadata.GetMetadata<IAcceptsMetadata>()))
                .Where(entry => entry.Accepts is { RequestType: not null } accepts && accepts.ContentTypes.Contains("application/json"))
                .Select(entry => (entry.Item1, (IReadOnlyList<JsonPropertyInfo>)[.. options.GetTypeInfo(entry.Accepts!.RequestType!).Properties])),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _jobs.Dispose();
    }

    private sealed class FakeDevices : INetworkGuard
    {
        public IBatchEvaluator Guard(string model, IRenewableEvaluator network) => new FakeNetwork(network);
    }

    // Half of the latent is the noise in it, whatever the model.
    private sealed class FakeNetwork(IRenewableEvaluator network) : IBatchEvaluator
    {
        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
        {
            foreach (var row in rows)
                for (var i = 0; i < row.Output.Values.Length; i++)
                    row.Output.Values[i] = 0.5f * row.Input.Values[i];
        }

        public void Dispose() => network.Dispose();
    }
}
