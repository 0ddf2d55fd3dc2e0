namespace Inference.Sampling;

/// <summary>Options of <see cref="PidStepSize"/>, with the names of k-diffusion.</summary>
internal sealed record PidOptions
{
    /// <summary>The first step in λ, &gt; 0.</summary>
    public double InitialStep { get; init; } = 0.05;

    /// <summary>Proportional coefficient.</summary>
    public double Proportional { get; init; }

    /// <summary>Integral coefficient.</summary>
    public double Integral { get; init; } = 1;

    /// <summary>Differential coefficient.</summary>
    public double Differential { get; init; }

    /// <summary>A step is accepted when its factor is at least this, in (0, 1].</summary>
    public double AcceptSafety { get; init; } = 0.81;

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("h_init", InitialStep, double.Epsilon, double.MaxValue);
        Require.InRange("pcoeff", Proportional, double.MinValue, double.MaxValue);
        Require.InRange("icoeff", Integral, double.MinValue, double.MaxValue);
        Require.InRange("dcoeff", Differential, double.MinValue, double.MaxValue);
        Require.InRange("accept_safety", AcceptSafety, double.Epsilon, 1);
    }
}

/// <summary>
/// Step size control by the last three errors (Söderlind 2003, ACM TOMS 29(1), with the limiter of Söderlind &amp; Wang 2006; k-diffusion,
/// <c>PIDStepSizeController</c>). Local to a run.
/// </summary>
/// <param name="options">The coefficients.</param>
/// <param name="order">Order of the error estimate.</param>
internal sealed class PidStepSize(PidOptions options, double order)
{
    private const double SmallestError = 1e-8;
    private readonly double _exponent1 = (options.Proportional + options.Integral + options.Differential) / order;
    private readonly double _exponent2 = -(options.Proportional + 2 * options.Differential) / order;
    private readonly double _exponent3 = options.Differential / order;
    private (double Last, double BeforeLast)? _accepted;

    /// <summary>The step to try next.</summary>
    public double Step { get; private set; } = options.InitialStep;

    /// <summary>Whether a step with this error is accepted; sets the next step.</summary>
    public bool Accepts(double error)
    {
        var inverse = 1 / (error + SmallestError);
        var (last, beforeLast) = _accepted ?? (inverse, inverse);
        var factor = Math.Pow(inverse, _exponent1) * Math.Pow(last, _exponent2) * Math.Pow(beforeLast, _exponent3);
        factor = 1 + Math.Atan(factor - 1);
        Step *= factor;
        // Written so that an error that is not a number refuses the step.
        if (!(factor >= options.AcceptSafety))
        {
            // The first error starts the history even when its step is refused.
            _accepted ??= (inverse, inverse);
            return false;
        }
        _accepted = (inverse, last);
        return true;
    }
}
