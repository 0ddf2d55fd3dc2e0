namespace Inference.Sampling;

/// <summary>Even grids with the rounding of numpy: half-integer ties in timestep tables depend on the last bit.</summary>
public static class Grid
{
    /// <summary><paramref name="count"/> values from <paramref name="first"/> to <paramref name="last"/>, both included; one value is the first.</summary>
    public static double[] Linspace(double first, double last, int count)
    {
        var values = new double[count];
        var step = (last - first) / (count - 1);
        for (var i = 0; i < count; i++)
            values[i] = i * step + first;
        values[0] = first;
        if (count > 1)
            values[^1] = last;
        return values;
    }

    /// <summary><paramref name="count"/> values down from <paramref name="first"/> in steps of <paramref name="step"/> (numpy.arange, which
    /// takes the distance of the first two values as its step).</summary>
    public static double[] Descend(double first, double step, int count)
    {
        var delta = first - step - first;
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = first + i * delta;
        return values;
    }

    /// <summary>Rounds halves to even, as numpy does.</summary>
    public static double Round(double value) => Math.Round(value, MidpointRounding.ToEven);
}
