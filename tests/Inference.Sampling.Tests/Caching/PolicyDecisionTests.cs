namespace Inference.Sampling.Tests;

/// <summary>When each policy that looks at its rows skips, and what it gives, against decisions worked out by hand on a scripted network.</summary>
public sealed class PolicyDecisionTests
{
    private static readonly LatentShape Shape = new(1, 1, ScriptedNetwork.Length);
    private static readonly Conditioning Text = new([]);

    [Fact]
    public async Task EasyCache_SumsTheChangeSinceTheLastFullStep()
    {
        // The output moves half as much as the input: 0.5·1/10.5, then 0.5·2/10.5 more, then 0.5·3/10.5 more than 0.2 in all.
        var run = await RunAsync("easycache", 8, new() { Output = place => 10 + 0.5 * place.Step }, input: step => step, ("start", 0.0), ("end", 1.0), ("first", 2.0));
        Assert.Equal([0, 1, 4, 7], run.Full);
        // x and what the output had more at the last full step.
        Assert.Equal([10, 10.5, 11.5, 12.5, 12, 13, 14, 13.5], run.Outputs);
    }

    [Fact]
    public async Task EasyCache_SinceTheStepBefore_CountsNoChangeTwice() =>
        // 0.5/10.5 a step: more than 0.2 with the fifth, then 0.5/13.
        Assert.Equal((int[])[0, 1, 6], (await RunAsync("easycache", 10, new() { Output = place => 10 + 0.5 * place.Step }, step => step, ("start", 0.0), ("end", 1.0), ("first", 2.0), ("since", "step"))).Full);

    [Fact]
    public async Task EasyCache_IsFullOutsideItsWindow() =>
        Assert.Equal((int[])[0, 1, 2, 8, 9], (await RunAsync("easycache", 10, new() { Output = _ => 10 }, step => step, ("start", 0.3), ("end", 0.8))).Full);

    [Fact]
    public async Task TeaCache_SumsTheRescaledChangeOfEveryStep()
    {
        // Each step changes by a tenth, which the polynomial 2x + 0.01 makes 0.21: the third is above 0.5.
        var run = await RunAsync("teacache", 9, new() { Probed = place => Math.Pow(1.1, place.Step) }, null, ("polynomial", "2,0.01"), ("threshold", 0.5), ("last", 0.0));
        Assert.Equal([0, 3, 6], run.Full);
        Assert.Equal([0, 0, 0, 3, 3, 3, 6, 6, 6], run.Outputs);
    }

    [Fact]
    public async Task TeaCache_NegativeValuesOfThePolynomial_AddNothing() =>
        Assert.Equal((int[])[0, 6], (await RunAsync("teacache", 8, new() { Probed = place => place.Step < 5 ? 1 : Math.Pow(1.5, place.Step - 4) }, null, ("polynomial", "1,-0.01"), ("threshold", 0.9), ("last", 0.0))).Full);

    [Fact]
    public async Task CgTaylor_SkipsWhileTheFirstBlockIsForecast()
    {
        // Linear but for a jump at step 6: the forecast of 6 is 16 for 26, that of 7 (slope 15/5) 29 for 27; then it is exact again.
        var run = await RunAsync("cg_taylor", 12, new() { Stream = place => (place.Step < 6 ? 10 : 20) + place.Step, Output = place => 3 * place.Step }, null, ("first", 2.0), ("last", 0.0));
        Assert.Equal([0, 1, 6, 7], run.Full);
        // The last stream is forecast as a whole, whatever the first block's is.
        Assert.Equal(Enumerable.Range(0, 12).Select(step => 3.0 * step), run.Outputs);
    }

    [Fact]
    public async Task SpeCa_ARejectedDraftMakesTheNextStepFull()
    {
        // Reuse of a feature that grows by a twentieth is off by 0.048, 0.093, 0.136: the third draft is rejected, and kept.
        var network = new ScriptedNetwork { LastModule = place => Math.Pow(1.05, place.Step) };
        var run = await RunAsync("speca", 12, network, null, ("decay", 1.0), ("order", 0.0), ("last", 0.0));
        Assert.Equal([0, 1, 2, 6, 10], run.Full);
        Assert.Equal((NetworkForm.VerifiedModules, 1), network.Calls[3]);
    }

    [Fact]
    public async Task SpeCa_TheThresholdDecays_AndRunsOfSkipsEnd()
    {
        // 0.2·0.1^(k/10) is 0.080 at step 4, where the draft is off by 0.093, and 0.040 at step 7.
        Assert.Equal((int[])[0, 1, 2, 5, 8], (await RunAsync("speca", 10, new() { LastModule = place => Math.Pow(1.05, place.Step) }, null, ("threshold", 0.2), ("order", 0.0), ("last", 0.0), ("max_skip", 3.0))).Full);
        Assert.Equal((int[])[0, 1, 2, 5, 8], (await RunAsync("speca", 11, new() { LastModule = _ => 1 }, null, ("max_skip", 2.0), ("last", 0.0))).Full);
    }

    [Fact]
    public async Task DBCache_ComparesWithTheLastFullStep()
    {
        // 1, 1.03, 1.06, 1.09: the third change is above 0.08; from there 0.09/1.09.
        Assert.Equal((int[])[0, 3, 6], (await RunAsync("dbcache", 9, new() { Probed = place => 1 + 0.03 * place.Step }, null, ("first", 1.0))).Full);
        Assert.Equal((int[])[0, 3, 6], (await RunAsync("dbcache", 9, new(), null, ("first", 1.0), ("max_skip", 2.0))).Full);
    }

