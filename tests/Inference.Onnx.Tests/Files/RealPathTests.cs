using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class RealPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Of_APathWithoutLinks_IsThePath()
    {
        var path = _folder.Write("a/b/file", "x");
        Assert.Equal(path, RealPath.Of(path));
        Assert.Equal(path, RealPath.Of(_folder.PathOf("a", ".", "c", "..", "b", "file")));
    }

    [Fact]
    public void Of_GoesUpFromWhereALinkLeads()
    {
        _folder.Write("far/away/file", "x");
        _folder.Write("far/other", "x");
        Directory.CreateSymbolicLink(_folder.PathOf("near"), "far/away");
        Assert.Equal(_folder.PathOf("far", "other"), RealPath.Of(_folder.PathOf("near", "..", "other")));
        Assert.False(RealPath.IsInside(_folder.PathOf("near"), _folder.PathOf("near", "..", "other")));
        Assert.True(RealPath.IsInside(_folder.PathOf("near"), _folder.PathOf("near", "file")));
    }

    [Fact]
    public void Of_LinksThatTurnInACircle_IsAnError()
    {
        File.CreateSymbolicLink(_folder.PathOf("one"), "two");
        File.CreateSymbolicLink(_folder.PathOf("two"), "one");
        Assert.Throws<IOException>(() => RealPath.Of(_folder.PathOf("one")));
    }

    [Fact]
    public void IsInside_ANeighbourWithTheSameBeginning_IsNot() =>
        Assert.False(RealPath.IsInside(_folder.PathOf("model"), _folder.PathOf("model-2", "file")));

    public void Dispose() => _folder.Dispose();
}
