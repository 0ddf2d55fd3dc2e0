namespace Inference.Onnx.Tests;

public sealed class UNetStructureTests
{
    [Theory]
    [InlineData("sd15", 4)]
    [InlineData("sdxl", 4)]
    [InlineData("lcm", 4)]
    public void SkipConnections_AreFound_TheOutermostFirst(string name, int connections)
    {
        var structure = UNetStructure.Of(TestNetworks.PathOf(name));
        Assert.Equal(connections, structure.Connections.Length);
        // What comes across at the outermost connection is made first and joined last.
        Assert.Equal(structure.Connections.Select(connection => connection.Across.Node).Order(), structure.Connections.Select(connection => connection.Across.Node));
        Assert.Equal(structure.Connections.Select(connection => connection.Joint.Node).OrderDescending(), structure.Connections.Select(connection => connection.Joint.Node));
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    public void Names_AreNotRead(string name)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        Assert.Equal(UNetStructure.Of(model).Connections.ToArray(), UNetStructure.Of(RenamedGraph.Of(model)).Connections.ToArray());
    }

    [Theory]
    [InlineData("pictogram-128")]
    [InlineData("dit")]
    [InlineData("pixart")]
    [InlineData("sd3")]
    [InlineData("flux")]
    public void Transformers_HaveNone(string name) => Assert.Empty(UNetStructure.Of(TestNetworks.PathOf(name)).Connections);
}
