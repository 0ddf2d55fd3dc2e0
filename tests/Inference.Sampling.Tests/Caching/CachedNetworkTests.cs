using System.Collections.Immutable;

namespace Inference.Sampling.Tests;

/// <summary>Rows, sides of guidance, stages and steps of one cached run, on a network whose one feature is a number that says where it was computed.</summary>
public sealed class CachedNetworkTests : IDisposable
{
    private static readonly LatentShape Shape = new(1, 1, 4);
    private static readonly Conditioning Text = new([]);
    private static readonly NetworkVariant Head = new(NetworkForm.Head, new(1, 0));
    private static readonly NetworkVariant Body = new(NetworkForm.Body, new(1, 0));
    private static readonly NetworkVariant Tail = new(NetworkForm.Tail, new(1, 0));
    private readonly FeaturePool _pool = new(keptBytes: 1 << 20);
    private readonly Network _network = new();
    private readonly Latent _input = Latent.Rent(Shape);
    private readonly Latent _conditional = Latent.Rent(Shape);
    private readonly Latent _unconditional = Latent.Rent(Shape);

    [Fact]
    public async Task Branches_AndStages_HaveStatesOfTheirOwn()
    {
        using var cached = Cached(Steps("F.F."));
        for (var step = 0; step < 4; step++)
            for (var stage = 0; stage < 2; stage++)
            {
                await EvaluateAsync(cached, step, stage);
                // What a skipped row takes is what the same side and stage gave at the last full step.
                Assert.Equal(Feature(GuidanceBranch.Conditional, step / 2 * 2, stage), _conditional.Values[0]);
                Assert.Equal(Feature(GuidanceBranch.Unconditional, step / 2 * 2, stage), _unconditional.Values[0]);
            }
        Assert.Equal((16, 8, 16), (cached.Rows, cached.FullRows, cached.EvaluatedRows));
        Assert.Equal([0, 2], cached.FullSteps);
        Assert.Equal(4 * 4 * sizeof(float), cached.Bytes);
    }

    [Fact]
    public async Task RowsOfOneForm_AreSubmittedTogether()
    {
        using var cached = Cached(Steps("F.."));
        for (var step = 0; step < 3; step++)
            await EvaluateAsync(cached, step);
        Assert.Equal([(NetworkVariant.TappedModules, 2), (NetworkVariant.CachedModules, 2), (NetworkVariant.CachedModules, 2)], _network.Calls);
    }

    [Fact]
    public async Task GuidanceThatWasOff_IsComputedInFull_WhenItComesOn()
    {
        using var cached = Cached(Steps("F..F.."));
        await EvaluateAsync(cached, 0, guided: false);
        await EvaluateAsync(cached, 1);
        // The side that was away has no feature of step 0: one row of each form.
        Assert.Equal([(NetworkVariant.TappedModules, 1), (NetworkVariant.TappedModules, 1), (NetworkVariant.CachedModules, 1)], _network.Calls);
        Assert.Equal(Feature(GuidanceBranch.Unconditional, 1, 0), _unconditional.Values[0]);
        await EvaluateAsync(cached, 2);
        Assert.Equal((NetworkVariant.CachedModules, 2), _network.Calls[^1]);
        // Away at a full step again: what it has is older than that step.
        await EvaluateAsync(cached, 3, guided: false);
        await EvaluateAsync(cached, 4);
        Assert.Equal(Feature(GuidanceBranch.Unconditional, 4, 0), _unconditional.Values[0]);
    }

    [Fact]
    public async Task PredictedOutput_AsksTheDeviceForNothing()
    {
        using var cached = new CachedNetwork(_network, new("test", FeatureScope.Output, new TaylorPredictor(1), Steps("FF..")), FeatureSizes.OfOutput(Shape), _pool);
        for (var step = 0; step < 4; step++)
            await EvaluateAsync(cached, step);
        Assert.Equal([(NetworkVariant.Full, 2), (NetworkVariant.Full, 2)], _network.Calls);
        // Linear in the step, so a first-order prediction is exact.
        Assert.Equal(Feature(GuidanceBranch.Conditional, 3, 0), _conditional.Values[0], 1e-3);
        Assert.Equal((8, 4, 4), (cached.Rows, cached.FullRows, cached.EvaluatedRows));
    }

