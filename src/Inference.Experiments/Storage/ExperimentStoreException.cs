namespace Inference.Experiments;

/// <summary>The store of experiments cannot be read or written; the message says what to do.</summary>
public sealed class ExperimentStoreException(string message, Exception? inner = null) : Exception(message, inner);
