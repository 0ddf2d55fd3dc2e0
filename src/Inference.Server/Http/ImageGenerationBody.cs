using System.ComponentModel;
using System.Text.Json;

namespace Inference.Server;

/// <summary>Body of <c>POST /v1/images/generations</c>: OpenAI's fields, and ours after them. Unknown fields are refused.</summary>
public sealed record ImageGenerationBody
{
    [Description("What the picture shows; class-conditional models take class_label instead.")]
    public string? Prompt { get; init; }

    [Description("Name of a model from GET /v1/models; the default model when missing.")]
    public string? Model { get; init; }

    [Description("Number of pictures, from 1; picture i has seed + i.")]
    public int? N { get; init; }

    [Description("WIDTHxHEIGHT in pixels, or auto.")]
    public string? Size { get; init; }

    [Description("Only b64_json can be served.")]
    public string? ResponseFormat { get; init; }

    [Description("png, jpeg or webp.")]
    public string? OutputFormat { get; init; }

    [Description("Quality of jpeg and webp, 0 to 100.")]
    public int? OutputCompression { get; init; }

    [Description("auto or opaque.")]
    public string? Background { get; init; }

    [Description("auto or standard: quality is chosen by num_inference_steps.")]
    public string? Quality { get; init; }

    [Description("Only natural: style belongs in the prompt.")]
    public string? Style { get; init; }

    [Description("auto or low: the server does not moderate.")]
    public string? Moderation { get; init; }

    [Description("Identifier of the end user; appears in the log, at most 256 characters.")]
    public string? User { get; init; }

    [Description("true answers with server-sent events: image_generation.partial_image and image_generation.completed (image_edit... for edits).")]
    public bool? Stream { get; init; }

    [Description("Previews of each picture in a stream, 0 to 3.")]
    public int? PartialImages { get; init; }

    [Description("What previews in a stream are made by: projection (a linear map of the latent, costs nothing) or vae (the autoencoder); projection when missing.")]
    public string? Preview { get; init; }

    [Description("A preview after every so many steps, from 1, in place of partial_images.")]
    public int? PreviewEvery { get; init; }

    [Description("true adds events image_generation.progress (image_edit... for edits) to a stream: place in the queue, then steps of each picture.")]
    public bool? Progress { get; init; }

    [Description("What the picture should not show.")]
    public string? NegativePrompt { get; init; }

    [Description("Number of denoising steps, from 1.")]
    public int? NumInferenceSteps { get; init; }

    [Description("Classifier-free guidance scale; 1 is off.")]
    public double? GuidanceScale { get; init; }

    [Description("Seed of the noise, from 0; drawn at random when missing. One seed, one picture.")]
    public long? Seed { get; init; }

    [Description("Class of a class-conditional model, from 0; such models take no prompt.")]
    public int? ClassLabel { get; init; }

    [Description("How much of the schedule is run on the picture to start from, above 0 up to 1; only with one.")]
    public double? Strength { get; init; }

    [Description("Name or alias of a sampler; the model's own when missing.")]
    public string? Sampler { get; init; }

    [Description("Options of the sampler by name: numbers, strings, true or false; GET /v1/samplers lists them.")]
    public Dictionary<string, JsonElement>? SamplerOptions { get; init; }

    [Description("Sigma schedule: uniform, karras, polynomial, exponential, polyexponential, focused, beta, log-snr, time-quadratic, ays, ays-sdxl, ays-svd; the model's own when missing.")]
    public string? Schedule { get; init; }

    [Description("Exponent of the schedules karras, polynomial and polyexponential, above 0.")]
    public double? Rho { get; init; }

    [Description("Timestep spacing: linspace, leading or trailing; the model's own when missing.")]
    public string? Spacing { get; init; }

    [Description("Shift factor of a flow model, above 0.")]
    public double? FlowShift { get; init; }

    [Description("Timesteps to visit, strictly descending, in place of num_inference_steps.")]
    public double[]? Timesteps { get; init; }

    [Description("Noise levels sigma/alpha to visit, strictly descending, in place of num_inference_steps.")]
    public double[]? Sigmas { get; init; }

    [Description("Share of the steps after which denoising stops, above 0 to 1; the picture shows the noise that is left.")]
    public double? End { get; init; }

    [Description("Noise level sigma/alpha below which no step leads; the picture shows the noise that is left.")]
    public double? EndSigma { get; init; }

    [Description("Guidance rescale, 0 (off) to 1.")]
    public double? GuidanceRescale { get; init; }

    [Description("Two noise levels sigma/alpha, low and high, between which guidance is on; one network row instead of two elsewhere.")]
    public double[]? GuidanceInterval { get; init; }

    [Description("Cosine, 0 to 1, of conditional and unconditional prediction at which guidance ends for the rest of the run.")]
    public double? GuidanceAdaptiveThreshold { get; init; }

    [Description("Feature caching: the name of a policy from GET /v1/cache-policies, or an object {\"policy\": name, option: value, ...}; every step is computed in full when missing.")]
    public JsonElement? Cache { get; init; }

    [Description("Cache preset in place of cache: exact, high, balanced or fast (at least 40, 34 and 28 dB PSNR to the plain run, on average); GET /v1/models shows a model's.")]
    public string? CachePreset { get; init; }

    [Description("Several denoising steps side by side: the name of a method from GET /v1/parallel-methods, or an object {\"method\": name, \"tolerance\": 0.02, \"window\": \"auto\" or a number, option: value, ...}; steps follow each other when missing.")]
    public JsonElement? Parallel { get; init; }

    [Description("Whose noise a seed stands for: cpu (torch's CPU generator) or gpu (CUDA's Philox).")]
    public string? Noise { get; init; }

    [Description("Name of a preset from GET /v1/presets: it sets sampler, steps, schedule and cache.")]
    public string? Preset { get; init; }

    [Description("Id of an experiment from /v1/experiments to take part in: one of its arms sets its options.")]
    public string? Experiment { get; init; }

    [Description("Milliseconds within which the pictures must be done, from 1; refused at once when that cannot be met, dropped when it is missed. Header x-inference-timeout-ms does the same.")]
    public long? TimeoutMs { get; init; }

    [Description("interactive, or batch: goes behind interactive requests until it has aged.")]
    public string? Priority { get; init; }

    [Description("true evaluates the request's rows by themselves: slower, and the same bytes on every run of this server.")]
    public bool? Solo { get; init; }
}
