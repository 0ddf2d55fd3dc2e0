using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Inference.EndToEnd.Tests;

/// <summary>Everything a client can get wrong: the status, the field that is named, and a server that is healthy afterwards.</summary>
public sealed class BadInputTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const string Route = "/v1/images/generations";

    public static TheoryData<string, int, string?, string> Bodies => new()
    {
        { "", 400, null, "not valid JSON" },
        { "{", 400, null, "not valid JSON" },
        { "null", 400, null, "must be a JSON object" },
        { "[]", 400, null, "not valid JSON" },
        { "{}", 400, "prompt", "'prompt'" },
        { """{"prompt":""}""", 400, "prompt", "must not be empty" },
        { """{"prompt":null}""", 400, "prompt", "must not be empty" },
        { """{"prompt":7}""", 400, "prompt", "must be a string" },
        { """{"prompt":"a","sampler":"no-such"}""", 400, "sampler", "no-such" },
        { """{"prompt":"a","num_inference_steps":0}""", 400, "num_inference_steps", "from 1 to 200" },
        { """{"prompt":"a","num_inference_steps":-1}""", 400, "num_inference_steps", "from 1 to 200" },
        { """{"prompt":"a","num_inference_steps":1000000000}""", 400, "num_inference_steps", "from 1 to 200" },
        { """{"prompt":"a","num_inference_steps":10000000000}""", 400, "num_inference_steps", "whole number" },
        { """{"prompt":"a","num_inference_steps":2.5}""", 400, "num_inference_steps", "whole number" },
        { """{"prompt":"a","num_inference_steps":"20"}""", 400, "num_inference_steps", "whole number" },
        { """{"prompt":"a","size":"9999x9999"}""", 400, "size", "128x128" },
        { """{"prompt":"a","size":"abc"}""", 400, "size", "WIDTHxHEIGHT" },
        { """{"prompt":"a","size":"-1x5"}""", 400, "size", "WIDTHxHEIGHT" },
        { """{"prompt":"a","n":0}""", 400, "n", "from 1 to 10" },
        { """{"prompt":"a","n":1000}""", 400, "n", "from 1 to 10" },
        { """{"prompt":"a","seed":-5}""", 400, "seed", "from 0" },
        { """{"prompt":"a","guidance_scale":1e9}""", 400, "guidance_scale", "from 0 to 50" },
        { """{"prompt":"a","guidance_scale":-1}""", 400, "guidance_scale", "from 0 to 50" },
        { """{"prompt":"a","foo":1}""", 400, "foo", "Unknown parameter: 'foo'" },
        { """{"prompt":"a","prompt":"b"}""", 400, "prompt", "twice" },
        { """{"prompt":"a","response_format":"url"}""", 400, "response_format", "b64_json" },
        { """{"prompt":"a","output_format":"gif"}""", 400, "output_format", "png or jpeg or webp" },
        { """{"prompt":"a","output_format":"jpeg","output_compression":101}""", 400, "output_compression", "from 0 to 100" },
        { """{"prompt":"a","output_compression":50}""", 400, "output_compression", "png" },
        { """{"prompt":"a","background":"transparent"}""", 400, "background", "opaque" },
        { """{"prompt":"a","quality":"hd"}""", 400, "quality", "standard" },
        { """{"prompt":"a","style":"vivid"}""", 400, "style", "natural" },
        { """{"prompt":"a","moderation":"high"}""", 400, "moderation", "auto" },
        { """{"prompt":"a","stream":1}""", 400, "stream", "true or false" },
        { """{"prompt":"a","stream":true,"partial_images":4}""", 400, "partial_images", "from 0 to 3" },
        { """{"prompt":"a","stream":true,"partial_images":-1}""", 400, "partial_images", "from 0 to 3" },
        { """{"prompt":"a","partial_images":1}""", 400, "partial_images", "'stream'" },
        { """{"prompt":"a","stream":true,"preview":"best"}""", 400, "preview", "projection or vae" },
        { """{"prompt":"a","preview":"vae"}""", 400, "preview", "'stream'" },
        { """{"prompt":"a","model":"../../etc/passwd"}""", 404, "model", "pictogram-128" },
        { """{"prompt":"a","sampler":"ddim","sampler_options":{"eta":2}}""", 400, "eta", "between 0 and 1" },
        { """{"prompt":"a","sampler":"euler","sampler_options":{"eta":1}}""", 400, "eta", "not an option of euler" },
        { """{"prompt":"a","sampler":"ddim","sampler_options":{"eta":[1]}}""", 400, "sampler_options", "must be a number" },
        { """{"prompt":"a","sampler":"deis","sampler_options":{"solver_order":9}}""", 400, "solver_order", "between 1 and 3" },
        { """{"prompt":"a","schedule":"nope"}""", 400, "schedule", "karras" },
        { """{"prompt":"a","spacing":"nope"}""", 400, "spacing", "trailing" },
        { """{"prompt":"a","flow_shift":3}""", 400, "flow_shift", "Only flow models" },
        { """{"prompt":"a","sigmas":[1,2]}""", 400, "sigmas", "descending" },
        { """{"prompt":"a","sigmas":[2,"x"]}""", 400, "sigmas", "array of numbers" },
        { """{"prompt":"a","sigmas":[2,1],"num_inference_steps":2}""", 400, "num_inference_steps", "cannot be combined" },
        { """{"prompt":"a","timesteps":[]}""", 400, "num_inference_steps", "from 1" },
        { """{"prompt":"a","noise":"tpu"}""", 400, "noise", "cpu or gpu" },
        { """{"prompt":"a","guidance_rescale":2}""", 400, "guidance_rescale", "0" },
        { """{"prompt":"a","guidance_interval":[1]}""", 400, "guidance_interval", "two numbers" },
        { """{"prompt":"a","guidance_interval":[2,1]}""", 400, "guidance_interval", "above its low end" },
        { """{"prompt":[[[[[[[[[[1]]]]]]]]]]}""", 400, "prompt", "must be a string" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_IsRefused_ByName(string body, int status, string? parameter, string message)
    {
        var response = await server.Client.PostAsync(Route, new StringContent(body, Encoding.UTF8, "application/json"));
        await AssertErrorAsync(response, status, parameter, message);
    }

    [Fact]
    public async Task AllProblems_AreReportedAtOnce()
    {
        var response = await server.Client.PostAsJsonAsync(Route, new { prompt = "a", n = 0, num_inference_steps = 0, size = "abc" });
        var error = await AssertErrorAsync(response, 400, "size", "'n'");
        Assert.Contains("'num_inference_steps'", error);
    }

    [Fact]
    public async Task WrongContentType_Is415() =>
        await AssertErrorAsync(await server.Client.PostAsync(Route, new StringContent("{}", Encoding.UTF8, "text/plain")), 415, null, "application/json");

    [Fact]
    public async Task PromptOfOneMegabyte_IsRefused()
    {
        await AssertErrorAsync(await server.Client.PostAsJsonAsync(Route, new { prompt = new string('a', 1_000_000) }), 400, "prompt", "at most 10000");
        await AssertErrorAsync(await server.Client.PostAsJsonAsync(Route, new { prompt = new string('a', 1 << 20) }), 413, null, "larger");
    }

    [Fact]
    public async Task BodyOf200Megabytes_Is413_WithoutBeingRead()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = new ZeroContent(200L << 20) };
        request.Headers.ExpectContinue = true;
        await AssertErrorAsync(await server.Client.SendAsync(request), 413, null, "larger");
    }

    [Fact]
    public async Task UnknownUrl_And_WrongMethod_AreOpenAiShaped()
    {
        await AssertErrorAsync(await server.Client.GetAsync("/v1/nothing"), 404, null, "Unknown request URL");
        await AssertErrorAsync(await server.Client.GetAsync(Route), 405, null, "POST");
    }

    [Fact]
    public async Task AcceptOfOnePicture_WithSeveral_IsRefused()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = JsonContent.Create(new { prompt = "a", n = 2 }) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        await AssertErrorAsync(await server.Client.SendAsync(request), 400, "n", "must be 1");
    }

    [Fact]
    public async Task Disconnect_StopsTheWorkWithinOneStep()
    {
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
            const string Body = """{"prompt":"a house","num_inference_steps":200}""";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
            await UntilAsync(async () => await MetricAsync("inference_lanes_open") == 1);
            socket.Close(0);
        }
        await UntilAsync(async () => await MetricAsync("inference_lanes_open") == 0 && await MetricAsync("inference_pictures_running") == 0);
        // 200 steps take seconds; the batches counted say that the work did not run on.
        Assert.True(await MetricAsync("inference_batch_rows_count") < 150);
        await UntilAsync(async () => (await server.Client.GetStringAsync("/metrics")).Contains("status=\"499\"", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await condition())
                return;
            await Task.Delay(10);
        }
        Assert.Fail("The condition did not come true.");
    }

    private async Task<double> MetricAsync(string name) => (await server.Client.GetStringAsync("/metrics")).Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
        .Sum(line => double.Parse(line.Split(' ')[^1]));

    private async Task<string> AssertErrorAsync(HttpResponseMessage response, int status, string? parameter, string message)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/ready")).StatusCode);
        return error.GetProperty("message").GetString()!;
    }

    private sealed class ZeroContent : HttpContent
    {
        private readonly long _length;

        public ZeroContent(long length)
        {
            _length = length;
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[1 << 16];
            for (var sent = 0L; sent < _length; sent += block.Length)
                await stream.WriteAsync(block);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }
    }
}
