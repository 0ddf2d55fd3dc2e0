using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>Servers one after another on one file of experiments.</summary>
public sealed class ExperimentServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The file of experiments.</summary>
    public string File => _folder.PathOf("experiments.db");

    /// <summary>The process that runs now.</summary>
    public ServerProcess Process { get; private set; } = null!;

    public HttpClient Http => Process.Client;

    public async Task InitializeAsync()
    {
        Process = ServerProcess.With($"--Inference:Experiments:File={File}");
        await Process.InitializeAsync();
    }

    /// <summary>Kills the process with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await Process.DisposeAsync();
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Makes an experiment of 2 steps against 1, or what is given in place of that.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateAsync(object? pairing = null, object? stop = null, string sticky = "request", double share = 0, double weight = 1)
    {
        using var response = await Http.PostAsJsonAsync("/v1/experiments", new
        {
            name = "steps",
            arms = new object[] { new { name = "two", options = new { num_inference_steps = 2 } }, new { name = "one", weight, options = new { num_inference_steps = 1, guidance_scale = 1 } } },
            pairing,
            stop,
            sticky,
            default_share = share,
        });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, text);
        var id = JsonElement.Parse(text).GetProperty("id").GetString()!;
        Assert.Equal($"/v1/experiments/{id}", response.Headers.Location!.ToString());
        return id;
    }

    /// <summary>Generates a picture.</summary>
    /// <returns>The request's part in an experiment.</returns>
    public async Task<JsonElement> GenerateAsync(object body)
    {
        using var response = await Http.PostAsJsonAsync("/v1/images/generations", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("inference").GetProperty("experiment");
    }

    /// <summary>An experiment, or something under it.</summary>
    public Task<JsonElement> GetAsync(string id, string rest = "") => Http.GetFromJsonAsync<JsonElement>($"/v1/experiments/{id}{rest}");

    /// <summary>Waits until an experiment is as it is to be.</summary>
    public async Task<JsonElement> UntilAsync(string id, Func<JsonElement, bool> condition)
    {
        var experiment = default(JsonElement);
        for (var i = 0; i < 1500; i++)
        {
            experiment = await GetAsync(id);
            if (condition(experiment))
                return experiment;
            await Task.Delay(20);
        }
        Assert.Fail($"never: {experiment}\n{Process.Output}");
        return default;
    }
}