    [Fact]
    public async Task Probe_DecidesRowByRow()
    {
        // The first block's residual moves in the unconditional row only.
        _network.Probe = row => row.Position.Branch == GuidanceBranch.Conditional ? 1 : 1 + row.Position.Step;
        using var cached = new CachedNetwork(_network, new("test", FeatureScope.Probe(), new ReusePredictor(), Steps("F???"), new ResidualGate(0.1)), new([4], [4], 4), _pool);
        for (var step = 0; step < 4; step++)
            await EvaluateAsync(cached, step);
        Assert.Equal([(Head, 2), (Body, 2)], _network.Calls[..2]);
        Assert.Equal([(Head, 2), (Body, 1), (Tail, 1)], _network.Calls[2..5]);
        Assert.Equal([0], cached.FullSteps);
        Assert.Equal((8, 5), (cached.Rows, cached.FullRows));
        Assert.Equal(Feature(GuidanceBranch.Conditional, 0, 0), _conditional.Values[0]);
        Assert.Equal(Feature(GuidanceBranch.Unconditional, 3, 0), _unconditional.Values[0]);
    }

    [Fact]
    public async Task SeveralStepsAtOnce_AreRefused()
    {
        using var cached = Cached(Steps("FF"));
        var rows = new NetworkRow[] { Row(GuidanceBranch.Conditional, 0, 0, _conditional), Row(GuidanceBranch.Conditional, 1, 0, _unconditional) };
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await cached.EvaluateAsync(rows, default));
    }

    [Fact]
    public async Task Memory_IsCounted_AndComesBack()
    {
        for (var run = 0; run < 3; run++)
        {
            using var cached = Cached(Steps("F."));
            await EvaluateAsync(cached, 0);
            Assert.Equal(cached.Bytes, _pool.HeldBytes);
            Assert.True(_pool.HeldBytes > 0);
            cached.Dispose();
            Assert.Equal(0, _pool.HeldBytes);
        }
    }

    [Fact]
    public async Task NothingStale_IsLeftInMemoryOfAnEarlierRun()
    {
        using (var earlier = Cached(Steps("FF.")))
            for (var step = 0; step < 3; step++)
                await EvaluateAsync(earlier, step);
        _network.Offset = 1000;
        using var later = Cached(Steps("F.F"), new TaylorPredictor(2));
        await EvaluateAsync(later, 0);
        await EvaluateAsync(later, 1);
        Assert.Equal(1000 + Feature(GuidanceBranch.Conditional, 0, 0), _conditional.Values[0]);
    }

    public void Dispose()
    {
        _input.Dispose();
        _conditional.Dispose();
        _unconditional.Dispose();
    }

    private static float Feature(GuidanceBranch branch, int step, int stage) => 100 * (int)branch + 10 * stage + step;

    private static ImmutableArray<StepKind> Steps(string text) => [.. text.Select(kind => kind switch { 'F' => StepKind.Full, '?' => StepKind.Gated, _ => StepKind.Skipped })];

    private CachedNetwork Cached(ImmutableArray<StepKind> steps, IPredictor? predictor = null) =>
        new(_network, new("test", FeatureScope.Modules, predictor ?? new ReusePredictor(), steps), new([4], []), _pool);

    private NetworkRow Row(GuidanceBranch branch, int step, int stage, Latent output) => new(_input, 0, Text, output) { Position = new(branch, step, stage) };

    private async Task EvaluateAsync(CachedNetwork cached, int step, int stage = 0, bool guided = true)
    {
        var conditional = Row(GuidanceBranch.Conditional, step, stage, _conditional);
        await cached.EvaluateAsync(guided ? new[] { Row(GuidanceBranch.Unconditional, step, stage, _unconditional), conditional } : new[] { conditional }, default);
    }

    // Gives the place of a row as its feature, and what a row takes as its output.
    private sealed class Network : INetwork
    {
        public List<(NetworkVariant Variant, int Rows)> Calls { get; } = [];

        public Func<NetworkRow, float> Probe { get; set; } = _ => 1;

        public float Offset { get; set; }

        public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
        {
            Calls.Add((Assert.Single(rows.ToArray().Select(row => row.Variant).Distinct()), rows.Length));
            foreach (var row in rows.Span)
                Evaluate(row);
            return ValueTask.CompletedTask;
        }

        private void Evaluate(in NetworkRow row)
        {
            var value = Enumerable.Repeat(Offset + Feature(row.Position.Branch, row.Position.Step, row.Position.Stage), 4).ToArray();
            switch (row.Variant.Form)
            {
                case NetworkForm.Head:
                    row.Features!.Receive(row.Variant, 0, Enumerable.Repeat(Probe(row), 4).ToArray());
                    row.Features.Receive(row.Variant, 1, new float[4]);
                    return;
                case NetworkForm.CachedModules:
                    row.Features!.Provide(row.Variant, 0, value);
                    break;
                case NetworkForm.Tail:
                    row.Features!.Provide(row.Variant, 1, value);
                    break;
                case NetworkForm.TappedModules or NetworkForm.Body:
                    row.Features!.Receive(row.Variant, 0, value);
                    break;
            }
            value.CopyTo(row.Output.Values);
        }
    }
}
