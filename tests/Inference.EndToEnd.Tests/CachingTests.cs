using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Feature caching over HTTP, from the real process.</summary>
public sealed class CachingTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const string Route = "/v1/images/generations";

    [Fact]
    public async Task Policies_AreListedWithTheirOptions()
    {
        var list = await server.Client.GetFromJsonAsync<JsonElement>("/v1/cache-policies");
        var policies = list.GetProperty("data").EnumerateArray().ToDictionary(policy => policy.GetProperty("id").GetString()!);
        Assert.Equal(
            ["fora", "taylorseer", "hicache", "speca", "first_block", "dbcache", "cg_taylor", "teacache", "magcache", "fixed_steps", "easycache", "zeus", "step_rehash", "guidance_delta", "deepcache"],
            policies.Keys);
        var interval = policies["taylorseer"].GetProperty("options").EnumerateArray().Single(option => option.GetProperty("name").GetString() == "interval");
        Assert.Equal((5, 1, true), (interval.GetProperty("default").GetInt32(), interval.GetProperty("minimum").GetInt32(), interval.GetProperty("integer").GetBoolean()));
    }

    [Fact]
    public async Task Response_SaysWhatCachingDid_AndMetricsCountIt()
    {
        using var response = await server.Client.PostAsJsonAsync(Route, new { prompt = "a star", seed = 3, num_inference_steps = 12, cache = new { policy = "fora", interval = 3 } });
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, json.GetRawText());
        var cache = json.GetProperty("inference").GetProperty("images")[0].GetProperty("cache");
        Assert.Equal("fora", cache.GetProperty("policy").GetString());
        // Full: 0, 3, 6, 9 and 11.
        Assert.Equal(5 / 12.0, cache.GetProperty("full_share").GetDouble(), 3);
        // 24 branches of 64 tokens of 256 values for each side of guidance.
        Assert.Equal(2 * 24 * 64 * 256 * 4, cache.GetProperty("bytes").GetInt64());

        var metrics = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("inference_cache_full_share_count{", metrics);
        Assert.Contains("policy=\"fora\"", metrics);
        Assert.Contains("inference_cache_held_bytes 0\n", metrics);
        Assert.Contains("inference_cache_reserved_bytes 0\n", metrics);
    }

    [Fact]
    public async Task Presets_AreListed_AndChosenByName()
    {
        var model = (await server.Client.GetFromJsonAsync<JsonElement>("/v1/models")).GetProperty("data")[0];
        var presets = model.GetProperty("cache_presets").EnumerateArray().ToArray();
        Assert.Equal("exact", presets[0].GetProperty("name").GetString());
        Assert.Equal(["high", "balanced", "fast"], presets.Where(preset => preset.GetProperty("steps").GetInt32() == 20).Select(preset => preset.GetProperty("name").GetString()));
        var fast = presets.Single(preset => preset.GetProperty("name").GetString() == "fast" && preset.GetProperty("steps").GetInt32() == 20);
        Assert.True(fast.GetProperty("psnr_db").GetDouble() >= fast.GetProperty("target_db").GetDouble());

        async Task<JsonElement> CacheOf(string preset, int steps)
        {
            using var response = await server.Client.PostAsJsonAsync(Route, new { prompt = "a star", seed = 3, num_inference_steps = steps, cache_preset = preset });
            var json = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.True(response.IsSuccessStatusCode, json.GetRawText());
            return json.GetProperty("inference").GetProperty("images")[0].GetProperty("cache");
        }
        var used = await CacheOf("fast", 22);
        Assert.Equal(fast.GetProperty("policy").GetString(), used.GetProperty("policy").GetString());
        Assert.InRange(used.GetProperty("full_share").GetDouble(), 0.05, 0.8);
        // The plain run, and said to be: by name, and where nothing was measured.
        Assert.Equal(("none", 1.0), ((await CacheOf("exact", 22)).GetProperty("policy").GetString(), (await CacheOf("fast", 5)).GetProperty("full_share").GetDouble()));
    }

    [Theory]
    [InlineData("""{"prompt":"a","cache_preset":"best"}""", "'cache_preset' must be one of exact, high, balanced, fast, not 'best'.")]
    [InlineData("""{"prompt":"a","cache_preset":"fast","cache":"fora"}""", "'cache_preset' cannot be combined with 'cache'.")]
    [InlineData("""{"prompt":"a","cache_preset":"fast","sampler":"dpm-adaptive"}""", "cannot be used with sampler 'dpm-adaptive'")]
    public async Task PresetFaults_NameTheField(string body, string message)
    {
        using var response = await server.Client.PostAsync(Route, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("cache_preset", error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task CachedRequests_AmongPlainOnes_GiveWhatTheyGiveAlone()
    {
        object[] caches = ["fora", "taylorseer", new { policy = "taylorseer", modules = "lite" }, new { policy = "first_block", threshold = 0.1 }];
        object Request(int i) => i % 2 == 0
            ? new { prompt = $"picture {i}", seed = i, num_inference_steps = 10, solo = true }
            : new { prompt = $"picture {i}", seed = i, num_inference_steps = 10, solo = true, cache = caches[i / 2 % caches.Length] };
        var alone = new List<string>();
        for (var i = 0; i < 8; i++)
            alone.Add(await PictureAsync(Request(i)));
        Assert.Equal(alone, await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PictureAsync(Request(i)))));
    }

    [Theory]
    [InlineData("""{"prompt":"a","cache":"no-such"}""", "fora, taylorseer, hicache, speca, first_block, dbcache, cg_taylor, teacache, magcache, fixed_steps, easycache, zeus, step_rehash, guidance_delta, deepcache")]
    [InlineData("""{"prompt":"a","cache":{"policy":"fora","order":1}}""", "'order' is not an option of fora")]
    [InlineData("""{"prompt":"a","cache":{"policy":"taylorseer","interval":0}}""", "between 1 and 1000")]
    [InlineData("""{"prompt":"a","cache":{"policy":"magcache","ratios":[]}}""", "ratios is missing")]
    [InlineData("""{"prompt":"a","cache":"deepcache"}""", "no skip connections")]
    [InlineData("""{"prompt":"a","guidance_scale":1,"cache":"guidance_delta"}""", "not guided")]
    [InlineData("""{"prompt":"a","cache":"fora","sampler":"lcm"}""", "'lcm'")]
    [InlineData("""{"prompt":"a","cache":"fora","sampler":"dpm-adaptive"}""", "'dpm-adaptive'")]
    public async Task Faults_AreRefusedByName(string body, string message)
    {
        using var response = await server.Client.PostAsync(Route, new StringContent(body, null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("cache", error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }

    private async Task<string> PictureAsync(object request)
    {
        using var response = await server.Client.PostAsJsonAsync(Route, request);
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, json.GetRawText());
        return json.GetProperty("data")[0].GetProperty("b64_json").GetString()!;
    }
}
