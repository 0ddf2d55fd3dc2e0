namespace Inference.Sampling;

/// <summary>The preconditioned network of EDM (Karras et al. 2022, arXiv:2206.00364, table 1): D = c_skip·x + c_out·F(c_in·x).</summary>
internal sealed class EdmPrediction : IPrediction
{
    private readonly double _sigmaData;
    private readonly double _sign;

    /// <param name="sigmaData">Standard deviation of the data.</param>
    /// <param name="name"><c>epsilon</c> or <c>v_prediction</c>; the latter has the opposite sign (diffusers).</param>
    public EdmPrediction(double sigmaData, string name)
    {
        (_sigmaData, Name) = (sigmaData, name);
        _sign = name == Predictions.V.Name ? -1 : 1;
    }

    public string Name { get; }

    public Preconditioning At(NoiseLevel level)
    {
        var kappa = level.Kappa;
        var total = Math.Sqrt(kappa * kappa + _sigmaData * _sigmaData);
        return new(1 / (total * level.Alpha), _sigmaData * _sigmaData / (total * total * level.Alpha), _sign * kappa * _sigmaData / total);
    }
}
