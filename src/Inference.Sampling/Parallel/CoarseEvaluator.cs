namespace Inference.Sampling;

/// <summary>Where the coarse solver of parareal has its predictions from.</summary>
internal enum CoarseEvaluator
{
    /// <summary>An evaluation at the beginning of every block, as published; the fine solver goes on with it.</summary>
    Network,

    /// <summary>The prediction of the sweep before at the same place: coarse sweeps after the first take no evaluation.</summary>
    Cached,

    /// <summary>As <see cref="Cached"/>, and in the first sweep every second block is forecast from the two before it: linear in log-SNR.</summary>
    Forecast,
}
