using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Refuses what the web UI can and this server cannot. A value that means "not wanted" is fine.</summary>
internal static class WebUiChecks
{
    public static void Check(WebUiBody body, List<RequestProblem> problems)
    {
        Off("enable_hr", body.EnableHr, problems);
        Off("restore_faces", body.RestoreFaces, problems);
        Off("tiling", body.Tiling, problems);
        Off("save_images", body.SaveImages, problems);
        Off("include_init_images", body.IncludeInitImages, problems);
        Only("subseed_strength", body.SubseedStrength is null or 0, "0", problems);
        Only("seed_resize_from_h", body.SeedResizeFromH is null or <= 0, "-1 or 0", problems);
        Only("seed_resize_from_w", body.SeedResizeFromW is null or <= 0, "-1 or 0", problems);
        Only("s_min_uncond", body.SMinUncond is null or 0, "0", problems);
        Only("clip_skip", body.ClipSkip is null or 0 or 1, "1", problems);
        Only("styles", body.Styles is null or [], "empty", problems);
        Only("script_name", string.IsNullOrEmpty(body.ScriptName), "empty", problems);
        Only("alwayson_scripts", body.AlwaysonScripts is null or { Count: 0 }, "empty", problems);
        Only("refiner_checkpoint", body.RefinerCheckpoint is null or "" or "None", "empty", problems);
        Only("mask", string.IsNullOrEmpty(body.Mask), "empty: masks (inpainting) are not supported", problems);
        Only("latent_mask", string.IsNullOrEmpty(body.LatentMask), "empty: masks (inpainting) are not supported", problems);
        Only("resize_mode", body.ResizeMode is null or 0, "0 (just resize)", problems);
        Only("initial_noise_multiplier", body.InitialNoiseMultiplier is null or 1, "1", problems);
        Only("infotext", string.IsNullOrEmpty(body.Infotext), "empty", problems);
        Only("image_cfg_scale", body.ImageCfgScale is null or 0, "0", problems);
        Check(body.OverrideSettings, problems);
    }

    /// <summary>Checks options of the server or of one request.</summary>
    public static void Check(WebUiOptions? options, List<RequestProblem> problems)
    {
        Only("CLIP_stop_at_last_layers", options?.ClipStopAtLastLayers is null or 1, "1", problems);
        Only("sd_vae", options?.SdVae is null or "" or "Automatic" or "None", "Automatic", problems);
        Only("samples_format", options?.SamplesFormat is null or "png" or "jpg" or "jpeg" or "webp", "png, jpg or webp", problems);
    }

    private static void Off(string name, bool? value, List<RequestProblem> problems) => Only(name, value != true, "false", problems);

    private static void Only(string name, bool isAllowed, string allowed, List<RequestProblem> problems)
    {
        if (!isAllowed)
            problems.Add(new(name, $"'{name}' must be {allowed}; anything else cannot be served."));
    }
}
