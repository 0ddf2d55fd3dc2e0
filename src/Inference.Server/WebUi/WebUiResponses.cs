namespace Inference.Server;

/// <summary>Response of <c>/sdapi/v1/txt2img</c> and <c>/img2img</c>.</summary>
/// <param name="Images">Files in base64.</param>
/// <param name="Parameters">The request.</param>
/// <param name="Info"><see cref="WebUiInfo"/> as a text of JSON.</param>
public sealed record WebUiResponse(IReadOnlyList<string> Images, WebUiBody Parameters, string Info);

/// <summary>What was done, in the web UI's fields, and our accounting.</summary>
public sealed record WebUiInfo(
    string Prompt, IReadOnlyList<string> AllPrompts, string NegativePrompt, IReadOnlyList<string> AllNegativePrompts, long Seed, IReadOnlyList<long> AllSeeds,
    int Width, int Height, string SamplerName, double CfgScale, int Steps, int BatchSize, double? DenoisingStrength, string SdModelName, IReadOnlyList<string> Infotexts,
    int IndexOfFirstImage, string JobTimestamp, string Version, InferenceReport Inference);

/// <summary>Response of <c>/sdapi/v1/progress</c>: the client's oldest request under way.</summary>
/// <param name="Progress">Part that is done, 0 to 1; 0 when nothing runs.</param>
/// <param name="EtaRelative">Predicted seconds until it is done.</param>
/// <param name="State">Details.</param>
/// <param name="CurrentImage">A preview as a PNG file in base64, or null.</param>
/// <param name="Textinfo">Null.</param>
public sealed record WebUiProgress(double Progress, double EtaRelative, WebUiState State, string? CurrentImage, string? Textinfo);

/// <summary>Details of the progress.</summary>
public sealed record WebUiState(bool Skipped, bool Interrupted, string Job, int JobCount, string JobTimestamp, int JobNo, int SamplingStep, int SamplingSteps);

/// <summary>A sampler of <c>/sdapi/v1/samplers</c>.</summary>
public sealed record WebUiSampler(string Name, IReadOnlyList<string> Aliases, IReadOnlyDictionary<string, string> Options);

/// <summary>A schedule of <c>/sdapi/v1/schedulers</c>.</summary>
public sealed record WebUiScheduler(string Name, string Label, IReadOnlyList<string> Aliases, double? DefaultRho, bool NeedInnerModel);

/// <summary>A model of <c>/sdapi/v1/sd-models</c>; no path of the server's is told.</summary>
public sealed record WebUiModel(string Title, string ModelName, string? Hash, string? Sha256, string Filename, string? Config);
