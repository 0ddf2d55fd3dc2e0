using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>How a family's pipeline calls its scheduler.</summary>
internal interface ISamplingRule
{
    /// <summary>Completes the options of a request.</summary>
    SamplingOptions Complete(SamplingOptions options, SamplingPlanner planner, LatentShape shape);
}

internal static class SamplingRules
{
    private const double Rounding = 1e-9;

    /// <summary>The scheduler alone decides.</summary>
    public static ISamplingRule Plain { get; } = new PlainRule();

    /// <summary>Flow models: shifts depend on the number of image tokens of 2 × 2 latent values, and an image-to-image start is rounded to whole steps
    /// that are left out rather than done.</summary>
    public static ISamplingRule Flow { get; } = new FlowRule(evenShares: false);

    /// <summary>As <see cref="Flow"/>, and the shares before shifting are spaced evenly from 1 to 1/N (FLUX).</summary>
    public static ISamplingRule FlowFromOne { get; } = new FlowRule(evenShares: true);

    /// <summary>Latent consistency models: a start from a picture spreads all steps over the first part of the distilled timesteps, and skips none.</summary>
    public static ISamplingRule Distilled { get; } = new DistilledRule();

    private sealed class DistilledRule : ISamplingRule
    {
        public SamplingOptions Complete(SamplingOptions options, SamplingPlanner planner, LatentShape shape) =>
            options is { Start: > 0, Timesteps: null } && planner.SchedulerClassOf(options.Sampler) is "LCMScheduler" or "TCDScheduler"
                ? options with { Start = 0, DistilledShare = 1 - options.Start }
                : options;
    }

    private sealed class PlainRule : ISamplingRule
    {
        public SamplingOptions Complete(SamplingOptions options, SamplingPlanner planner, LatentShape shape) => options;
    }

    private sealed class FlowRule(bool evenShares) : ISamplingRule
    {
        private const int PatchArea = 4;
        private const string Euler = "FlowMatchEulerDiscreteScheduler";

        public SamplingOptions Complete(SamplingOptions options, SamplingPlanner planner, LatentShape shape)
        {
            options = options with
            {
                ImageTokens = options.ImageTokens ?? shape.Height * shape.Width / PatchArea,
                Start = Math.Floor(options.Steps * options.Start + Rounding) / options.Steps,
            };
            // Other schedulers choose their own shares, as diffusers lets them.
            return evenShares && options is { Sigmas: null, Timesteps: null, Schedule: null } && planner.SchedulerClassOf(options.Sampler) == Euler
                ? options with { Sigmas = [.. Enumerable.Range(0, options.Steps).Select(i => Share(i, options.Steps))] }
                : options;
        }

        private static double Share(int step, int steps) => steps == 1 ? 1 : 1 - step * (1 - 1.0 / steps) / (steps - 1);
    }
}
