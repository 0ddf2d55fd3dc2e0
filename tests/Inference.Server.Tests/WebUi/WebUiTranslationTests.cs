using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Server.Tests;

public sealed class WebUiTranslationTests
{
    // What a widely used Python client sends with every request, all its defaults filled in.
    private const string AllDefaults = """
        {"enable_hr":false,"hr_scale":2,"hr_upscaler":"Latent","hr_second_pass_steps":0,"hr_resize_x":0,"hr_resize_y":0,"denoising_strength":0.7,"firstphase_width":0,"firstphase_height":0,
         "prompt":"a star","styles":[],"seed":-1,"subseed":-1,"subseed_strength":0.0,"seed_resize_from_h":0,"seed_resize_from_w":0,"batch_size":2,"n_iter":3,"steps":20,"cfg_scale":7.0,
         "width":128,"height":64,"restore_faces":false,"tiling":false,"do_not_save_samples":false,"do_not_save_grid":false,"negative_prompt":"","eta":1.0,"s_churn":0,"s_tmax":0,"s_tmin":0,
         "s_noise":1,"override_settings":{},"override_settings_restore_afterwards":true,"sampler_name":"Euler a","sampler_index":"Euler a","script_name":null,"script_args":[],
         "send_images":true,"save_images":false,"alwayson_scripts":{}}
        """;

    [Fact]
    public void Defaults_OfAClientThatSendsEverything_AreServed()
    {
        var translated = Translate(RequestBody.Read(AllDefaults, ServerJson.Default.WebUiBody));
        Assert.Equal(("a star", null, "128x64", null, 20, 7.0, "euler-a", null, 6), (
            translated.Prompt, translated.NegativePrompt, translated.Size, translated.Seed, translated.NumInferenceSteps, translated.GuidanceScale, translated.Sampler, translated.Schedule, translated.N));
        Assert.Equal(1, Assert.Single(translated.SamplerOptions!).Value.GetDouble());
        Assert.Null(translated.Strength);
    }

    [Theory]
    [InlineData("Euler a", null, "euler-a", null)]
    [InlineData("DPM++ 2M", "Karras", "dpmpp-2m", "karras")]
    [InlineData("DPM++ 2M", "align_your_steps", "dpmpp-2m", "ays")]
    [InlineData("DPM++ SDE Karras", null, "dpmpp-sde", "karras")]
    [InlineData("DPM++ 2M SDE Exponential", null, "dpmpp-2m-sde", "exponential")]
    [InlineData("DPM++ 2M Karras", "Automatic", "dpmpp-2m", "karras")]
    [InlineData("DPM++ 2M Karras", "Beta", "dpmpp-2m", "beta")]
    [InlineData("PLMS", "", "plms", null)]
    [InlineData("no such", null, "no such", null)]
    [InlineData("", "", null, null)]
    public void Samplers_AndSchedulers_HaveTheWebUisNames(string sampler, string? scheduler, string? expected, string? schedule)
    {
        var translated = Translate(new() { SamplerName = sampler, Scheduler = scheduler });
        Assert.Equal((expected, schedule), (translated.Sampler, translated.Schedule));
    }

    [Fact]
    public void EveryName_IsASamplerOrASchedule_OfOurs()
    {
        Assert.All(SamplerRegistry.All, sampler => Assert.Same(sampler, WebUiNames.Find(WebUiNames.Of(sampler)).Sampler));
        Assert.Equal("DPM++ 2M SDE", WebUiNames.Of(SamplerRegistry.Find("dpmpp-2m-sde")!));
        Assert.All(WebUiNames.Schedules.Where(known => known.Schedule is not null), known => Assert.Contains(known.Schedule, SigmaRampNames.All));
    }

    [Fact]
    public void Options_OfTheRequest_GoBeforeThoseOfTheServer()
    {
        var server = new WebUiOptions { SdModelCheckpoint = "one", SamplesFormat = "webp" };
        Assert.Equal(("one", "webp"), Translate(new(), server) is var plain ? (plain.Model, plain.OutputFormat) : default);
        var own = Translate(new() { OverrideSettings = new() { SdModelCheckpoint = "two", SamplesFormat = "jpg" } }, server);
        Assert.Equal(("two", "jpeg"), (own.Model, own.OutputFormat));
    }

