using FsCheck;
using FsCheck.Fluent;
using Inference.Sampling;

namespace Inference.Batching.Tests;

/// <summary>Random arrivals, cancellations and failing rows against the real batcher with its thread.</summary>
public sealed class StepBatcherProperties
{
    private const int MaxRows = 8;
    private static readonly LatentShape Shape = new(1, 1, 2);
    private static readonly Conditioning Text = new([ConditioningTensor.Of("c", [1], new float[1])]);

    [Fact]
    public void EveryRow_IsEvaluatedOnce_DroppedOrFailed_AndOnlyBadGroupsFail() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Arb.From(Clients().NonEmptyListOf()), clients => RunAsync([.. clients]).Wait(TimeSpan.FromSeconds(60))));

    private static async Task RunAsync(Client[] clients)
    {
        var device = new CountingDevice();
        using var batcher = new StepBatcher("test", new() { MaxRows = MaxRows, Guard = TimeSpan.FromMilliseconds(2) }, TimeProvider.System);
        using var network = batcher.Attach("test", device);
        var outcomes = await Task.WhenAll(clients.Select((client, index) => RunAsync(client, index, network)));
        Assert.Equal(0, network.OpenLanes);
        Assert.Empty(device.SplitGroups);
        Assert.All(device.Evaluated, group => Assert.Equal(1, group.Value));
        for (var i = 0; i < clients.Length; i++)
        {
            var done = Enumerable.Range(0, clients[i].Steps).Count(step => device.Evaluated.ContainsKey(CountingDevice.Group(i, step, isBad: false)));
            var expected = clients[i].CancelAt < clients[i].Steps ? Outcome.Cancelled : clients[i].BadStep < clients[i].Steps ? Outcome.Failed : Outcome.Done;
            if (clients[i].CancelAt < clients[i].Steps && clients[i].BadStep <= clients[i].CancelAt)
                expected = Outcome.Failed;
            Assert.Equal(expected, outcomes[i]);
            Assert.True(outcomes[i] switch
            {
                Outcome.Done => done == clients[i].Steps,
                Outcome.Failed => done == clients[i].BadStep,
                _ => done >= clients[i].CancelAt,
            });
        }
    }

    private static async Task<Outcome> RunAsync(Client client, int index, BatchNetwork network)
    {
        for (var i = 0; i < client.Delay; i++)
            await Task.Yield();
        using var lane = network.OpenLane(new(BatchKey.Full, Shape, client.Key == 0 ? Text.ShapeKey : "other"));
        using var cancel = new CancellationTokenSource();
        var rows = new NetworkRow[client.Rows];
        try
        {
            for (var step = 0; step < client.Steps; step++)
            {
                for (var i = 0; i < rows.Length; i++)
                    rows[i] = new(Latent.Rent(Shape), CountingDevice.Group(index, step, step == client.BadStep), Text, Latent.Rent(Shape));
                var evaluation = lane.EvaluateAsync(rows, cancel.Token).AsTask();
                if (step == client.CancelAt)
                {
                    await cancel.CancelAsync();
                    await Task.WhenAny(evaluation);
                    return step == client.BadStep && evaluation.IsFaulted ? Outcome.Failed : step == client.BadStep ? Outcome.Failed : Outcome.Cancelled;
                }
                await evaluation;
                Assert.All(rows, row => Assert.Equal((float)row.Timestep, row.Output.Values[0]));
            }
            return Outcome.Done;
        }
        catch (EvaluationException)
        {
            return Outcome.Failed;
        }
    }

    private static Gen<Client> Clients() =>
        from key in Gen.Choose(0, 1)
        from rows in Gen.Choose(1, 10)
        from steps in Gen.Choose(1, 6)
        from delay in Gen.Choose(0, 20)
        from bad in Gen.Choose(0, 20)
        from cancel in Gen.Choose(0, 20)
        select new Client(key, rows, steps, delay, bad, cancel);

    private enum Outcome
    {
        Done,
        Failed,
        Cancelled,
    }

    // A bad or cancelled step beyond the last stands for none.
    private sealed record Client(int Key, int Rows, int Steps, int Delay, int BadStep, int CancelAt);

    /// <summary>Counts what it evaluates to the end; fails for batches with a bad group. The timestep says which group a row belongs to.</summary>
    private sealed class CountingDevice : IBatchEvaluator
    {
        public Dictionary<double, int> Evaluated { get; } = [];

        public List<double> SplitGroups { get; } = [];

        public static double Group(int client, int step, bool isBad) => (isBad ? -1 : 1) * (1 + client * 100 + step);

        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
        {
            foreach (var row in rows)
                if (row.Timestep < 0)
                    throw new InvalidOperationException("a bad row");
            foreach (var group in rows.ToArray().GroupBy(row => row.Timestep))
            {
                if (!Evaluated.TryAdd(group.Key, 1))
                    SplitGroups.Add(group.Key);
                foreach (var row in group)
                    row.Output.Values.Fill((float)row.Timestep);
            }
        }

        public void Dispose()
        {
        }
    }
}
