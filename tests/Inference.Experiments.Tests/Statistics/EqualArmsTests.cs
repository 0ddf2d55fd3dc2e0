namespace Inference.Experiments.Tests;

/// <summary>A/A: arms that do not differ, looked at after every 50 results with the stop rule active, are seldom told apart.</summary>
public sealed class EqualArmsTests
{
    private const int Experiments = 300;
    private const int Results = 1_000;

    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    public void FalseAlarms_AreAtMost5Percent(int arms, bool paired)
    {
        var alarms = Enumerable.Range(0, Experiments).Count(seed => Run(new Random(seed), arms, paired, 0) == StopReason.Difference);
        Assert.True(alarms <= 0.05 * Experiments, $"{alarms} of {Experiments}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARealDifference_IsFound(bool paired) =>
        Assert.All(Enumerable.Range(0, 20), seed => Assert.Equal(StopReason.Difference, Run(new Random(seed), 2, paired, 0.3)));

    // The whole way of a server: assignment, results, report, stop rule.
    private static StopReason? Run(Random random, int arms, bool paired, double effect)
    {
        var experiment = new Experiment
        {
            Id = $"exp_{random.Next()}",
            Created = DateTimeOffset.UnixEpoch,
            Definition = new()
            {
                Name = "A/A",
                Arms = [.. Enumerable.Range(0, arms).Select(arm => new Arm($"arm-{arm}", 1 + arm % 2, "{}"))],
                Pairing = new(paired),
                Stop = new() { Metric = paired ? ComparedMetric.ServiceMs : ComparedMetric.LatencyMs, OnDifference = true, MinResults = 50, MaxResults = Results },
            },
        };
        var results = new List<ExperimentResult>();
        var primaries = 0;
        while (true)
        {
            var pair = primaries++;
            var chosen = ArmAssignment.Of(experiment.Id, $"{pair}", experiment.Definition.Arms);
            // Requests differ by far more than runs of one request do.
            var request = 500 * Math.Exp(0.5 * Gauss(random));
            results.Add(Result(chosen, pair, true, request));
            if (paired)
                results.AddRange(Enumerable.Range(0, arms).Where(arm => arm != chosen).Select(arm => Result(arm, pair, false, request)));
            if (primaries % 50 == 0 && experiment.Definition.Stop.Decide(ReportComposer.Compose(experiment, results, [])) is { } reason)
                return reason;
        }

        ExperimentResult Result(int arm, int pair, bool primary, double request)
        {
            var time = request * (1 + effect * arm) * Math.Exp(0.1 * Gauss(random));
            return new() { Arm = arm, Pair = pair, IsPrimary = primary, Unit = pair, Created = DateTimeOffset.UnixEpoch, LatencyMs = time, ServiceMs = time, Evaluations = 20, FullShare = 1 };
        }
    }

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
