namespace Inference.Experiments;

/// <summary>Count, mean and variance of a series, in one pass (Welford 1962, Technometrics 4(3)).</summary>
public struct Moments
{
    private double _squares;

    /// <summary>Values so far.</summary>
    public int Count { get; private set; }

    /// <summary>Their mean; 0 of none.</summary>
    public double Mean { get; private set; }

    /// <summary>Their variance, n - 1 in the denominator; 0 below two values.</summary>
    public readonly double Variance => Count < 2 ? 0 : _squares / (Count - 1);

    /// <summary>Moments of a series.</summary>
    public static Moments Of(IEnumerable<double> values)
    {
        var moments = new Moments();
        foreach (var value in values)
            moments.Add(value);
        return moments;
    }

    /// <summary>Takes a value in.</summary>
    public void Add(double value)
    {
        Count++;
        var difference = value - Mean;
        Mean += difference / Count;
        _squares += difference * (value - Mean);
    }
}
