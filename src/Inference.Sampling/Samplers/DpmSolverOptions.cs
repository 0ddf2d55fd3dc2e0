namespace Inference.Sampling;

/// <summary>Which prediction DPM-Solver extrapolates.</summary>
internal enum DpmForm
{
    /// <summary>Predicted data: DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095).</summary>
    Data,

    /// <summary>Predicted noise: DPM-Solver (Lu et al. 2022, arXiv:2206.00927).</summary>
    Noise,
}

/// <summary>The two second-order formulas, equal up to third order terms.</summary>
internal enum DpmFormula
{
    Midpoint,
    Heun,
}

/// <summary>Options of the DPM-Solver family.</summary>
internal sealed record DpmSolverOptions
{
    public const int MaximumOrder = 3;

    /// <summary>diffusers lowers the order of the last steps of runs with fewer steps than this.</summary>
    public const int FewSteps = 15;

    /// <summary>1 to <see cref="MaximumOrder"/>.</summary>
    public required int Order { get; init; }

    public DpmForm Form { get; init; }

    /// <summary>Whether the reverse SDE is solved instead of the ODE.</summary>
    public bool IsStochastic { get; init; }

    public DpmFormula Formula { get; init; }

    /// <summary>Whether the order falls to 1 at the end of runs of few steps.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <summary>Runs of fewer steps than this are such; 10 in the authors' code.</summary>
    public int LowerOrderBelow { get; init; } = FewSteps;

    /// <summary>Whether the last step is always of first order.</summary>
    public bool EulerAtFinal { get; init; }

    /// <summary>
    /// Whether the second difference of the third-order multistep form counts as the second derivative (factor 2), which gives order 3. The
    /// authors' code and its descendants leave the factor out, which gives order 2; that is the default, for parity.
    /// </summary>
    public bool ConsistentThirdOrder { get; init; }

    /// <exception cref="SamplingOptionException">The order is not available.</exception>
    public void Validate()
    {
        Require.InRange("solver_order", Order, 1, MaximumOrder);
        Require.That(Order < 3 || Form == DpmForm.Data || !IsStochastic, "solver_order", "solver_order must be 1 or 2 for sde-dpmsolver, not 3.");
    }
}
