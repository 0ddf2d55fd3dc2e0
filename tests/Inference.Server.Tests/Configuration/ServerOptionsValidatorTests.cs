using System.Text;
using Microsoft.Extensions.Configuration;

namespace Inference.Server.Tests;

public class ServerOptionsValidatorTests
{
    public static TheoryData<string, string, string> OutOfRange => new()
    {
        { "Threads:IntraOp", "-1", "from 0 to 1024" },
        { "Threads:IntraOp", "1025", "from 0 to 1024" },
        { "Batching:MaxRows", "0", "from 1 to 1024" },
        { "Batching:GuardMilliseconds", "-1", "from 0 to 60000" },
        { "Queue:MaxRunning", "0", "from 1 to 1024" },
        { "Queue:MaxQueuedSeconds", "0", "from 0.001 to 86400" },
        { "Queue:BatchDelaySeconds", "-1", "from 0 to 86400" },
        { "Limits:MaxSteps", "0", "from 1 to 10000" },
        { "Limits:MaxCount", "101", "from 1 to 100" },
        { "Limits:MaxPromptLength", "0", "from 1 to 1000000" },
        { "Limits:MaxGuidanceScale", "0.5", "from 1 to 1000" },
        { "Limits:MaxGuidanceScale", "NaN", "from 1 to 1000" },
        { "Limits:MaxBodyBytes", "1", "from 1024 to 104857600" },
        { "Limits:MemoryBytes", "0", "from 1048576 to" },
        { "Limits:MemoryBytes", "-1", "from 1048576 to" },
        { "Connections:MaxConnections", "0", "from 1 to 1000000" },
        { "Connections:MaxHeaderBytes", "1", "from 1024 to 1048576" },
        { "Connections:SlowMilliseconds", "1000", "from 1001 to 600000" },
        { "Resilience:FailureRatio", "0", "from 0.01 to 1" },
        { "Resilience:FailureRatio", "NaN", "from 0.01 to 1" },
        { "Resilience:MinimumEvaluations", "1", "from 2 to 1000000" },
        { "Resilience:BreakMilliseconds", "499", "from 500 to 86400000" },
        { "Resilience:HangMilliseconds", "99", "from 100 to 86400000" },
        { "Shutdown:GraceMilliseconds", "-1", "from 0 to 86400000" },
        { "Tracing:SampleRatio", "1.1", "from 0 to 1" },
        { "Keys:MaxConcurrent", "0", "from 1 to 1000000" },
    };

