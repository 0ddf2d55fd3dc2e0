using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Jobs when the process is killed, or the disk is full.</summary>
public sealed class JobFaultTests
{
    [Fact]
    public async Task Kill9_LosesNoFinishedResult_AndNoJobThatWasTaken()
    {
        await using var server = new JobServer("--Inference:Queue:MaxRunning=1");
        await server.StartAsync();
        var finished = new List<(string Id, JsonElement Job)>();
        for (var i = 0; i < 3; i++)
        {
            var id = await server.SubmitAsync(new { prompt = "a star", seed = i, num_inference_steps = 2, n = 2 });
            finished.Add((id, await server.UntilAsync(id, "succeeded")));
        }
        var running = await server.SubmitAsync(new { prompt = "a red apple", seed = 11, num_inference_steps = 60 });
        var waiting = await server.SubmitAsync(new { prompt = "a red apple", num_inference_steps = 3 });
        var cancelled = await server.SubmitAsync(new { prompt = "a red apple", num_inference_steps = 3 });
        await server.Http.DeleteAsync($"/v1/jobs/{cancelled}");
        await server.UntilAsync(running, "running", job => job.GetProperty("progress").GetDouble() > 0);
        await server.KillAsync();

        await server.StartAsync();
        foreach (var (id, job) in finished)
            Assert.Equal(job.GetRawText(), (await server.GetAsync(id)).GetRawText());
        Assert.Equal("cancelled", (await server.GetAsync(cancelled)).GetProperty("status").GetString());
        var again = await server.UntilAsync(running, "succeeded");
        await server.UntilAsync(waiting, "succeeded");
        // The picture is the one that was asked for.
        using var direct = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a red apple", seed = 11, num_inference_steps = 60 });
        Assert.Equal(
            (await direct.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data")[0].GetProperty("b64_json").GetString(),
            again.GetProperty("result").GetProperty("data")[0].GetProperty("b64_json").GetString());
    }

    [Fact]
    public async Task Kill9_AtAnyMoment_EveryJobSaidToHaveSucceeded_HasItsResult()
    {
        await using var server = new JobServer();
        var succeeded = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            await server.StartAsync();
            Assert.All(await Task.WhenAll(succeeded.Select(server.GetAsync)), job => Assert.Equal(1, job.GetProperty("result").GetProperty("data").GetArrayLength()));
            var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.SubmitAsync(new { prompt = "a star", seed = i, num_inference_steps = 1 + i })));
            // Some have ended and some have not when the process dies.
            await server.UntilAsync(ids[2 * round], "succeeded");
            foreach (var id in ids)
                if ((await server.GetAsync(id)).GetProperty("status").GetString() == "succeeded")
                    succeeded.Add(id);
            await server.KillAsync();
        }
        Assert.NotEmpty(succeeded);
        Assert.DoesNotContain(Directory.EnumerateFiles(server.Folder), file => file.EndsWith(".result.json", StringComparison.Ordinal) && JsonElement.Parse(File.ReadAllText(file)).ValueKind != JsonValueKind.Object);
    }

    [Fact]
    public async Task JobThatTakesTheProcessWithItTwice_IsNotTriedAgain()
    {
        await using var server = new JobServer();
        await server.StartAsync();
        var id = await server.SubmitAsync(new { prompt = "a star", num_inference_steps = 200 });
        for (var i = 0; i < 2; i++)
        {
            await server.UntilAsync(id, "running", job => job.GetProperty("progress").GetDouble() > 0);
            await server.KillAsync();
            await server.StartAsync();
        }
        var failed = await server.UntilAsync(id, "failed");
        Assert.Equal("interrupted", failed.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Sigterm_EndsTheJobThatRuns_AndLeavesThoseThatWait_ToTheNextProcess()
    {
        await using var server = new JobServer("--Inference:Queue:MaxRunning=1");
        await server.StartAsync();
        var running = await server.SubmitAsync(new { prompt = "a star", num_inference_steps = 60 });
        var waiting = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => server.SubmitAsync(new { prompt = "a star", num_inference_steps = 100 })));
        await server.UntilAsync(running, "running");
        server.Process.Terminate();
        Assert.Equal(0, await server.Process.ExitAsync(TimeSpan.FromSeconds(60)));
        // It did not run them all.
        Assert.Single(Directory.EnumerateFiles(server.Folder, "*.result.json"));

        await server.StartAsync();
        Assert.Equal("succeeded", (await server.GetAsync(running)).GetProperty("status").GetString());
        foreach (var id in waiting)
            await server.UntilAsync(id, "succeeded");
    }

    [Fact]
    public async Task FullDisk_JobsAreRefused_NothingIsLeftBehind_AndPicturesAreStillServed()
    {
        await using var server = new JobServer();
        await server.StartWithFullDiskAsync(0);
        using var refused = await server.Http.PostAsJsonAsync("/v1/jobs", new { prompt = "a star", num_inference_steps = 1 });
        var error = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal((HttpStatusCode.InsufficientStorage, "server_error", "storage_failed"), (refused.StatusCode, error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Empty(Directory.EnumerateFiles(server.Folder, "job_*"));
        using var picture = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 1 });
        Assert.Equal(HttpStatusCode.OK, picture.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health/ready")).StatusCode);
        Assert.Contains("inference_pictures_running 0", (await server.Http.GetStringAsync("/metrics")).Split('\n'));
    }

    [Fact]
    public async Task DiskThatIsFullWhenTheJobEnds_IsTheErrorOfTheJob()
    {
        await using var server = new JobServer();
        await server.StartAsync();
        var id = await server.SubmitAsync(new { prompt = "a star", num_inference_steps = 100 });
        await server.UntilAsync(id, "running");
        await server.KillAsync();

        // The next process has no room for the result of the job that it finds.
        await server.StartWithFullDiskAsync(4);
        var failed = await server.UntilAsync(id, "failed");
        Assert.Equal("storage_failed", failed.GetProperty("error").GetProperty("code").GetString());
        using var picture = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", num_inference_steps = 1 });
        Assert.Equal(HttpStatusCode.OK, picture.StatusCode);
    }
}
