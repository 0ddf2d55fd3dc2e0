namespace Inference.Experiments.Tests;

internal static class SampleExperiments
{
    public static Experiment Two { get; } = new()
    {
        Id = "exp_1",
        Created = DateTimeOffset.UnixEpoch.AddHours(3),
        Definition = new()
        {
            Name = "steps <b>&",
            Arms = [new("twenty", 1, """{"num_inference_steps":20}"""), new("twelve", 2, """{"num_inference_steps":12}""")],
            Sticky = StickyKey.User,
            Pairing = new(true, 0.5),
            Stop = new() { Metric = ComparedMetric.LatencyMs, MaxResults = 500 },
        },
    };

    public static ExperimentResult Result(int arm, long pair) => new()
    {
        Arm = arm,
        Pair = pair,
        IsPrimary = true,
        Unit = 1_000 + pair,
        Created = DateTimeOffset.UnixEpoch.AddSeconds(pair),
        LatencyMs = 100 + 10 * arm + pair % 7,
        ServiceMs = 90 + 10 * arm,
        Evaluations = 20 - 8 * arm,
        FullShare = 1,
    };
}
