namespace Inference.Batching;

/// <summary>What the scheduler decided.</summary>
/// <param name="Reason">Why the batch goes now; null when none goes.</param>
/// <param name="AskAgain">When no batch goes: the moment at which a guard expires; null when only a lane can change something.</param>
internal readonly record struct BatchDecision(FlushReason? Reason, TimeSpan? AskAgain);
