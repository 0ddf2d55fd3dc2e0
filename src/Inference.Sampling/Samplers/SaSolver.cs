namespace Inference.Sampling;

/// <summary>Options of <see cref="SaSolver"/>.</summary>
/// <param name="PredictorOrder">Evaluations that the predictor combines, 1 to 4.</param>
/// <param name="CorrectorOrder">Evaluations that the corrector combines, the new one included; 0 is no corrector, at most 4.</param>
/// <param name="Tau">Strength τ ≥ 0 of the injected noise: 0 is the probability flow, 1 the reverse diffusion.</param>
/// <param name="TauMinimum">Steps that start below this σ/α have τ = 0.</param>
/// <param name="TauMaximum">Steps that start above this σ/α have τ = 0.</param>
internal sealed record SaSolverOptions(int PredictorOrder, int CorrectorOrder, double Tau, double TauMinimum, double TauMaximum)
{
    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("predictor_order", PredictorOrder, 1, SaSolver.MaximumOrder);
        Require.InRange("corrector_order", CorrectorOrder, 0, SaSolver.MaximumOrder);
        Require.InRange("tau", Tau, 0, double.MaxValue);
        Require.InRange("tau_sigma_min", TauMinimum, 0, double.MaxValue);
        Require.That(TauMaximum >= TauMinimum, "tau_sigma_max", $"tau_sigma_max must be at least tau_sigma_min, {TauMinimum}, not {TauMaximum}.");
    }

    /// <summary>τ, taken as constant over a step that starts at <paramref name="level"/>.</summary>
    public double TauAt(NoiseLevel level) => level.Kappa >= TauMinimum && level.Kappa <= TauMaximum ? Tau : 0;
}

/// <summary>
/// SA-Solver, the stochastic Adams predictor-corrector method in data prediction (Xue et al. 2023, arXiv:2309.05019, algorithm 1, eq. 14 and 17):
/// x_t = e^{-τ²h} (σ_t/σ_s) x + (1+τ²) α_t Σ x̂_i ∫ e^{(1+τ²)(λ-λ_t)} ℓ_i(λ) dλ + σ_t √(1-e^{-2τ²h}) z.
/// The corrector repeats the step with the evaluation at its end and the same noise, so it costs no evaluation; the last step is not corrected.
/// </summary>
internal sealed class SaSolver : ISampler
{
    public const int MaximumOrder = 4;

    private readonly SaSolverOptions _options;

    /// <exception cref="SamplingOptionException">An option is out of range.</exception>
    public SaSolver(SaSolverOptions options)
    {
        options.Validate();
        _options = options;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var start = Latent.Rent(x.Shape);
        using var z = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(MaximumOrder, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, history.Slot, cancellationToken);
            history.Push(s);

            if (i > 0 && _options.CorrectorOrder > 0)
                x.Set(Step(trajectory.Steps[i - 1], start, history, _options.CorrectorOrder, z));

            start.Set(x);
            if (_options.TauAt(s) > 0 && !t.IsClean)
                noise.Fill(i + 1, z);
            x.Set(Step(trajectory.Steps[i], start, history, _options.PredictorOrder, z));

            // λ = -∞ cannot be a node of later steps.
            if (s.Alpha == 0)
                history.Clear();
            observer.OnState(i, 0, x, history[0]);
        }
    }

    private Combination Step(TrajectoryStep step, Latent start, EvaluationHistory history, int order, Latent z)
    {
        var (s, t) = step;
        var tau = _options.TauAt(s);
        var h = t.Lambda - s.Lambda;
        var decay = tau == 0 ? 1 : Math.Exp(-tau * tau * h);
        var combination = t.Sigma / s.Sigma * decay * start + t.Sigma * Math.Sqrt(1 - decay * decay) * z;

        // Of first order when λ is infinite at either end, or nothing is stepped over.
        var nodes = double.IsFinite(h) && h > 0 ? Math.Min(order, history.Count) : 1;
        Span<double> weights = stackalloc double[nodes];
        Integrate(history.Levels[..nodes], s.Lambda, h, 1 + tau * tau, weights);
        for (var m = 0; m < nodes; m++)
            combination += t.Alpha * weights[m] * history[m];
        return combination;
    }

    /// <summary>k ∫ e^{k(λ-λ_t)} ℓ_m(λ) dλ over the step. With θ = (λ-λ_s)/h and ℓ_m = Σ c_j θ^j it is kh Σ c_j j! φ_{j+1}(-kh).</summary>
    private static void Integrate(ReadOnlySpan<NoiseLevel> nodes, double start, double h, double k, Span<double> weights)
    {
        if (nodes.Length == 1)
        {
            weights[0] = 1 - Math.Exp(-k * h);
            return;
        }
        Span<double> theta = stackalloc double[nodes.Length];
        for (var m = 0; m < nodes.Length; m++)
            theta[m] = (nodes[m].Lambda - start) / h;

        Span<double> powers = stackalloc double[nodes.Length];
        for (var m = 0; m < nodes.Length; m++)
        {
            Lagrange.Expand(theta, m, powers);
            weights[m] = 0;
            for (var j = 0; j < powers.Length; j++)
                weights[m] += k * h * powers[j] * Phi.Factorial(j) * Phi.Of(j + 1, -k * h);
        }
    }
}
