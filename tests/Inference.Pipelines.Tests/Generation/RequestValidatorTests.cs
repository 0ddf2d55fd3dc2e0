namespace Inference.Pipelines.Tests;

public sealed class RequestValidatorTests(EmbeddedModel model) : IClassFixture<EmbeddedModel>
{
    private static readonly GenerationRequest Request = new() { Prompt = "a cat" };
    private static readonly GenerationLimits Limits = new() { MaxSteps = 50, MaxCount = 4, MaxPromptLength = 100, MaxGuidanceScale = 20 };

    public static TheoryData<GenerationRequest, string, string> Faults => new()
    {
        { Request with { Prompt = "" }, "prompt", "must not be empty" },
        { Request with { Prompt = " \t\n" }, "prompt", "must not be empty" },
        { Request with { Prompt = new('a', 101) }, "prompt", "at most 100 characters, not 101" },
        { Request with { NegativePrompt = new('a', 101) }, "negative_prompt", "at most 100 characters, not 101" },
        { Request with { Steps = 0 }, "num_inference_steps", "from 1 to 50, not 0" },
        { Request with { Steps = 51 }, "num_inference_steps", "from 1 to 50, not 51" },
        { Request with { GuidanceScale = -0.1 }, "guidance_scale", "from 0 to 20, not -0.1" },
        { Request with { GuidanceScale = 20.5 }, "guidance_scale", "from 0 to 20, not 20.5" },
        { Request with { GuidanceScale = double.NaN }, "guidance_scale", "from 0 to 20, not NaN" },
        { Request with { GuidanceScale = double.PositiveInfinity }, "guidance_scale", "from 0 to 20" },
        { Request with { Count = 0 }, "n", "from 1 to 4, not 0" },
        { Request with { Count = 5 }, "n", "from 1 to 4, not 5" },
        { Request with { Seed = -1 }, "seed", "from 0 to 9223372036854775803, not -1" },
        { Request with { Seed = long.MaxValue }, "seed", "from 0 to 9223372036854775803" },
        { Request with { Size = new(512, 512) }, "size", "one of 128x128 for model 'pictogram-128', not 512x512" },
        { Request with { Sampler = "no-such" }, "sampler", "no-such" },
        { Request with { Sampler = "" }, "sampler", "llowed" },
    };

    public static TheoryData<GenerationRequest> Edges =>
    [
        Request with { Prompt = new('a', 100), NegativePrompt = new('b', 100) },
        Request with { Steps = 1 },
        Request with { Steps = 50 },
        Request with { GuidanceScale = 0 },
        Request with { GuidanceScale = 20 },
        Request with { Count = 4, Seed = long.MaxValue - 4 },
        Request with { Size = new(128, 128) },
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Check_AFault_NamesFieldAndLimit(GenerationRequest request, string parameter, string message)
    {
        var problem = Assert.Single(Assert.Throws<InvalidRequestException>(() => model.Pipeline.Check(request, Limits)).Problems);
        Assert.Equal(parameter, problem.Parameter);
        Assert.Contains(message, problem.Message);
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void Check_TheEdgesOfTheLimits_AreAllowed(GenerationRequest request) => Assert.Equal("pictogram-128", model.Pipeline.Check(request, Limits).Model);

    [Fact]
    public void Check_ReportsAllProblemsAtOnce()
    {
        var error = Assert.Throws<InvalidRequestException>(() => model.Pipeline.Check(
            new() { Prompt = "", NegativePrompt = new('a', 101), Steps = 0, GuidanceScale = -1, Count = 0, Seed = -1, Size = new(1, 1), Sampler = "no-such" }, Limits));
        Assert.Equal(["guidance_scale", "n", "negative_prompt", "num_inference_steps", "prompt", "sampler", "seed", "size"], error.Problems.Select(problem => problem.Parameter).Order(StringComparer.Ordinal));
        Assert.All(error.Problems, problem => Assert.Contains(problem.Message, error.Message));
    }

    [Fact]
    public void Check_FillsInTheModelsDefaults()
    {
        var settings = model.Pipeline.Check(Request, Limits);
        Assert.Equal((20, 4d, new ImageSize(128, 128)), (settings.Steps, settings.GuidanceScale, settings.Size));
    }
}
