using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.EndToEnd.Tests;

/// <summary>The web UI's API from the real process, as its clients call it.</summary>
public sealed class WebUiTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private readonly HttpClient _http = server.Client;

    [Fact]
    public async Task Txt2Img_AsClientsSendIt_IsThePictureOfOurOwnApi()
    {
        var response = await PostAsync("txt2img", new
        {
            prompt = "a red apple on a blue background",
            negative_prompt = "",
            seed = 7,
            steps = 6,
            cfg_scale = 4,
            width = 128,
            height = 128,
            sampler_name = "DPM++ 2M",
            scheduler = "Karras",
            batch_size = 1,
            n_iter = 2,
            restore_faces = false,
            enable_hr = false,
            hr_upscaler = "Latent",
            hr_scale = 2,
            denoising_strength = 0.7,
            subseed = -1,
            subseed_strength = 0,
            override_settings = new Dictionary<string, object> { ["CLIP_stop_at_last_layers"] = 1 },
            override_settings_restore_afterwards = true,
            save_images = false,
            send_images = true,
            do_not_save_grid = false,
            do_not_save_samples = false,
        });
        Assert.Equal(2, response.GetProperty("images").GetArrayLength());
        var info = JsonElement.Parse(response.GetProperty("info").GetString()!);
        Assert.Equal([7, 8], info.GetProperty("all_seeds").EnumerateArray().Select(seed => seed.GetInt64()));
        Assert.Equal(("DPM++ 2M", 128, 6), (info.GetProperty("sampler_name").GetString(), info.GetProperty("width").GetInt32(), info.GetProperty("steps").GetInt32()));
        Assert.StartsWith("a red apple on a blue background\nSteps: 6, Sampler: dpmpp-2m", info.GetProperty("infotexts")[0].GetString());
        Assert.Equal(12, info.GetProperty("inference").GetProperty("evaluations").GetInt32());
        Assert.Equal("a red apple on a blue background", response.GetProperty("parameters").GetProperty("prompt").GetString());

        using var own = await _http.PostAsJsonAsync("/v1/images/generations", new { prompt = "a red apple on a blue background", seed = 7, num_inference_steps = 6, guidance_scale = 4, n = 2, sampler = "dpmpp-2m", schedule = "karras" });
        var data = (await own.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").EnumerateArray().Select(item => Pixels(item.GetProperty("b64_json").GetBytesFromBase64()));
        foreach (var (ours, theirs) in data.Zip(response.GetProperty("images").EnumerateArray().Select(item => Pixels(item.GetBytesFromBase64()))))
            Assert.True(ours.Zip(theirs).Max(pair => Math.Abs(pair.First - pair.Second)) <= 1);
    }

    [Fact]
    public async Task Img2Img_StartsFromThePicture()
    {
        var start = Convert.ToBase64String(ImageCodecs.Vips.Encode(new(128, 128, [.. Enumerable.Range(0, 3 * 128 * 128).Select(i => (byte)(i / 200))]), ImageEncoding.Png()));
        var near = await PostAsync("img2img", new { prompt = "a star", init_images = new[] { $"data:image/png;base64,{start}" }, denoising_strength = 0.2, steps = 10, seed = 1, mask = (string?)null, inpainting_fill = 0, resize_mode = 0 });
        var far = await PostAsync("img2img", new { prompt = "a star", init_images = new[] { start }, denoising_strength = 1, steps = 10, seed = 1 });
        Assert.NotEqual(near.GetProperty("images")[0].GetString(), far.GetProperty("images")[0].GetString());
        Assert.Equal(0.2, JsonElement.Parse(near.GetProperty("info").GetString()!).GetProperty("denoising_strength").GetDouble());
        Assert.Equal(JsonValueKind.Null, near.GetProperty("parameters").GetProperty("init_images").ValueKind);
    }

    [Fact]
    public async Task Lists_HaveTheWebUisShape()
    {
        var samplers = await GetAsync("samplers");
        Assert.Contains("Euler a", samplers.EnumerateArray().Select(sampler => sampler.GetProperty("name").GetString()));
        Assert.All(samplers.EnumerateArray(), sampler => Assert.Equal((JsonValueKind.Array, JsonValueKind.Object), (sampler.GetProperty("aliases").ValueKind, sampler.GetProperty("options").ValueKind)));
        Assert.Contains("Karras", (await GetAsync("schedulers")).EnumerateArray().Select(scheduler => scheduler.GetProperty("label").GetString()));
        var model = Assert.Single((await GetAsync("sd-models")).EnumerateArray());
        Assert.Equal(("pictogram-128", "pictogram-128"), (model.GetProperty("title").GetString(), model.GetProperty("filename").GetString()));
        // Every sampler that is listed can be asked for; what does not suit the model is named.
        foreach (var sampler in samplers.EnumerateArray().Select(sampler => sampler.GetProperty("name").GetString()))
        {
            using var response = await _http.PostAsJsonAsync("/sdapi/v1/txt2img", new { prompt = "a star", sampler_name = sampler, steps = 0 });
            var parameter = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("param").GetString();
            Assert.True(parameter is "steps" or "sampler_name", $"{sampler}: {parameter}");
        }
    }

    [Fact]
    public async Task Options_ChooseModelAndFormat()
    {
        Assert.Equal("pictogram-128", (await GetAsync("options")).GetProperty("sd_model_checkpoint").GetString());
        using var wrong = await _http.PostAsJsonAsync("/sdapi/v1/options", new { sd_model_checkpoint = "../../etc/passwd" });
        await AssertErrorAsync(wrong, 404, "sd_model_checkpoint");
        using var unknown = await _http.PostAsJsonAsync("/sdapi/v1/options", new { no_such_option = 1 });
        await AssertErrorAsync(unknown, 400, "no_such_option");
        using var changed = await _http.PostAsJsonAsync("/sdapi/v1/options", new { sd_model_checkpoint = "pictogram-128", samples_format = "jpg" });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        try
        {
            Assert.Equal("jpg", (await GetAsync("options")).GetProperty("samples_format").GetString());
            var response = await PostAsync("txt2img", new { prompt = "a star", steps = 1 });
            Assert.Equal(ImageFormat.Jpeg, ImageCodecs.Vips.Decode(response.GetProperty("images")[0].GetBytesFromBase64(), new()).Format);
        }
        finally
        {
            using var back = await _http.PostAsJsonAsync("/sdapi/v1/options", new { samples_format = "png" });
        }
    }

    [Fact]
    public async Task Progress_ShowsTheRequest_AndInterruptEndsItWithinOneStep()
    {
        Assert.Equal((0.0, ""), await GetAsync("progress") is var idle ? (idle.GetProperty("progress").GetDouble(), idle.GetProperty("state").GetProperty("job").GetString()) : default);
        var running = _http.PostAsJsonAsync("/sdapi/v1/txt2img", new { prompt = "a star", steps = 200, force_task_id = "task(mine)" });
        var progress = default(JsonElement);
        for (var i = 0; i < 1000; i++)
        {
            progress = await GetAsync("progress");
            if (progress.GetProperty("current_image").ValueKind == JsonValueKind.String)
                break;
            await Task.Delay(10);
        }
        Assert.InRange(progress.GetProperty("progress").GetDouble(), 0.001, 0.999);
        Assert.True(progress.GetProperty("eta_relative").GetDouble() > 0);
        var state = progress.GetProperty("state");
        Assert.Equal(("task(mine)", 1, 200), (state.GetProperty("job").GetString(), state.GetProperty("job_count").GetInt32(), state.GetProperty("sampling_steps").GetInt32()));
        Assert.Equal(128, ImageCodecs.Vips.Decode(progress.GetProperty("current_image").GetBytesFromBase64(), new()).Image.Width);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("progress?skip_current_image=true")).GetProperty("current_image").ValueKind);

        using var interrupted = await _http.PostAsync("/sdapi/v1/interrupt", null);
        Assert.Equal("{}", await interrupted.Content.ReadAsStringAsync());
        using var response = await running;
        Assert.Equal(499, (int)response.StatusCode);
        Assert.Equal(0, (await GetAsync("progress")).GetProperty("progress").GetDouble());
    }

    [Theory]
    [InlineData("txt2img", """{"prompt":"a","steps":0}""", 400, "steps")]
    [InlineData("txt2img", """{"prompt":""}""", 400, "prompt")]
    [InlineData("txt2img", """{"prompt":"a","sampler_name":"No such"}""", 400, "sampler_name")]
    [InlineData("txt2img", """{"prompt":"a","width":512,"height":512}""", 400, "width")]
    [InlineData("txt2img", """{"prompt":"a","cfg_scale":1e9}""", 400, "cfg_scale")]
    [InlineData("txt2img", """{"prompt":"a","batch_size":11}""", 400, "batch_size")]
    [InlineData("txt2img", """{"prompt":"a","enable_hr":true}""", 400, "enable_hr")]
    [InlineData("txt2img", """{"prompt":"a","override_settings":{"sd_model_checkpoint":"x"}}""", 404, "sd_model_checkpoint")]
    [InlineData("txt2img", """{"prompt":"a","unheard_of":1}""", 400, "unheard_of")]
    [InlineData("txt2img", """{"prompt":"a","override_settings":{"unheard_of":1}}""", 400, "override_settings.unheard_of")]
    [InlineData("txt2img", """{"prompt":"a","override_settings":1}""", 400, "override_settings")]
    [InlineData("txt2img", """{"prompt":"a","styles":{}}""", 400, "styles")]
    [InlineData("img2img", """{"prompt":"a"}""", 400, "init_images")]
    [InlineData("img2img", """{"prompt":"a","init_images":["http://127.0.0.1/x.png"]}""", 400, "init_images")]
    [InlineData("img2img", """{"prompt":"a","init_images":["AQID"]}""", 400, "init_images")]
    public async Task WhatCannotBeServed_IsRefused_ByTheWebUisNames(string route, string body, int status, string parameter)
    {
        using var response = await _http.PostAsync($"/sdapi/v1/{route}", new StringContent(body, null, "application/json"));
        await AssertErrorAsync(response, status, parameter);
    }

    private static byte[] Pixels(byte[] file) => ImageCodecs.Vips.Decode(file, new()).Image.Pixels;

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string parameter)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal(parameter, JsonElement.Parse(text).GetProperty("error").GetProperty("param").GetString());
    }

    private Task<JsonElement> GetAsync(string route) => _http.GetFromJsonAsync<JsonElement>($"/sdapi/v1/{route}");

    private async Task<JsonElement> PostAsync(string route, object body)
    {
        using var response = await _http.PostAsJsonAsync($"/sdapi/v1/{route}", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
