using Inference.LoadTest;

namespace Inference.Cli;

/// <summary>What the arguments of <c>inference loadtest</c> come to.</summary>
/// <param name="Load">The load; with a search, at its first rate.</param>
/// <param name="Search">Null without <c>--find-rate</c>.</param>
/// <param name="LoadAt">The load of a probe at a rate.</param>
internal sealed record LoadTestPlan(
    OpenAiTargetOptions Target, ILoad Load, Func<double, ILoad> LoadAt, RateSearchOptions? Search, Mix Mix, Slo? Slo, long Seed, string Output);
