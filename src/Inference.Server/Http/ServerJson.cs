using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>JSON of the API: snake_case, strict when reading.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    Converters = [typeof(FiniteNumber), typeof(ReadableElement)],
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ImageGenerationBody))]
[JsonSerializable(typeof(ImageGenerationResponse))]
[JsonSerializable(typeof(OpenAiErrorResponse))]
[JsonSerializable(typeof(PartialImageEvent))]
[JsonSerializable(typeof(CompletedImageEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(StreamErrorEvent))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(WebUiBody))]
[JsonSerializable(typeof(WebUiOptions))]
[JsonSerializable(typeof(WebUiResponse))]
[JsonSerializable(typeof(WebUiInfo))]
[JsonSerializable(typeof(WebUiProgress))]
[JsonSerializable(typeof(IReadOnlyList<WebUiSampler>))]
[JsonSerializable(typeof(IReadOnlyList<WebUiScheduler>))]
[JsonSerializable(typeof(IReadOnlyList<WebUiModel>))]
[JsonSerializable(typeof(ExperimentBody))]
[JsonSerializable(typeof(VoteBody))]
[JsonSerializable(typeof(ExperimentResponse))]
[JsonSerializable(typeof(ExperimentList))]
[JsonSerializable(typeof(ExperimentReportResponse))]
[JsonSerializable(typeof(VoteResponse))]
[JsonSerializable(typeof(PresetList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(SamplerList))]
[JsonSerializable(typeof(CachePolicyList))]
[JsonSerializable(typeof(ParallelMethodList))]
[JsonSerializable(typeof(ScheduleList))]
internal sealed partial class ServerJson : JsonSerializerContext;
