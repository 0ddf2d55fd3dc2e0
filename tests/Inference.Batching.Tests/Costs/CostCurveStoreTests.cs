namespace Inference.Batching.Tests;

public sealed class CostCurveStoreTests : IDisposable
{
    private static readonly CostIdentity Identity = new("hash", "cpu", "1.0", 2, "machine");
    private static readonly CostKey Key = new(BatchKey.Full, new(4, 16, 16));
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"costs-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Curves_ComeBack()
    {
        Save();
        var loaded = new CostCurves();
        Assert.True(new CostCurveStore(_directory).TryLoad(Identity, loaded));
        Assert.Equal<CostPoint>([new(1, 10.5), new(2, 12)], loaded.Of(Key).Points.ToArray());
    }

    [Fact]
    public void AnythingElse_IsMeasuredAnew()
    {
        Save();
        var store = new CostCurveStore(_directory);
        Assert.All(
            [Identity with { Model = "other" }, Identity with { Provider = "cuda" }, Identity with { Version = "2" }, Identity with { Threads = 1 }, Identity with { Machine = "other" }],
            identity => Assert.False(store.TryLoad(identity, new())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"Identity\":null,\"Curves\":[]}")]
    public void BrokenFile_IsNoFile(string text)
    {
        Save();
        File.WriteAllText(Assert.Single(Directory.GetFiles(_directory)), text);
        Assert.False(new CostCurveStore(_directory).TryLoad(Identity, new()));
    }

    [Fact]
    public void ImplausibleValues_AreNotBelieved()
    {
        Save();
        var file = Assert.Single(Directory.GetFiles(_directory));
        File.WriteAllText(file, File.ReadAllText(file).Replace("10.5", "-1", StringComparison.Ordinal));
        Assert.False(new CostCurveStore(_directory).TryLoad(Identity, new()));
    }

    private void Save()
    {
        var curves = new CostCurves();
        curves.Of(Key).Restore([new(1, 10.5), new(2, 12)]);
        new CostCurveStore(_directory).Save(Identity, curves);
    }
}