    [Fact]
    public void Churn_GoesToSamplersThatHaveIt()
    {
        var options = Translate(new() { SamplerName = "Euler", SChurn = 5, STmin = 0.1, STmax = 0, SNoise = 1.1 }).SamplerOptions!;
        Assert.Equal(["s_churn", "s_noise", "s_tmin"], options.Keys.Order());
        Assert.Equal(3, Translate(new() { SamplerName = "Euler", SChurn = 5, STmax = 9 }).SamplerOptions!["s_tmax"].GetDouble() / 3);
        Assert.Contains("does not churn", Problem(new() { SamplerName = "DDIM", SChurn = 5 }, "s_churn"));
    }

    [Fact]
    public void Img2Img_HasItsStrength()
    {
        Assert.Equal(0.75, WebUiTranslation.Translate(new(), new(), hasImage: true).Strength);
        Assert.Equal(0.3, WebUiTranslation.Translate(new() { DenoisingStrength = 0.3 }, new(), hasImage: true).Strength);
    }

    [Theory]
    [InlineData("""{"enable_hr":true}""", "enable_hr")]
    [InlineData("""{"restore_faces":true}""", "restore_faces")]
    [InlineData("""{"save_images":true}""", "save_images")]
    [InlineData("""{"tiling":true}""", "tiling")]
    [InlineData("""{"subseed_strength":0.5}""", "subseed_strength")]
    [InlineData("""{"seed_resize_from_h":64}""", "seed_resize_from_h")]
    [InlineData("""{"clip_skip":2}""", "clip_skip")]
    [InlineData("""{"styles":["x"]}""", "styles")]
    [InlineData("""{"script_name":"x"}""", "script_name")]
    [InlineData("""{"alwayson_scripts":{"x":{}}}""", "alwayson_scripts")]
    [InlineData("""{"refiner_checkpoint":"x"}""", "refiner_checkpoint")]
    [InlineData("""{"mask":"x"}""", "mask")]
    [InlineData("""{"resize_mode":1}""", "resize_mode")]
    [InlineData("""{"include_init_images":true}""", "include_init_images")]
    [InlineData("""{"scheduler":"best"}""", "scheduler")]
    [InlineData("""{"width":128}""", "height")]
    [InlineData("""{"height":128}""", "width")]
    [InlineData("""{"width":-1,"height":128}""", "width")]
    [InlineData("""{"n_iter":0}""", "n_iter")]
    [InlineData("""{"batch_size":101}""", "batch_size")]
    [InlineData("""{"override_settings":{"CLIP_stop_at_last_layers":2}}""", "CLIP_stop_at_last_layers")]
    [InlineData("""{"override_settings":{"sd_vae":"other"}}""", "sd_vae")]
    [InlineData("""{"override_settings":{"samples_format":"gif"}}""", "samples_format")]
    public void WhatCannotBeServed_IsRefusedByName(string body, string parameter) => Problem(RequestBody.Read(body, ServerJson.Default.WebUiBody), parameter);

    [Fact]
    public void Rename_SpeaksOfTheWebUisFields()
    {
        var renamed = WebUiTranslation.Rename(new InvalidRequestException([new("num_inference_steps", "'num_inference_steps' must be from 1 to 200, not 0."), new("prompt", "'prompt' must not be empty.")]));
        Assert.Equal([new("steps", "'steps' must be from 1 to 200, not 0."), new("prompt", "'prompt' must not be empty.")], renamed.Problems);
        Assert.Equal("sd_model_checkpoint", WebUiTranslation.Rename(new BadRequestException(HttpError.Invalid("No.", "model"))).Error.Error.Param);
    }

    [Theory]
    [InlineData("AQID")]
    [InlineData("data:image/png;base64,AQID")]
    public void InitImage_IsBase64_AsItIsOrAsADataUrl(string text) => Assert.Equal([1, 2, 3], WebUiImage.Read(new() { InitImages = [text] }));

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("data:text/html;base64,AQID")]
    [InlineData("")]
    public void InitImage_AnythingElse_IsRefused(string text) =>
        Assert.Equal("init_images", Assert.Throws<BadRequestException>(() => WebUiImage.Read(new() { InitImages = [text] })).Error.Error.Param);

    private static ImageGenerationBody Translate(WebUiBody body, WebUiOptions? options = null) => WebUiTranslation.Translate(body, options ?? new(), hasImage: false);

    private static string Problem(WebUiBody body, string parameter)
    {
        var problem = Assert.Single(Assert.Throws<InvalidRequestException>(() => Translate(body)).Problems);
        Assert.Equal(parameter, problem.Parameter);
        return problem.Message;
    }
}
