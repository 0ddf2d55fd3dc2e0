namespace Inference.Sampling.Tests;

public sealed class RecordingNetworkTests
{
    [Fact]
    public async Task EverythingIsRecorded_OfEachSideAndStep_AndOutputsAreThePlainOnes()
    {
        double Side(RowPosition place) => place.Branch == GuidanceBranch.Conditional ? 10 : 20;
        var network = new ScriptedNetwork { Probed = place => Side(place) + place.Step, Stream = place => 100 + Side(place) + place.Step, Output = place => 200 + Side(place) + place.Step };
        var record = new FeatureRecord(maxValues: 2);
        var recording = new RecordingNetwork(network, RecordingNetwork.TransformerForms, record);
        var shape = new LatentShape(1, 1, ScriptedNetwork.Length);
        using var input = Latent.Rent(shape);
        using var conditional = Latent.Rent(shape);
        using var unconditional = Latent.Rent(shape);
        for (var step = 0; step < 3; step++)
            for (var stage = 0; stage < 2; stage++)
            {
                await recording.EvaluateAsync(new[]
                {
                    new NetworkRow(input, 0, new([]), unconditional) { Position = new(GuidanceBranch.Unconditional, step, stage) },
                    new NetworkRow(input, 0, new([]), conditional) { Position = new(GuidanceBranch.Conditional, step, stage) },
                }, default);
                Assert.Equal((220 + step, 210 + step), (unconditional.Values[0], conditional.Values[0]));
            }
        float[][] Of(RecordedFeature feature) => [.. record.SeriesOf(feature).Select(row => row.Select(values => values[0]).ToArray()).OrderBy(row => row[0])];
        Assert.Equal([[10, 11, 12], [20, 21, 22]], Of(RecordedFeature.Modulated));
        Assert.Equal([[10, 11, 12], [20, 21, 22]], Of(RecordedFeature.Residual));
        Assert.Equal([[110, 111, 112], [120, 121, 122]], Of(RecordedFeature.Stream));
        Assert.Equal([[210, 211, 212], [220, 221, 222]], Of(RecordedFeature.Stack));
        Assert.Equal([[210, 211, 212], [220, 221, 222]], Of(RecordedFeature.Output));
        // Samples of four values, two at most.
        Assert.All(record.SeriesOf(RecordedFeature.Output), row => Assert.All(row, values => Assert.Equal(2, values.Length)));
        // Later evaluations of a step are not recorded, and take one call.
        Assert.Equal([NetworkForm.Modulated, NetworkForm.Head, NetworkForm.TappedStack, NetworkForm.Full], network.Calls[..4].Select(call => call.Form));
    }

    [Fact]
    public async Task SideThatWasAway_IsLeftOut()
    {
        var record = new FeatureRecord(16);
        var recording = new RecordingNetwork(new ScriptedNetwork(), [], record);
        var shape = new LatentShape(1, 1, ScriptedNetwork.Length);
        using var latent = Latent.Rent(shape);
        for (var step = 0; step < 3; step++)
            foreach (var branch in step == 0 ? [GuidanceBranch.Conditional] : new[] { GuidanceBranch.Conditional, GuidanceBranch.Unconditional })
                await recording.EvaluateAsync(new[] { new NetworkRow(latent, 0, new([]), latent) { Position = new(branch, step, 0) } }, default);
        Assert.Equal(3, Assert.Single(record.SeriesOf(RecordedFeature.Output)).Count);
        Assert.Empty(record.SeriesOf(RecordedFeature.Stack));
    }
}
