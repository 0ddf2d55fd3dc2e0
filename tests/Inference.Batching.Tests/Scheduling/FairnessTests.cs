using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>Nobody waits longer than twice its fair share: device time divided by the lanes that have work.</summary>
public sealed class FairnessTests
{
    public static TheoryData<double, double, int> Devices => new() { { 6, 0.2, 32 }, { 6, 0.2, 16 }, { 1, 4, 32 }, { 0, 1, 32 }, { 0, 1, 16 } };

    [Theory]
    [MemberData(nameof(Devices))]
    public void OneLongRequest_AmongFifteenShortClients(double fix, double row, int maxRows)
    {
        var simulation = new ServingSimulation(new(fix, row), new() { MaxRows = maxRows });
        var ended = new List<SimulatedRequest>();
        var longOne = new SimulatedRequest { Steps = 50 };
        simulation.Run([longOne, .. Enumerable.Range(0, 15).Select(_ => new SimulatedRequest { Steps = 8 })], request =>
        {
            ended.Add(request);
            if (request != longOne && longOne.Finished is null)
                simulation.Add(new() { Steps = 8, Arrival = simulation.Now });
        });
        Assert.True(ended.Count > 60, $"only {ended.Count} requests ran");
        AssertFair(ended, new(fix, row));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void GroupOfSixteen_AmongSingleRows(double fix, double row, int maxRows)
    {
        var simulation = new ServingSimulation(new(fix, row), new() { MaxRows = maxRows });
        var ended = new List<SimulatedRequest>();
        var wide = new SimulatedRequest { Steps = 20, RowsPerPicture = 16 };
        simulation.Run([wide, .. Enumerable.Range(0, 15).Select(_ => new SimulatedRequest { Steps = 20, RowsPerPicture = 1 })], request =>
        {
            ended.Add(request);
            if (request != wide && wide.Finished is null)
                simulation.Add(new() { Steps = 20, RowsPerPicture = 1, Arrival = simulation.Now });
        });
        AssertFair(ended, new(fix, row));
    }

    private static void AssertFair(List<SimulatedRequest> ended, SimulatedCost cost) => Assert.All(ended, request =>
    {
        // What it would take alone on the device; the time it had to wait for that, counted in its share of the device.
        var alone = request.Steps * cost.Of(request.RowsPerPicture);
        Assert.True(request.FairShare <= 2 * alone, $"{request.RowsPerPicture} rows x {request.Steps}: {request.FairShare / alone:F2} of its fair share");
    });
}
