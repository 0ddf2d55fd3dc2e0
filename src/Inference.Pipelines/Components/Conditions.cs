using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a picture is conditioned on, as a request says it.</summary>
/// <param name="Prompt">What the picture shows; empty for class-conditional models.</param>
/// <param name="NegativePrompt">What it should not show; null where none was given.</param>
/// <param name="ClassLabel">The class, for class-conditional models.</param>
/// <param name="GuidanceScale">Guidance scale w.</param>
/// <param name="Size">Size of the picture.</param>
internal sealed record ConditionRequest(string Prompt, string? NegativePrompt, int ClassLabel, double GuidanceScale, ImageSize Size);

/// <summary>What the network is conditioned on.</summary>
/// <param name="Conditional">For the prompt or class.</param>
/// <param name="Unconditional">For the negative prompt or the null class; null when the picture is not guided by a second row.</param>
internal sealed record Conditions(Conditioning Conditional, Conditioning? Unconditional)
{
    /// <summary>The token rows behind them.</summary>
    public ImmutableArray<ConditionTokens> Tokens { get; init; } = [];
}

/// <summary>A row of ids that a text encoder was given.</summary>
/// <param name="Parameter">Field of the request: <c>prompt</c> or <c>negative_prompt</c>.</param>
/// <param name="Component">Folder of the text encoder.</param>
/// <param name="Row">The ids.</param>
internal sealed record ConditionTokens(string Parameter, string Component, TokenizedPrompt Row);

/// <summary>Turns prompts or labels into network inputs; what a family is about. Thread-safe.</summary>
internal interface IConditioner : IDisposable
{
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    Task<Conditions> EncodeAsync(ConditionRequest request, CancellationToken cancellationToken);
}
