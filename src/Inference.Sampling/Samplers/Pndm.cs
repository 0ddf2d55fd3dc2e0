namespace Inference.Sampling;

/// <summary>How PNDM gets its first outputs.</summary>
internal enum PndmWarmUp
{
    /// <summary>The first step is done twice, the second time with the mean of the outputs at both ends (PLMS).</summary>
    Redo,

    /// <summary>Three classical Runge-Kutta steps of four evaluations each.</summary>
    RungeKutta,
}

/// <summary>
/// Pseudo numerical methods (Liu et al. 2022, arXiv:2202.09778, eq. 11 to 13; diffusers, <c>PNDMScheduler</c>): raw network outputs are combined by
/// a classical method, and the combination is transferred as DDIM would. A trajectory step is one call: its start has the timestep of the call
/// and the α, σ from which the transfer starts.
/// </summary>
internal sealed class Pndm(IPrediction prediction, PndmWarmUp warmUp) : ISampler
{
    /// <summary>Number of Runge-Kutta steps before the multistep rule.</summary>
    public const int RungeKuttaSteps = 3;

    private const int CallsPerRungeKuttaStep = 4;

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var output = Latent.Rent(x.Shape);
        using var sum = Latent.Rent(x.Shape);
        using var start = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(4, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            var level = trajectory.Schedule.At(s.Timestep) with { Step = i };
            await denoiser.DenoiseAsync(x, level, clean, cancellationToken);
            var (_, skip, @out) = prediction.At(level);
            output.Set((clean - skip * x) / @out);

            var call = trajectory.Skipped + i;
            if (warmUp == PndmWarmUp.RungeKutta && call < RungeKuttaSteps * CallsPerRungeKuttaStep)
                x.Set(Transfer(start, s, t, RungeKutta(call % CallsPerRungeKuttaStep, s, x, start, sum, output, history)));
            else if (warmUp == PndmWarmUp.Redo && call == 1 && i == 1)
                x.Set(Transfer(start, s, t, (output + history[0]) / 2));
            else
            {
                Remember(output, s, history);
                start.Set(x);
                x.Set(Transfer(x, s, t, AdamsBashforth(history)));
            }
            observer.OnState(i, 0, x, clean);
        }
    }

    // The weighted output of call 0 to 3 of a Runge-Kutta step; the first opens the step, the last closes it.
    private static Combination RungeKutta(int call, NoiseLevel s, Latent x, Latent start, Latent sum, Latent output, EvaluationHistory history)
    {
        if (call == 0)
        {
            start.Set(x);
            sum.Set(output / 6);
            Remember(output, s, history);
            return output;
        }
        if (call == CallsPerRungeKuttaStep - 1)
            return sum + output / 6;
        sum.Set(sum + output / 3);
        return output;
    }

    private static Combination AdamsBashforth(EvaluationHistory e) => e.Count switch
    {
        1 => e[0],
        2 => (3 * e[0] - e[1]) / 2,
        3 => (23 * e[0] - 16 * e[1] + 5 * e[2]) / 12,
        _ => (55 * e[0] - 59 * e[1] + 37 * e[2] - 9 * e[3]) / 24,
    };

    private static void Remember(Latent output, NoiseLevel level, EvaluationHistory history)
    {
        history.Slot.Set(output);
        history.Push(level);
    }

    // The transfer φ of eq. 11, which is DDIM's step; the output is read as of the level where the transfer starts.
    private Combination Transfer(Latent x, NoiseLevel s, NoiseLevel t, Combination output)
    {
        var (_, skip, @out) = prediction.At(s);
        var clean = skip * x + @out * output;
        return t.Alpha * clean + t.Sigma * ((x - s.Alpha * clean) / s.Sigma);
    }
}
