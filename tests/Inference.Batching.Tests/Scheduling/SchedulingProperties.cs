using FsCheck;
using FsCheck.Fluent;
using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>Random arrivals and cancellations in virtual time: every row is evaluated once or dropped, nobody starves, nothing stays open.</summary>
public sealed class SchedulingProperties
{
    private static readonly SimulatedCost Cost = new(2, 0.5);

    [Fact]
    public void RandomLoad_LeavesNothingBehind_AndStarvesNobody() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(Loads()), load =>
        {
            var simulation = new ServingSimulation(Cost, new() { MaxRows = load.MaxRows, Guard = TimeSpan.FromMilliseconds(5) });
            var requests = load.Requests.Select(request => request.ToRequest()).ToArray();
            simulation.Run(requests);
            Assert.Equal(0, simulation.LeftOpen);
            Assert.Equal(requests.Sum(request => request.RowsEvaluated), simulation.Batches.Sum());
            // A batch is at most the cap, or one group that is wider than it.
            var widest = Math.Max(load.MaxRows, requests.Max(request => request.RowsPerPicture));
            Assert.All(simulation.Batches, rows => Assert.InRange(rows, 1, widest));
            Assert.All(requests, request =>
            {
                Assert.True(request.Finished is not null ^ request.IsDropped);
                var all = request.Steps * request.RowsPerPicture;
                Assert.True(request.IsDropped ? request.RowsEvaluated <= all && request.RowsEvaluated % request.RowsPerPicture == 0 : request.RowsEvaluated == all);
                // One group never waits for much more than one turn of everybody: its own price, a batch under way and the guard, each in its share.
                var bound = 2 * Cost.Of(request.RowsPerPicture) + 2 * Cost.Of(widest) + TimeSpan.FromMilliseconds(5);
                Assert.True(request.LongestGroup <= bound, $"a group of {request.RowsPerPicture} waited {request.LongestGroup.TotalMilliseconds} of its ms, bound {bound.TotalMilliseconds}");
            });
        }));

    private static Gen<Load> Loads() =>
        from maxRows in Gen.Choose(1, 24)
        from requests in Requests().NonEmptyListOf()
        select new Load(maxRows, [.. requests]);

    private static Gen<RandomRequest> Requests() =>
        from arrival in Gen.Choose(0, 60)
        from rows in Gen.Choose(1, 20)
        from steps in Gen.Choose(1, 30)
        from key in Gen.Choose(0, 2)
        from solo in Gen.Choose(0, 5)
        from think in Gen.Choose(0, 4)
        from cancel in Gen.Choose(0, 400)
        select new RandomRequest(arrival, rows, steps, key, solo == 0, think, cancel);

    private sealed record Load(int MaxRows, RandomRequest[] Requests);

    // Cancel 100 ms and beyond stands for never.
    private sealed record RandomRequest(int Arrival, int Rows, int Steps, int Key, bool Solo, int Think, int Cancel)
    {
        public SimulatedRequest ToRequest() => new()
        {
            Arrival = TimeSpan.FromMilliseconds(Arrival),
            RowsPerPicture = Rows,
            Steps = Steps,
            Key = SimulatedRequest.DefaultKey with { ConditioningShape = $"text {Key}" },
            Sharing = Solo ? LaneSharing.Solo : LaneSharing.Shared,
            Think = TimeSpan.FromMilliseconds(Think),
            CancelAfter = Cancel < 100 ? TimeSpan.FromMilliseconds(Cancel) : null,
        };
    }
}
