using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What lies between a request and its pictures.</summary>
internal sealed record GenerationTrace(double[] Timesteps, LatentShape Shape, float[][] Latents, float[][] Planes, ImmutableArray<ConditionTokens> Tokens)
{
    /// <summary>What caching did for each picture; null where nothing was cached.</summary>
    public CacheUse?[] Caches { get; init; } = [];

    /// <summary>What sampling in parallel took for each picture; null where steps followed each other.</summary>
    public ParallelUse?[] Parallels { get; init; } = [];
}
