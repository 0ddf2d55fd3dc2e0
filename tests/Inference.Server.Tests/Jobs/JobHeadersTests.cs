using Microsoft.AspNetCore.Http;

namespace Inference.Server.Tests;

public sealed class JobHeadersTests
{
    [Fact]
    public void NewIds_AreValid_AndDiffer()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => JobId.New()).ToArray();
        Assert.All(ids, id => Assert.True(JobId.IsValid(id)));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("job_")]
    [InlineData("job_0123456789abcdef0123456789ABCDEF")]
    [InlineData("job_0123456789abcdef0123456789abcde/")]
    [InlineData("job_../../../../../../../etc/passwd0")]
    [InlineData("../job_0123456789abcdef0123456789abcdef")]
    [InlineData("job_0123456789abcdef0123456789abcdef.json")]
    public void OtherTexts_AreNoIds(string text) => Assert.False(JobId.IsValid(text));

    [Theory]
    [InlineData("")]
    [InlineData("tab\tinside")]
    [InlineData("ümlaut")]
    public void IdempotencyKey_ThatIsNone_IsRefused(string key) => Assert.Equal("Idempotency-Key", Refused(key));

    [Fact]
    public void IdempotencyKey_TooLongOrTwice_IsRefused()
    {
        Assert.Equal("Idempotency-Key", Refused(new string('k', 256)));
        Assert.Equal("Idempotency-Key", Refused("a", "b"));
    }

    [Fact]
    public void IdempotencyKey_AnyOther_IsRead()
    {
        Assert.Null(IdempotencyKey.Read(new DefaultHttpContext().Request));
        Assert.Equal("../../etc/passwd", Read("../../etc/passwd"));
        Assert.Equal(255, Read(new string('k', 255))!.Length);
    }

    private static string? Refused(params string[] values) => Assert.Throws<BadRequestException>(() => Read(values)).Error.Error.Param;

    private static string? Read(params string[] values)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[IdempotencyKey.Header] = values;
        return IdempotencyKey.Read(context.Request);
    }
}
