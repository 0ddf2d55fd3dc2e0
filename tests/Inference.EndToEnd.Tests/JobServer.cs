using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>Servers one after another on one job store.</summary>
internal sealed class JobServer(params string[] arguments) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _process;

    /// <summary>The store.</summary>
    public string Folder => _folder.PathOf("jobs");

    public HttpClient Http => _process!.Client;

    /// <summary>The process that runs now.</summary>
    public ServerProcess Process => _process!;

    /// <summary>Starts a process.</summary>
    public Task StartAsync() => StartAsync(ServerProcess.With([.. arguments, $"--Inference:Jobs:Directory={Folder}"]));

    /// <summary>Starts one whose files cannot become larger than so much.</summary>
    public Task StartWithFullDiskAsync(int fileKilobytes) => StartAsync(ServerProcess.WithFullDisk(fileKilobytes, [.. arguments, $"--Inference:Jobs:Directory={Folder}"]));

    /// <summary>Kills the process with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Submits a job.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SubmitAsync(object body)
    {
        using var response = await Http.PostAsJsonAsync("/v1/jobs", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, $"{response.StatusCode} {text}");
        return JsonElement.Parse(text).GetProperty("id").GetString()!;
    }

    /// <summary>The state of a job.</summary>
    public Task<JsonElement> GetAsync(string id) => Http.GetFromJsonAsync<JsonElement>($"/v1/jobs/{id}");

    /// <summary>Waits until a job has a status.</summary>
    public async Task<JsonElement> UntilAsync(string id, string status, Func<JsonElement, bool>? condition = null)
    {
        var job = default(JsonElement);
        for (var i = 0; i < 3000; i++)
        {
            job = await GetAsync(id);
            if (job.GetProperty("status").GetString() == status && condition?.Invoke(job) != false)
                return job;
            await Task.Delay(20);
        }
        Assert.Fail($"never {status}: {job}\n{_process!.Output}");
        return default;
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private Task StartAsync(ServerProcess process) => (_process = process).InitializeAsync();
}
