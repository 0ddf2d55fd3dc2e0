namespace Inference.Sampling;

/// <summary>How timesteps are spread over the training timesteps 0..T-1 (Lin et al. 2023, arXiv:2305.08891, table 2; diffusers' names).</summary>
public enum TimestepSpacing
{
    /// <summary>Evenly from the last timestep to the first.</summary>
    Linspace,

    /// <summary>Multiples of T/N from 0 up, plus an offset.</summary>
    Leading,

    /// <summary>Multiples of T/N from T down, minus 1: always begins at the last timestep.</summary>
    Trailing,
}

/// <summary>Timestep tables of diffusers' two groups of schedulers, descending, exactly as many as asked for.</summary>
public static class TimestepTables
{
    /// <summary>N points of which the last is the end of the table (DDIM, DDPM, PNDM, Euler, Heun, LMS, KDPM2).</summary>
    /// <param name="spacing">The kind of table.</param>
    /// <param name="steps">N.</param>
    /// <param name="count">T.</param>
    /// <param name="offset">Added to <see cref="TimestepSpacing.Leading"/> timesteps.</param>
    /// <param name="rounded">Whether <see cref="TimestepSpacing.Linspace"/> values are rounded to integers.</param>
    public static double[] Points(TimestepSpacing spacing, int steps, int count, int offset, bool rounded) => spacing switch
    {
        TimestepSpacing.Linspace => Reversed(Array.ConvertAll(Grid.Linspace(0, count - 1, steps), t => rounded ? Grid.Round(t) : t)),
        TimestepSpacing.Leading => Multiples(count / steps, steps - 1, 0, offset),
        TimestepSpacing.Trailing => Trailing(count, steps, count),
        _ => throw new ArgumentOutOfRangeException(nameof(spacing)),
    };

    /// <summary>The starts of N intervals down to the end of the table (DPM-Solver, DEIS, UniPC).</summary>
    /// <param name="last">T, or less where the noisiest timesteps are left out.</param>
    public static double[] Intervals(TimestepSpacing spacing, int steps, int count, int last, int offset) => spacing switch
    {
        TimestepSpacing.Linspace => Reversed(Array.ConvertAll(Grid.Linspace(0, last - 1, steps + 1)[1..], Grid.Round)),
        TimestepSpacing.Leading => Multiples(last / (steps + 1), steps, 1, offset),
        TimestepSpacing.Trailing => Trailing(last, steps, count),
        _ => throw new ArgumentOutOfRangeException(nameof(spacing)),
    };

    private static double[] Reversed(double[] values)
    {
        Array.Reverse(values);
        return values;
    }

    private static double[] Multiples(int ratio, int first, int last, int offset) =>
        [.. Enumerable.Range(0, first - last + 1).Select(i => (double)((first - i) * ratio + offset))];

    // numpy.arange(T, 0, -T/N) ends with a value at or near 0 for some N, which would index the table at -1: N values are taken.
    // Only where the noisiest timesteps are left out there are fewer.
    private static double[] Trailing(int last, int steps, int count)
    {
        var step = (double)count / steps;
        return Array.ConvertAll(Grid.Descend(last, step, Math.Min(steps, (int)Math.Ceiling(last / step))), t => Math.Max(0, Grid.Round(t) - 1));
    }
}
