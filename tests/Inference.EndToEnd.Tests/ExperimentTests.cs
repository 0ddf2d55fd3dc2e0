using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Experiments on the real server.</summary>
public sealed class ExperimentTests(ExperimentServer server) : IClassFixture<ExperimentServer>
{
    [Fact]
    public async Task Pairs_Votes_AndTheReport()
    {
        var id = await server.CreateAsync(pairing: new { enabled = true });
        var empty = await server.GetAsync(id, "/report");
        Assert.Equal("There are no results yet.", Assert.Single(empty.GetProperty("warnings").EnumerateArray()).GetString());

        var parts = new List<JsonElement>();
        for (var i = 0; i < 6; i++)
            parts.Add(await server.GenerateAsync(new { prompt = "a red apple", experiment = id, seed = i, n = 1 + i % 2 }));
        Assert.All(parts, part => Assert.Equal((id, "steps", true), (part.GetProperty("id").GetString(), part.GetProperty("name").GetString(), part.GetProperty("recorded").GetBoolean())));
        await server.UntilAsync(id, experiment => experiment.GetProperty("pairs").GetInt32() == 6);
        foreach (var vote in new object[] { new { winner = "two", loser = "one", user = "alice" }, new { tie = new[] { "one", "two" } } })
        {
            using var response = await server.Http.PostAsJsonAsync($"/v1/experiments/{id}/votes", vote);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }

        var report = await server.GetAsync(id, "/report");
        var arms = report.GetProperty("arms").EnumerateArray().ToArray();
        Assert.Equal(6, arms.Sum(arm => arm.GetProperty("results").GetInt32()));
        Assert.Equal(parts.Count(part => part.GetProperty("arm").GetString() == "one"), arms[1].GetProperty("results").GetInt32());
        Assert.Equal([(6, 2.0), (6, 1.0)], arms.Select(arm => (arm.GetProperty("pairs").GetInt32(), arm.GetProperty("mean").GetProperty("evaluations").GetDouble())));
        var differences = report.GetProperty("differences").EnumerateArray().ToArray();
        Assert.Equal((6, -1.0), Of("evaluations", "paired", "n", "mean"));
        Assert.Equal(6, Of("psnr", "similarity", "n", "mean").N);
        Assert.InRange(Of("psnr", "similarity", "n", "mean").Mean, 5, 60);
        Assert.InRange(Of("ssim", "similarity", "n", "mean").Mean, 0, 1);
        Assert.InRange(Of("gmsd", "similarity", "n", "mean").Mean, 0.001, 1);
        Assert.Equal((2, 1, 1), (report.GetProperty("votes").GetProperty("count").GetInt32(), report.GetProperty("votes").GetProperty("ties").GetInt32(), report.GetProperty("votes").GetProperty("arms")[0].GetProperty("wins").GetInt32()));

        using var page = new HttpRequestMessage(HttpMethod.Get, $"/v1/experiments/{id}/report") { Headers = { { "accept", "text/html,application/xhtml+xml,*/*;q=0.8" } } };
        using var html = await server.Http.SendAsync(page);
        Assert.Equal("text/html", html.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", html.Headers.GetValues("content-security-policy").Single());
        Assert.Contains("psnr: likeness to two", await html.Content.ReadAsStringAsync());
        Assert.Contains("<svg", await server.Http.GetStringAsync($"/v1/experiments/{id}/report?format=html"));

        var metrics = await server.Http.GetStringAsync("/metrics");
        Assert.Contains($"inference_experiment_results_total{{experiment=\"{id}\",arm=\"two\",kind=\"pair\"}} {parts.Count(part => part.GetProperty("arm").GetString() == "one")}", metrics);

        (int N, double Mean) Of(string metric, string kind, string count, string mean)
        {
            var row = differences.Single(row => row.GetProperty("metric").GetString() == metric && row.GetProperty("kind").GetString() == kind);
            return (row.GetProperty(count).GetInt32(), row.GetProperty(mean).GetDouble());
        }
    }

    [Fact]
    public async Task AUser_KeepsTheArm_AndStreamsAndBytesTakePartToo()
    {
        var id = await server.CreateAsync(sticky: "user");
        var arms = new List<string>();
        for (var i = 0; i < 3; i++)
            arms.Add((await server.GenerateAsync(new { prompt = "a star", experiment = id, user = "alice", seed = i })).GetProperty("arm").GetString()!);
        using var bytes = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(new { prompt = "a star", experiment = id, user = "alice" }), Headers = { { "accept", "image/png" } } };
        using var picture = await server.Http.SendAsync(bytes);
        arms.Add(JsonElement.Parse(picture.Headers.GetValues("x-inference").Single()).GetProperty("experiment").GetProperty("arm").GetString()!);
        using var events = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", experiment = id, user = "alice", stream = true });
        var last = (await events.Content.ReadAsStringAsync()).Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal));
        arms.Add(JsonElement.Parse(last["data: ".Length..]).GetProperty("inference").GetProperty("experiment").GetProperty("arm").GetString()!);
        Assert.Single(arms.Distinct());
        Assert.Equal(5, (await server.GetAsync(id)).GetProperty("results").GetInt32());
        Assert.Equal(1, (await server.GetAsync(id, "/report")).GetProperty("arms").EnumerateArray().Sum(arm => arm.GetProperty("units").GetInt32()));
    }

    [Fact]
    public async Task AStoppedExperiment_GivesItsReference_AndRecordsNothing()
    {
        var id = await server.CreateAsync(weight: 1e9);
        Assert.Equal("one", (await server.GenerateAsync(new { prompt = "a star", experiment = id })).GetProperty("arm").GetString());
        for (var i = 0; i < 2; i++)
            using (var stopped = await server.Http.PostAsync($"/v1/experiments/{id}/stop", null))
                Assert.Equal("request", (await stopped.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("stop_reason").GetString());
        var part = await server.GenerateAsync(new { prompt = "a star", experiment = id });
        Assert.Equal(("two", false), (part.GetProperty("arm").GetString(), part.GetProperty("recorded").GetBoolean()));
        Assert.Equal(1, (await server.GetAsync(id)).GetProperty("results").GetInt32());
        using var removed = await server.Http.DeleteAsync($"/v1/experiments/{id}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var gone = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", experiment = id });
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task ASureDifference_StopsIt()
    {
        var id = await server.CreateAsync(stop: new { metric = "evaluations", on_difference = true, min_results = 50, max_results = 1000 });
        for (var round = 0; round < 40 && (await server.GetAsync(id)).GetProperty("status").GetString() == "running"; round++)
            await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => server.GenerateAsync(new { prompt = "a star", experiment = id })));
        var experiment = await server.UntilAsync(id, experiment => experiment.GetProperty("status").GetString() == "stopped");
        Assert.Equal("difference", experiment.GetProperty("stop_reason").GetString());
        Assert.InRange(experiment.GetProperty("results").GetInt32(), 100, 400);
    }

    [Fact]
    public async Task RequestsWithoutAnExperiment_TakePartByDefault_UnlessTheySayHow()
    {
        var id = await server.CreateAsync(share: 1);
        using (var second = await server.Http.PostAsJsonAsync("/v1/experiments", new { name = "x", arms = new[] { new { name = "a" }, new { name = "b" } }, default_share = 0.5 }))
            Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        var plain = await server.GenerateAsync(new { prompt = "a star" });
        var said = await server.GenerateAsync(new { prompt = "a star", num_inference_steps = 1 });
        using (await server.Http.PostAsync($"/v1/experiments/{id}/stop", null))
        {
        }
        var after = await server.GenerateAsync(new { prompt = "a star", num_inference_steps = 1 });
        Assert.Equal(id, plain.GetProperty("id").GetString());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (said.ValueKind, after.ValueKind));
    }

    [Theory]
    [InlineData("arms[1].weight", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b","weight":0}]}""")]
    [InlineData("arms[1].weight", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b","weight":"NaN"}]}""")]
    [InlineData("arms[1].options.sampler", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b","options":{"sampler":"nosuch"}}]}""")]
    [InlineData("arms[1].options.samplr", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b","options":{"samplr":"euler"}}]}""")]
    [InlineData("arms[0].options.num_inference_steps", 400, """{"name":"x","arms":[{"name":"a","options":{"num_inference_steps":"20"}},{"name":"b"}]}""")]
    [InlineData("arms[0].options.cache", 400, """{"name":"x","arms":[{"name":"a","options":{"cache":{"policy":"fora","interval":-3}}},{"name":"b"}]}""")]
    [InlineData("arms[0].options.prompt", 400, """{"name":"x","arms":[{"name":"a","options":{"prompt":"y"}},{"name":"b"}]}""")]
    [InlineData("arms[0].options.model", 404, """{"name":"x","arms":[{"name":"a","options":{"model":"nosuch"}},{"name":"b"}]}""")]
    [InlineData("arms[0].name", 400, """{"name":"x","arms":[{"weight":1},{"name":"b"}]}""")]
    [InlineData("arms", 400, """{"name":"x","arms":[{"name":"a"}]}""")]
    [InlineData("arms", 400, """{"name":"x"}""")]
    [InlineData("arms", 400, """{"name":"x","arms":3}""")]
    [InlineData("arms[0].foo", 400, """{"name":"x","arms":[{"name":"a","foo":1},{"name":"b"}]}""")]
    [InlineData("reference", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b"}],"reference":"c"}""")]
    [InlineData("sticky", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b"}],"sticky":"cookie"}""")]
    [InlineData("stop.metric", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b"}],"stop":{"metric":"psnr"}}""")]
    [InlineData("stop.min_results", 400, """{"name":"x","arms":[{"name":"a"},{"name":"b"}],"stop":{"min_results":1}}""")]
    public async Task WrongDefinitions_AreRefusedByName(string field, int status, string body) => await AssertRefusedAsync("/v1/experiments", field, status, body);

    [Fact]
    public async Task TenThousandArms_AreRefused() => await AssertRefusedAsync(
        "/v1/experiments", "arms", 400, JsonSerializer.Serialize(new { name = "x", arms = Enumerable.Range(0, 10_000).Select(i => new { name = $"a{i}", options = new { num_inference_steps = 1 } }) }));

    [Fact]
    public async Task WrongVotesAndRequests_AreRefusedByName()
    {
        var id = await server.CreateAsync();
        foreach (var (field, body) in new[]
        {
            ("winner", """{"loser":"one"}"""), ("loser", """{"winner":"one","loser":"one"}"""), ("loser", """{"winner":"one","loser":"three"}"""), ("tie", """{"tie":["one"]}"""),
            ("tie", """{"tie":["one","two"],"winner":"one"}"""), ("first", """{"first":"one"}"""),
        })
            await AssertRefusedAsync($"/v1/experiments/{id}/votes", field, 400, body);
        await AssertRefusedAsync("/v1/experiments/exp_none/votes", "id", 404, """{"winner":"one","loser":"two"}""");
        await AssertRefusedAsync("/v1/images/generations", "experiment", 404, """{"prompt":"x","experiment":"exp_none"}""");
        await AssertRefusedAsync("/v1/images/generations", "num_inference_steps", 400, $$"""{"prompt":"x","num_inference_steps":4,"experiment":"{{id}}"}""");
        await AssertRefusedAsync("/v1/jobs", "experiment", 400, $$"""{"prompt":"x","experiment":"{{id}}"}""");
        using var format = await server.Http.GetAsync($"/v1/experiments/{id}/report?format=pdf");
        Assert.Equal(HttpStatusCode.BadRequest, format.StatusCode);
    }

    private async Task AssertRefusedAsync(string url, string field, int status, string body)
    {
        using var response = await server.Http.PostAsync(url, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{response.StatusCode} {text}");
        var error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal(field, error.GetProperty("param").GetString());
        Assert.Contains(field, error.GetProperty("message").GetString());
    }
}
