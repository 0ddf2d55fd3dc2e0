using System.Text;
using Microsoft.AspNetCore.Http;

namespace Inference.Server.Tests;

public class RequestBodyTests
{
    public static TheoryData<string, string?, string, string> Faults => new()
    {
        { "", null, "invalid_json", "not valid JSON" },
        { "{", null, "invalid_json", "not valid JSON" },
        { "null", null, "invalid_json", "must be a JSON object, not null" },
        { "[]", null, "invalid_json", "must be an object" },
        { "7", null, "invalid_json", "must be an object" },
        { """{"prompt":"a",}""", null, "invalid_json", "trailing comma" },
        { """{"prompt":"a" "n":1}""", null, "invalid_json", "not valid JSON" },
        { """{"prompt":"a","n":1 x}""", null, "invalid_json", "not valid JSON" },
        { """{"prompt":"a","n":tru}""", "n", "invalid_json", "not valid JSON" },
        { """{"prompt":"a","n":01}""", "n", "invalid_json", "not valid JSON" },
        { """{"prompt":"a"} x""", null, "invalid_json", "not valid JSON" },
        { """{"prompt":[[[[[[[[[[1]]]]]]]]]]}""", "prompt", "invalid_type", "'prompt' must be a string" },
        { """{"prompt":["a"]}""", "prompt", "invalid_type", "'prompt' must be a string" },
        { """{"prompt":"\ud800"}""", "prompt", "invalid_type", "'prompt' must be a string" },
        { """{"prompt":"a","n":"1"}""", "n", "invalid_type", "'n' must be a whole number" },
        { """{"prompt":"a","n":2147483648}""", "n", "invalid_type", "to 2147483647" },
        { """{"prompt":"a","seed":1.5}""", "seed", "invalid_type", "'seed' must be a whole number" },
        { """{"prompt":"a","guidance_scale":"4"}""", "guidance_scale", "invalid_type", "'guidance_scale' must be a number" },
        { """{"prompt":"a","guidance_scale":NaN}""", "guidance_scale", "invalid_json", "not valid JSON" },
        { """{"prompt":"a","stream":1}""", "stream", "invalid_type", "'stream' must be true or false" },
        { """{"prompt":"a","steps":5}""", "steps", "unknown_parameter", "Unknown parameter: 'steps'. Known are: prompt, model, n, size" },
        { """{"prompt":"a","PROMPT":"b"}""", "PROMPT", "unknown_parameter", "Unknown parameter: 'PROMPT'" },
        { """{"prompt":"a","a duplicate.":5}""", "a duplicate.", "unknown_parameter", "Unknown parameter: 'a duplicate.'" },
        { """{"prompt":"a","n":1,"n":1}""", "n", "duplicate_parameter", "given twice: 'n'" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task ReadAsync_AFault_NamesFieldAndExpectation(string body, string? parameter, string code, string message)
    {
        var error = (await Assert.ThrowsAsync<BadRequestException>(() => ReadAsync(body))).Error;
        Assert.Contains(message, error.Error.Message);
        Assert.Equal((400, parameter, code), (error.Status, error.Error.Param, error.Error.Code));
        // No names of our types or positions of the parser's.
        Assert.DoesNotContain("Inference.", error.Error.Message);
        Assert.DoesNotContain("Path:", error.Error.Message);
    }

    [Fact]
    public async Task ReadAsync_AllFields_AreRead()
    {
        var body = await ReadAsync("""{"prompt":"a","model":"m","n":2,"size":"auto","num_inference_steps":5,"guidance_scale":4.5,"seed":9007199254740993,"sampler":"euler","user":null}""");
        Assert.Equal(("a", "m", 2, "auto"), (body.Prompt, body.Model, body.N, body.Size));
        Assert.Equal((5, 4.5, 9007199254740993, "euler"), (body.NumInferenceSteps, body.GuidanceScale, body.Seed, body.Sampler));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task ReadAsync_AnotherContentType_Is415(string? type) =>
        Assert.Equal(415, (await Assert.ThrowsAsync<BadRequestException>(() => ReadAsync("{}", type))).Error.Status);

    private static Task<ImageGenerationBody> ReadAsync(string body, string? contentType = "application/json; charset=utf-8")
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return RequestBody.ReadAsync(context.Request, ServerJson.Default.ImageGenerationBody, default);
    }
}
