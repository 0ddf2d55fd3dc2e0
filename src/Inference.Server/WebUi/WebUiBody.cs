using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>
/// Body of <c>/sdapi/v1/txt2img</c> and <c>/img2img</c>. Fields that cannot be served are here with the values that mean "not wanted", since clients
/// of that API send all there are; any other value, and unknown fields, are refused by name.
/// </summary>
public sealed record WebUiBody
{
    public string? Prompt { get; init; }

    public string? NegativePrompt { get; init; }

    [Description("-1 is drawn at random.")]
    public long? Seed { get; init; }

    public int? Steps { get; init; }

    public double? CfgScale { get; init; }

    [Description("With height; the model's own size when both are missing.")]
    public int? Width { get; init; }

    public int? Height { get; init; }

    [Description("Name from /sdapi/v1/samplers; the model's own when missing.")]
    public string? SamplerName { get; init; }

    [Description("Older name of sampler_name.")]
    public string? SamplerIndex { get; init; }

    [Description("Name or label from /sdapi/v1/schedulers; Automatic is the model's own.")]
    public string? Scheduler { get; init; }

    [Description("Pictures; times n_iter.")]
    public int? BatchSize { get; init; }

    public int? NIter { get; init; }

    [Description("For samplers that have one; without effect on others, as in the web UI.")]
    public double? Eta { get; init; }

    public double? SChurn { get; init; }

    public double? STmin { get; init; }

    public double? STmax { get; init; }

    public double? SNoise { get; init; }

    [Description("sd_model_checkpoint and samples_format are served.")]
    public WebUiOptions? OverrideSettings { get; init; }

    [Description("false keeps sd_model_checkpoint for later requests.")]
    public bool? OverrideSettingsRestoreAfterwards { get; init; }

    [Description("false leaves the pictures out of the response.")]
    public bool? SendImages { get; init; }

    [Description("Name of the task in /sdapi/v1/progress.")]
    public string? ForceTaskId { get; init; }

    [Description("img2img: one picture in base64, as it is or as a data URL. No other URL is ever fetched.")]
    public IReadOnlyList<string>? InitImages { get; init; }

    [Description("img2img: how much of the picture is new, above 0 to 1; 0.75 when missing. txt2img: without effect, as in the web UI.")]
    public double? DenoisingStrength { get; init; }

    [Description("Only false: this server keeps no pictures.")]
    public bool? SaveImages { get; init; }

    // Say what save_images leaves out, and mean nothing without it.
    public bool? DoNotSaveSamples { get; init; }

    public bool? DoNotSaveGrid { get; init; }

    [Description("Only false.")]
    public bool? EnableHr { get; init; }

    [Description("Only false.")]
    public bool? RestoreFaces { get; init; }

    [Description("Only false.")]
    public bool? Tiling { get; init; }

    [Description("Only 0.")]
    public double? SubseedStrength { get; init; }

    [Description("Only -1 or 0: off.")]
    public int? SeedResizeFromH { get; init; }

    [Description("Only -1 or 0: off.")]
    public int? SeedResizeFromW { get; init; }

    [Description("Only 0.")]
    public double? SMinUncond { get; init; }

    [Description("Only 1 or 0.")]
    public int? ClipSkip { get; init; }

    [Description("Only empty.")]
    public IReadOnlyList<string>? Styles { get; init; }

    [Description("Only empty.")]
    public string? ScriptName { get; init; }

    [Description("Only empty.")]
    public Dictionary<string, JsonElement>? AlwaysonScripts { get; init; }

    [Description("Only empty.")]
    public string? RefinerCheckpoint { get; init; }

    [Description("Only empty: masks (inpainting) are not supported.")]
    public string? Mask { get; init; }

    [Description("Only empty.")]
    public string? LatentMask { get; init; }

    [Description("Only 0: the picture is resized.")]
    public int? ResizeMode { get; init; }

    [Description("Only 1.")]
    public double? InitialNoiseMultiplier { get; init; }

    [Description("Only false.")]
    public bool? IncludeInitImages { get; init; }

    [Description("Only empty.")]
    public string? Infotext { get; init; }

    [Description("Only 0 or missing.")]
    public double? ImageCfgScale { get; init; }

    // What follows belongs to features above that are off, and means nothing without them in the web UI either.
    public long? Subseed { get; init; }

    public JsonElement? ScriptArgs { get; init; }

    public double? RefinerSwitchAt { get; init; }

    public double? HrScale { get; init; }

    public string? HrUpscaler { get; init; }

    public int? HrSecondPassSteps { get; init; }

    public int? HrResizeX { get; init; }

    public int? HrResizeY { get; init; }

    public string? HrCheckpointName { get; init; }

    public string? HrSamplerName { get; init; }

    public string? HrScheduler { get; init; }

    public string? HrPrompt { get; init; }

    public string? HrNegativePrompt { get; init; }

    public JsonElement? HrAdditionalModules { get; init; }

    public double? HrCfg { get; init; }

    public int? FirstphaseWidth { get; init; }

    public int? FirstphaseHeight { get; init; }

    public double? MaskBlur { get; init; }

    public double? MaskBlurX { get; init; }

    public double? MaskBlurY { get; init; }

    public bool? MaskRound { get; init; }

    public int? InpaintingFill { get; init; }

    public bool? InpaintFullRes { get; init; }

    public int? InpaintFullResPadding { get; init; }

    public int? InpaintingMaskInvert { get; init; }

    public bool? DisableExtraNetworks { get; init; }

    public JsonElement? Comments { get; init; }
}

/// <summary>Options of the web UI that this server has; <c>GET /sdapi/v1/options</c> and <c>override_settings</c>. Others are refused by name.</summary>
public sealed record WebUiOptions
{
    /// <summary>The model of requests that name none.</summary>
    public string? SdModelCheckpoint { get; init; }

    /// <summary>png, jpg, jpeg or webp.</summary>
    public string? SamplesFormat { get; init; }

    /// <summary>Only 1.</summary>
    [JsonPropertyName("CLIP_stop_at_last_layers")]
    public int? ClipStopAtLastLayers { get; init; }

    /// <summary>Only Automatic, None or empty: the model's own.</summary>
    public string? SdVae { get; init; }
}
