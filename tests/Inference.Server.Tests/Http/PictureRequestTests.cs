using System.Text.Json;
using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server.Tests;

public sealed class PictureRequestTests
{
    [Fact]
    public void Of_SaysWhatMakesThePictureAgain_AndNothingOfWhoAskedAndHow()
    {
        var body = new ImageGenerationBody
        {
            Prompt = "a star \u2605",
            N = 3,
            Size = "128x128",
            OutputFormat = "png",
            User = "alice",
            Stream = true,
            Progress = true,
            PreviewEvery = 2,
            NumInferenceSteps = 8,
            Sampler = "Euler a",
            Cache = JsonElement.Parse("""{"policy":"fora","interval":2}"""),
            TimeoutMs = 1000,
            Priority = "batch",
        };
        var request = new CheckedRequest(
            new() { Prompt = "a star" }, new("pictogram", "euler-a", 8, 4, new(128, 128), 8), new("png", ImageEncoding.Png(), false),
            new(RequestPriority.Batch, TimeSpan.FromSeconds(1), LaneSharing.Shared), null, body);
        Assert.Equal(
            """{"prompt":"a star \u2605","model":"pictogram","size":"128x128","num_inference_steps":8,"seed":12,"sampler":"Euler a","cache":{"policy":"fora","interval":2}}""",
            PictureRequest.Of(request, 12));
    }
}