    [Fact]
    public void Read_WithoutConfiguration_GivesTheDefaults()
    {
        var options = ServerOptionsValidator.Read(Configuration());
        Assert.Equal((16, 60.0, 32), (options.Queue.MaxRunning, options.Queue.MaxQueuedSeconds, options.Batching.MaxRows));
        Assert.Equal("cpu", Assert.Single(options.ToProviders()).Name);
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Read_AValueOutOfRange_NamesKeyAndRange(string key, string value, string range) =>
        Assert.Contains(Errors(($"Inference:{key}", value)), error => error.StartsWith($"Inference:{key} must be {range}", StringComparison.Ordinal));

    [Theory]
    [InlineData("Tracing:Endpoint", "collector:4317", "absolute http or https address")]
    [InlineData("Tracing:Endpoint", "ftp://collector", "absolute http or https address")]
    [InlineData("Tracing:Protocol", "7", "Grpc or HttpProtobuf")]
    [InlineData("Networks:Precision", "fp8", "allowed are float32, float16, bfloat16, int8")]
    [InlineData("Networks:Attention", "7", "Exported or Fused")]
    [InlineData("Keys:RequestsPerMinute", "5", "limits of keys need keys")]
    [InlineData("Cors:Origins:0", "app.example.org", "scheme://host")]
    [InlineData("Cors:Origins:0", "https://app.example.org/", "without a path")]
    public void Read_AValueOfTheWrongForm_SaysWhatIsExpected(string key, string value, string expected) => Assert.Contains(expected, Assert.Single(Errors(($"Inference:{key}", value))));

    [Fact]
    public void Read_AnyOriginBesideOthers_IsAnError() =>
        Assert.Contains("* alone", Assert.Single(Errors(("Inference:Cors:Origins:0", "*"), ("Inference:Cors:Origins:1", "https://app.example.org"))));

    [Fact]
    public void Read_ReportsAllErrorsAtOnce()
    {
        var errors = Errors(
            ("Inference:Threads:IntraOp", "-1"), ("Inference:Queue:MaxRunning", "0"), ("Inference:Limits:MaxSteps", "0"), ("Inference:Providers:0", "tpu"), ("Inference:Models:Directory", " "));
        Assert.Equal(5, errors.Count);
        foreach (var name in new[] { "Threads:IntraOp", "Queue:MaxRunning", "Limits:MaxSteps", "'tpu'", "Models:Directory" })
            Assert.Contains(errors, error => error.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ADefaultTimeoutAboveTheLargest_IsAnError() =>
        Assert.Contains("Queue:DefaultTimeoutMilliseconds must be from 1 to 500", Assert.Single(Errors(("Inference:Queue:MaxTimeoutMilliseconds", "500"), ("Inference:Queue:DefaultTimeoutMilliseconds", "501"))));

    [Theory]
    [InlineData("Inference:Limits:MaxStep", "MaxStep")]
    [InlineData("Inference:Limit:MaxSteps", "Limit")]
    public void Read_AnUnknownKey_NamesIt(string key, string name) => Assert.Contains($"'{name}'", Assert.Single(Errors((key, "5"))));

    [Fact]
    public void Read_MemoryThatIsNoNumber_NamesItsKey() =>
        Assert.Contains("Inference:Limits:MemoryBytes", Assert.Single(Errors(("Inference:Limits:MemoryBytes", "8GB"))));

    [Fact]
    public void Read_AValueOfAnotherType_NamesItsKey() =>
        Assert.Contains("Inference:Limits:MaxSteps", Assert.Single(Errors(("Inference:Limits:MaxSteps", "many"))));

    [Theory]
    [InlineData("Inference:Providers:0")]
    [InlineData("Inference:ProviderOptions:tpu:DeviceIndex")]
    public void Read_AnUnknownProvider_SaysWhichThereAre(string key)
    {
        var error = Assert.Single(Errors((key, key.EndsWith("Index", StringComparison.Ordinal) ? "0" : "tpu")));
        Assert.Contains("'tpu'; allowed are cpu, cuda", error);
    }

    [Fact]
    public void Read_AProviderTwice_IsAnError() =>
        Assert.Contains("'CPU' is listed twice", Assert.Single(Errors(("Inference:Providers:0", "cpu"), ("Inference:Providers:1", "CPU"))));

    [Theory]
    [InlineData("Models")]
    [InlineData("Providers")]
    [InlineData("ProviderOptions")]
    [InlineData("Threads")]
    [InlineData("Batching")]
    [InlineData("Queue")]
    [InlineData("Limits")]
    [InlineData("Connections")]
    [InlineData("Resilience")]
    [InlineData("Shutdown")]
    [InlineData("Tracing")]
    [InlineData("Keys")]
    [InlineData("Cors")]
    public void Read_ANullSection_IsTheDefaultOrAnError(string section)
    {
        var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"Inference": {"{{section}}": null} }"""));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var error = Record.Exception(() => ServerOptionsValidator.Read(configuration).ToProviders());
        if (error is not null)
            Assert.Contains($"Inference:{section}", Assert.IsType<ConfigurationException>(error).Message);
    }

    [Fact]
    public void ToProviders_FindsOptionsWhateverTheCase()
    {
        var options = ServerOptionsValidator.Read(Configuration(
            ("Inference:Providers:0", "CUDA"), ("Inference:Providers:1", "cpu"), ("Inference:ProviderOptions:cuda:DeviceIndex", "2"), ("Inference:ProviderOptions:cuda:Options:arena", "1")));
        var providers = options.ToProviders();
        Assert.Equal(["cuda", "cpu"], providers.Select(provider => provider.Name));
        Assert.Equal((2, "1"), (providers[0].DeviceIndex, providers[0].Options["arena"]));
        Assert.Equal(0, providers[1].DeviceIndex);
    }

    [Fact]
    public void ToLimits_TakesEveryLimit()
    {
        var limits = new LimitOptions { MaxSteps = 1, MaxCount = 2, MaxPromptLength = 3, MaxGuidanceScale = 4 }.ToLimits();
        Assert.Equal((1, 2, 3, 4d), (limits.MaxSteps, limits.MaxCount, limits.MaxPromptLength, limits.MaxGuidanceScale));
    }

    private static IReadOnlyList<string> Errors(params (string Key, string Value)[] entries) =>
        Assert.Throws<ConfigurationException>(() => ServerOptionsValidator.Read(Configuration(entries))).Errors;

    private static IConfiguration Configuration(params (string Key, string Value)[] entries) =>
        new ConfigurationBuilder().AddInMemoryCollection(entries.Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value))).Build();
}
