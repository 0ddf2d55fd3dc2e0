using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.EndToEnd.Tests;

/// <summary>Jobs over HTTP on the real process, one picture at a time so that jobs wait.</summary>
public sealed class JobTests : IAsyncLifetime
{
    private readonly JobServer _server = new("--Inference:Queue:MaxRunning=1", "--Inference:Jobs:MaxJobs=5", "--Inference:Jobs:RetentionSeconds=30");

    private HttpClient Http => _server.Http;

    public Task InitializeAsync() => _server.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Job_IsTaken_RunsAndHasTheResponseOfTheSameRequest()
    {
        var body = new { prompt = "a red apple", seed = 4, num_inference_steps = 5 };
        using var taken = await Http.PostAsJsonAsync("/v1/jobs", body);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        var job = await taken.Content.ReadFromJsonAsync<JsonElement>();
        var id = job.GetProperty("id").GetString()!;
        Assert.Equal($"/v1/jobs/{id}", taken.Headers.Location!.ToString());
        Assert.Equal("job", job.GetProperty("object").GetString());
        Assert.Equal(JsonValueKind.Null, job.GetProperty("result").ValueKind);

        var done = await _server.UntilAsync(id, "succeeded");
        Assert.Equal(1, done.GetProperty("progress").GetDouble());
        Assert.InRange(done.GetProperty("expires_at").GetInt64() - done.GetProperty("created_at").GetInt64(), 29, 60);
        var result = done.GetProperty("result");
        Assert.Equal(5, result.GetProperty("inference").GetProperty("evaluations").GetInt32());
        using var direct = await Http.PostAsJsonAsync("/v1/images/generations", body);
        var same = await direct.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(same.GetProperty("data")[0].GetProperty("b64_json").GetString(), result.GetProperty("data")[0].GetProperty("b64_json").GetString());
        Assert.Contains("inference_requests_total{model=\"pictogram-128\",", await Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JobsThatWait_SayTheirPlace_AndWhenTheyStart()
    {
        var first = await _server.SubmitAsync(new { prompt = "a star", num_inference_steps = 100 });
        var second = await _server.SubmitAsync(new { prompt = "a star", num_inference_steps = 50 });
        var third = await _server.SubmitAsync(new { prompt = "a star", num_inference_steps = 1 });
        await _server.UntilAsync(first, "running");
        var (next, last) = (await _server.GetAsync(second), await _server.GetAsync(third));
        Assert.Equal(("queued", 0, "queued", 1), (Status(next), next.GetProperty("position").GetInt32(), Status(last), last.GetProperty("position").GetInt32()));
        Assert.True(last.GetProperty("estimated_start_at").GetInt64() >= next.GetProperty("estimated_start_at").GetInt64());
        Assert.InRange(last.GetProperty("estimated_start_at").GetInt64() - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 0, 30);
        var running = await _server.UntilAsync(first, "running", job => job.GetProperty("progress").GetDouble() is > 0 and < 1);
        Assert.Equal(JsonValueKind.Null, running.GetProperty("position").ValueKind);

        // Cancelling the running one within a step lets the others go on.
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{first}")).StatusCode);
        Assert.Equal("cancelled", Status(await _server.GetAsync(first)));
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{second}")).StatusCode);
        await _server.UntilAsync(third, "succeeded");
        Assert.Equal("cancelled", Status(await _server.GetAsync(second)));
        var batches = (await Http.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith("inference_batch_rows_count", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[^1]));
        Assert.True(batches < 150, $"{batches}");
    }

    [Fact]
    public async Task IdempotencyKey_OneJob_AndNoOtherRequest()
    {
        var body = new { prompt = "a star", num_inference_steps = 2 };
        using var first = await PostAsync(body, "once");
        using var again = await PostAsync(body, "once");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, again.StatusCode));
        Assert.Equal(await IdAsync(first), await IdAsync(again));
        Assert.False(first.Headers.Contains("idempotent-replayed"));
        Assert.Equal("true", again.Headers.GetValues("idempotent-replayed").Single());
        using var other = await PostAsync(new { prompt = "a moon", num_inference_steps = 2 }, "once");
        await AssertErrorAsync(other, 422, "Idempotency-Key", "idempotency_key_reused");

        var both = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(body, "at once")));
        Assert.Single((await Task.WhenAll(both.Select(IdAsync))).Distinct());
    }

    [Fact]
    public async Task FullStore_Is429_UntilOneIsDeleted()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await _server.SubmitAsync(new { prompt = "a star", num_inference_steps = 1 }));
        await Task.WhenAll(ids.Select(id => _server.UntilAsync(id, "succeeded")));
        using var refused = await Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a star", num_inference_steps = 1 });
        await AssertErrorAsync(refused, 429, null, "job_store_full");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"/v1/jobs/{ids[0]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Http.GetAsync($"/v1/jobs/{ids[0]}")).StatusCode);
        Assert.DoesNotContain(Directory.EnumerateFiles(_server.Folder), file => file.Contains(ids[0], StringComparison.Ordinal));
        await _server.UntilAsync(await _server.SubmitAsync(new { prompt = "a star", num_inference_steps = 1 }), "succeeded");
    }

    [Fact]
    public async Task Edits_AreJobsToo()
    {
        var picture = ImageCodecs.Vips.Encode(new(128, 128, [.. Enumerable.Range(0, 3 * 128 * 128).Select(i => (byte)(i / 200))]), ImageEncoding.Png());
        using var form = new MultipartFormDataContent { { new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, "image", "start.png" } };
        form.Add(new StringContent("a red apple"), "prompt");
        form.Add(new StringContent("4"), "num_inference_steps");
        using var taken = await Http.PostAsync("/v1/jobs", form);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        await _server.UntilAsync(await IdAsync(taken), "succeeded");
    }

    [Fact]
    public async Task WhatCannotBeServed_IsRefusedAtOnce_ByName()
    {
        await AssertErrorAsync(await Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a", stream = true }), 400, "stream", "invalid_value");
        await AssertErrorAsync(await Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a", num_inference_steps = 0 }), 400, "num_inference_steps", "invalid_value");
        await AssertErrorAsync(await Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a", model = "../jobs" }), 404, "model", "model_not_found");
        await AssertErrorAsync(await Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a", nothing = 1 }), 400, "nothing", "unknown_parameter");
        await AssertErrorAsync(await PostAsync(new { prompt = "a" }, new string('k', 256)), 400, "Idempotency-Key", "invalid_value");
        Assert.Empty(Directory.EnumerateFiles(_server.Folder, "job_*"));
        Assert.Contains("status=\"400\"", await Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("job_00000000000000000000000000000000")]
    [InlineData("..%2f..%2fappsettings")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("..%5c..%5cappsettings.json")]
    [InlineData("job_%00")]
    [InlineData("%2fetc%2fpasswd")]
    public async Task Ids_NeverReachTheFileSystem(string id)
    {
        // A file that such an id would name, were it a path.
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(_server.Folder)!, "appsettings.json"), "secret");
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, new Uri(Http.BaseAddress + $"v1/jobs/{id}"));
            using var response = await Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode is 400 or 404, $"{(int)response.StatusCode} {text}");
            Assert.DoesNotContain("secret", text);
        }
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(_server.Folder)!, "appsettings.json")));
    }

    private static string Status(JsonElement job) => job.GetProperty("status").GetString()!;

    private static async Task<string> IdAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string? parameter, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        var error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal((parameter, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    private Task<HttpResponseMessage> PostAsync(object body, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return Http.SendAsync(request);
    }
}
