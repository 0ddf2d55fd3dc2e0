using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.Benchmarks;

/// <summary>The real server as a process of its own.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private readonly Process _process;

    private ServerUnderTest(Process process, Uri address) => (_process, Client) = (process, new HttpClient { BaseAddress = address });

    public HttpClient Client { get; }

    /// <summary>Resident memory in MiB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(text => text.StartsWith("VmRSS", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
        }
    }

    /// <summary>Starts a process; returns when it listens, which is before it is ready.</summary>
    public static async Task<ServerUnderTest> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Inference.Server.dll"), "--urls", "http://127.0.0.1:0", .. arguments]) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Split("Now listening on: ") is [_, var address])
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new(process, new(address));
            }
        throw new InvalidOperationException("The server ended before it listened.");
    }

    public async Task ReadyAsync()
    {
        while (!(await Client.GetAsync("/health/ready")).IsSuccessStatusCode)
            await Task.Delay(5);
    }

    /// <summary>One picture as JSON, decoded from base64.</summary>
    public async Task<byte[]> GenerateAsync(string prompt, long seed)
    {
        var response = await Client.PostAsJsonAsync("/v1/images/generations", new { prompt, seed });
        response.EnsureSuccessStatusCode();
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        return json.GetProperty("data")[0].GetProperty("b64_json").GetBytesFromBase64();
    }

    public void Dispose()
    {
        Client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
