using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Experiments when the process is killed, or their file is damaged.</summary>
public sealed class ExperimentFaultTests
{
    [Fact]
    public async Task Kill9_LosesNoRecordedResult_AndUsersKeepTheirArms()
    {
        var server = new ExperimentServer();
        await server.InitializeAsync();
        try
        {
            var id = await server.CreateAsync(sticky: "user", pairing: new { enabled = true, share = 0.5 });
            var (recorded, arms, votes) = (0, new ConcurrentDictionary<string, string>(), 0);
            for (var round = 0; round < 3; round++)
            {
                using var killed = new CancellationTokenSource();
                var clients = Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
                {
                    try
                    {
                        for (var i = 0; ; i++)
                        {
                            var user = $"user-{client}-{i % 3}";
                            var part = await server.GenerateAsync(new { prompt = "a star", experiment = id, user });
                            if (part.GetProperty("recorded").GetBoolean())
                                Interlocked.Increment(ref recorded);
                            Assert.Equal(arms.GetOrAdd(user, part.GetProperty("arm").GetString()!), part.GetProperty("arm").GetString());
                            using var vote = await server.Http.PostAsJsonAsync($"/v1/experiments/{id}/votes", new { winner = "one", loser = "two" });
                            if (vote.StatusCode == HttpStatusCode.Created)
                                Interlocked.Increment(ref votes);
                        }
                    }
                    catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or ObjectDisposedException or IOException)
                    {
                        // The process is gone.
                    }
                })).ToArray();
                var before = Volatile.Read(ref recorded);
                while (Volatile.Read(ref recorded) < before + 12)
                    await Task.Delay(5);
                await server.Process.KillAsync();
                await Task.WhenAll(clients);
                await server.Process.DisposeAsync();
                await server.InitializeAsync();
                var experiment = await server.GetAsync(id);
                // One whose answer did not get out any more may be there as well.
                Assert.InRange(experiment.GetProperty("results").GetInt32(), recorded, recorded + 6 * (round + 1));
                Assert.InRange(experiment.GetProperty("votes").GetInt32(), votes, votes + 6 * (round + 1));
                Assert.Equal("running", experiment.GetProperty("status").GetString());
            }
            Assert.Equal(2, arms.Values.Distinct().Count());
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task ADamagedFile_IsAClearError_AndPicturesAreStillMade()
    {
        var server = new ExperimentServer();
        await File.WriteAllTextAsync(server.File, string.Concat(Enumerable.Repeat("this is no database ", 500)));
        await server.InitializeAsync();
        try
        {
            Assert.Contains("is damaged", server.Process.Output);
            Assert.Equal(JsonValueKind.Null, (await server.GenerateAsync(new { prompt = "a star", num_inference_steps = 1 })).ValueKind);
            using var list = await server.Http.GetAsync("/v1/experiments");
            using var create = await server.Http.PostAsJsonAsync("/v1/experiments", new { name = "x", arms = new[] { new { name = "a" }, new { name = "b" } } });
            using var take = await server.Http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a star", experiment = "exp_1" });
            foreach (var response in new[] { list, create, take })
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.Equal("experiments_unavailable", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("code").GetString());
            }
            // Moved away, the next experiment begins anew without a restart.
            File.Delete(server.File);
            await server.GenerateAsync(new { prompt = "a star", experiment = await server.CreateAsync() });
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