    [Fact]
    public async Task Zeus_ExtrapolatesAndReusesInTurn()
    {
        var network = new ScriptedNetwork { Output = place => place.Step * place.Step };
        var run = await RunAsync("zeus", 10, network, null);
        // Full at 3 and 6 between 2 and 9. 2·1 - 0 at 2, 2·9 - 1 at 4, 9 at 5, 2·36 - 9 at 7, 36 at 8.
        Assert.Equal([0, 1, 3, 6, 9], run.Full);
        Assert.Equal([0, 1, 2, 9, 17, 9, 36, 63, 36, 81], run.Outputs);
        Assert.Equal(5, network.Calls.Count);
    }

    [Fact]
    public async Task GuidanceDelta_EvaluatesTheSideWithThePromptAlone()
    {
        var network = new ScriptedNetwork { Output = place => place.Branch == GuidanceBranch.Conditional ? 10 * place.Step : 7 * place.Step };
        using var cached = Cached(network, "guidance_delta", 6, ("first", 1.0), ("last", 0.0));
        var (conditional, unconditional) = (new List<double>(), new List<double>());
        for (var step = 0; step < 6; step++)
        {
            var (c, u) = await EvaluateBothAsync(cached, step);
            conditional.Add(c);
            unconditional.Add(u);
        }
        // Full at 0, 2, 4; in between 10·k less the difference of the step before.
        Assert.Equal([0, 10, 20, 30, 40, 50], conditional);
        Assert.Equal([0, 10, 14, 24, 28, 38], unconditional);
        Assert.Equal(9, network.Calls.Sum(call => call.Rows));
        Assert.Equal((12, 9, 9), (cached.Rows, cached.FullRows, cached.EvaluatedRows));
        Assert.Equal(ScriptedNetwork.Length * sizeof(float), cached.Bytes);
    }

    [Theory]
    [InlineData("easycache")]
    [InlineData("teacache")]
    [InlineData("cg_taylor")]
    [InlineData("dbcache")]
    [InlineData("speca")]
    public async Task EachRow_DecidesForItself(string policy)
    {
        // The side with the prompt stands still; the other moves by as much again at every step.
        double Moving(RowPosition place) => place.Branch == GuidanceBranch.Conditional ? 1 : Math.Pow(3, place.Step);
        var network = new ScriptedNetwork { Probed = Moving, Stream = Moving, LastModule = Moving, Output = Moving };
        var options = policy == "teacache" ? [("polynomial", "1,0")] : policy == "easycache" ? new (string, object)[] { ("start", 0.0), ("end", 1.0), ("first", 2.0) } : [];
        using var cached = Cached(network, policy, 12, options);
        for (var step = 0; step < 12; step++)
            await EvaluateBothAsync(cached, step, moving: policy == "easycache" ? step => (float)Math.Pow(3, step) : null);
        var still = cached.FullSteps.Count;
        Assert.InRange(still, 1, 5);
        Assert.True(cached.FullRows - still > still, $"{cached.FullRows - still} full rows of the side that moves, {still} of the other");
    }

    private static CachedNetwork Cached(ScriptedNetwork network, string policy, int steps, params (string Name, object Value)[] options)
    {
        var planner = new SamplingPlanner(SchedulerConfig.Parse("""{ "_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012 }"""));
        var plan = CachePolicies.Plan(new(policy, options.ToDictionary(option => option.Name, option => option.Value)), planner.Plan(new() { Steps = steps }), planner.FewStep, isGuided: true);
        const int n = ScriptedNetwork.Length;
        FeatureSizes sizes = plan.Scope.Kind switch
        {
            FeatureKind.Probe or FeatureKind.Forecast => new([n], [n], n),
            FeatureKind.ModulatedStack => new([n], [], n),
            FeatureKind.Verified => new([n, n], [], Verified: 1),
            _ => new([n], []),
        };
        return new(network, plan, sizes, new(keptBytes: 0));
    }

    private static async Task<(int[] Full, double[] Outputs)> RunAsync(
        string policy, int steps, ScriptedNetwork network, Func<int, double>? input, params (string Name, object Value)[] options)
    {
        using var cached = Cached(network, policy, steps, options);
        using var x = Latent.Rent(Shape);
        using var output = Latent.Rent(Shape);
        var outputs = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            x.Values.Fill((float)(input?.Invoke(step) ?? 0));
            await cached.EvaluateAsync(new[] { new NetworkRow(x, 0, Text, output) { Position = new(GuidanceBranch.Conditional, step, 0) } }, default);
            outputs[step] = Math.Round(output.Values[0], 4);
        }
        return ([.. cached.FullSteps], outputs);
    }

    private static async Task<(double Conditional, double Unconditional)> EvaluateBothAsync(CachedNetwork cached, int step, Func<int, float>? moving = null)
    {
        using var still = Latent.Rent(Shape);
        using var moved = Latent.Rent(Shape);
        using var conditional = Latent.Rent(Shape);
        using var unconditional = Latent.Rent(Shape);
        still.Values.Fill(1 + 0.001f * step);
        moved.Values.Fill(moving?.Invoke(step) ?? 0);
        await cached.EvaluateAsync(new[]
        {
            new NetworkRow(moved, 0, Text, unconditional) { Position = new(GuidanceBranch.Unconditional, step, 0) },
            new NetworkRow(still, 0, Text, conditional) { Position = new(GuidanceBranch.Conditional, step, 0) },
        }, default);
        return (conditional.Values[0], unconditional.Values[0]);
    }
}
