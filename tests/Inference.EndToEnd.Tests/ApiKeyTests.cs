using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.EndToEnd.Tests;

/// <summary>Keys from the environment and from a file, their limits, and that nothing of them is ever written.</summary>
public sealed class ApiKeyTests(ApiKeyTests.Server fixture) : IClassFixture<ApiKeyTests.Server>
{
    private const string Route = "/v1/images/generations";
    private const string Alice = "sk-alice-7d1f0c9be24a4a11";
    private const string Bob = "sk-bob-93ab57c0e1f24d68";
    private const string Wrong = "sk-wrong-00112233445566778";
    private readonly ServerProcess _server = fixture.Process;

    [Fact]
    public async Task WithoutAKey_Is401_AndHealthAndMetricsAreOpen()
    {
        var response = await _server.Client.PostAsJsonAsync(Route, new { prompt = "a star" });
        Assert.Equal((HttpStatusCode.Unauthorized, "missing_api_key"), (response.StatusCode, await CodeAsync(response)));
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.Client.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _server.Client.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _server.Client.GetAsync("/metrics")).StatusCode);
    }

    [Theory]
    [InlineData(Wrong)]
    [InlineData(Alice + "x")]
    [InlineData("sk-alice")]
    public async Task AWrongKey_Is401(string key)
    {
        var response = await SendAsync(HttpMethod.Get, "/v1/models", key);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), (response.StatusCode, await CodeAsync(response)));
    }

    [Theory]
    [InlineData(Alice)]
    [InlineData(Bob)]
    public async Task KeysOfEnvironmentAndFile_AreServed(string key) => Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/v1/models", key)).StatusCode);

    [Fact]
    public async Task Limits_CountByKey()
    {
        await using var server = new Owned("--Inference:Keys:MaxConcurrent=1", "--Inference:Keys:RequestsPerMinute=4");
        await server.Process.InitializeAsync();
        var (slow, quick) = (new { prompt = "a star", num_inference_steps = 200 }, new { prompt = "a star", num_inference_steps = 1 });
        var running = SendAsync(HttpMethod.Post, Route, Alice, slow, server.Process.Client);
        while (!(await server.Process.Client.GetStringAsync("/metrics")).Contains("inference_lanes_open 1\n", StringComparison.Ordinal))
            await Task.Delay(10);
        var second = await SendAsync(HttpMethod.Post, Route, Alice, quick, server.Process.Client);
        Assert.Equal((HttpStatusCode.TooManyRequests, "key_concurrency_limit"), (second.StatusCode, await CodeAsync(second)));
        Assert.True(second.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        // Another key's places are its own.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Post, Route, Bob, quick, server.Process.Client)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);

        HttpResponseMessage last;
        var answers = 0;
        do
            last = await SendAsync(HttpMethod.Post, Route, Bob, quick, server.Process.Client);
        while (last.StatusCode == HttpStatusCode.OK && ++answers < 10);
        // One was before.
        Assert.Equal((3, HttpStatusCode.TooManyRequests, "key_rate_limit"), (answers, last.StatusCode, await CodeAsync(last)));
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        // Looking is not counted.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/v1/models", Bob, null, server.Process.Client)).StatusCode);
    }

    [Fact]
    public async Task Secrets_AreNeverWritten_AtTheMostTalkativeLogLevel()
    {
        await using var server = new Owned("--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft.AspNetCore=Trace");
        await server.Process.InitializeAsync();
        foreach (var key in new[] { Alice, Bob, Wrong })
        {
            await SendAsync(HttpMethod.Post, Route, key, new { prompt = "a star", num_inference_steps = 1 }, server.Process.Client);
            await SendAsync(HttpMethod.Post, Route, key, new { prompt = "a star", num_inference_steps = 0 }, server.Process.Client);
            await SendAsync(HttpMethod.Get, "/v1/models", key, null, server.Process.Client);
        }
        var written = server.Process.Output + await server.Process.Client.GetStringAsync("/metrics");
        Assert.Contains("trce", written);
        Assert.All(new[] { Alice, Bob, Wrong }, key => Assert.DoesNotContain(key, written));
    }

    [Theory]
    [InlineData("Inference__Keys__Secrets__carol", "too-short", "'carol'")]
    [InlineData("Inference__Keys__Secrets__carol", Bob, "'carol'")]
    [InlineData("Inference__Keys__MaxConcurrent", "sk-misplaced-0123456789", "Inference:Keys")]
    [InlineData("Inference__Keys__Secret", "sk-misplaced-0123456789", "Inference")]
    public async Task WrongKeys_EndTheStart_WithoutShowingThem(string variable, string value, string named)
    {
        await using var server = new Owned();
        server.Process.Environment[variable] = value;
        Assert.Equal(1, await server.Process.RunToEndAsync());
        Assert.Contains(named, server.Process.Output);
        Assert.DoesNotContain(value, server.Process.Output);
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string key, object? body = null, HttpClient? client = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return (client ?? _server.Client).SendAsync(request);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString();

    /// <summary>A server with a key in the environment and one in a file.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly Owned _owned = new();

        public ServerProcess Process => _owned.Process;

        public Task InitializeAsync() => Process.InitializeAsync();

        public async Task DisposeAsync() => await _owned.DisposeAsync();
    }

    /// <summary>Such a server with its key file.</summary>
    private sealed class Owned : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Owned(params string[] arguments)
        {
            Process = ServerProcess.With(["--Inference:Keys:File", _folder.Write("keys", System.Text.Encoding.UTF8.GetBytes($"# who has which\n\nbob \t {Bob}\n")), .. arguments]);
            Process.Environment["Inference__Keys__Secrets__alice"] = Alice;
        }

        public ServerProcess Process { get; }

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}
