namespace Inference.Sampling.Tests;

public sealed class PredictorTests
{
    private static readonly int[] Uneven = [0, 1, 2, 5, 9, 10];

    // 37 values: whole vectors and a rest.
    private const int Length = 37;

    [Fact]
    public void Reuse_GivesTheLastFullStep() => Assert.Equal(Value(10, Cubic), Predict(new ReusePredictor(), Uneven, 14, Cubic));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Taylor_IsThePublishedFormula(int order)
    {
        // f(j+1) = (f(j) - old f(j)) / steps since the last full one; sum of f(j)·x^j / j!.
        var factors = new List<double>();
        var last = 0;
        foreach (var step in Uneven)
        {
            var renewed = new List<double> { Cubic(step) };
            for (var j = 0; j < order && j < factors.Count; j++)
                renewed.Add((renewed[j] - factors[j]) / (step - last));
            (factors, last) = (renewed, step);
        }
        var (expected, weight) = (0.0, 1.0);
        for (var j = 0; j < factors.Count; j++)
            (expected, weight) = (expected + factors[j] * weight, weight * 3 / (j + 1));
        Assert.Equal(expected, Predict(new TaylorPredictor(order), Uneven, 13, Cubic)[0], 1e-3 * Math.Abs(expected));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void DividedDifferences_AreExactOnPolynomials_WhereverTheFullStepsLie(int order)
    {
        double Polynomial(int step) => Enumerable.Range(0, order + 1).Sum(power => Math.Pow(step / 4.0, power) * (power + 1));
        var predicted = Predict(new DividedDifferencePredictor(order), Uneven, 13, Polynomial);
        Assert.Equal(Polynomial(13), predicted[0], 1e-4 * Math.Abs(Polynomial(13)));
        Assert.Equal(Value(13, Polynomial)[^1], predicted[^1], 1e-4 * Math.Abs(Polynomial(13)) + 1e-2);
    }

    [Fact]
    public void PublishedTaylor_IsNotExactOnAQuadratic()
    {
        double Quadratic(int step) => step * step;
        Assert.NotEqual(Quadratic(13), Predict(new TaylorPredictor(2), Uneven, 13, Quadratic)[0], 1.0);
    }

    [Fact]
    public void Hermite_IsThePublishedFormula()
    {
        // On 0, 2, 4: f = 25, f' = (25 - 9)/2 = 8, f'' = (8 - (9 - 1)/2)/2 = 2. At 3 steps on with contraction 1/2: H1 = 2y/2, H2 = (4y² - 2)/4, y = 3/2.
        double Square(int step) => (step + 1) * (step + 1);
        Assert.Equal(25 + 8 * 1.5 + 2 * 1.75 / 2, Predict(new HermitePredictor(2, 0.5), [0, 2, 4], 7, Square)[0], 1e-4);
        // Without contraction of the first order the slope is doubled: H1(x) = 2x.
        Assert.Equal(9 + 4 * 2 * 3, Predict(new HermitePredictor(1, 1), [0, 2], 5, Square)[0], 1e-4);
    }

    [Fact]
    public void Alternating_ExtrapolatesAndReusesInTurn()
    {
        double Line(int step) => 3 * step;
        Assert.Equal(2 * Line(9) - Line(5), Predict(new AlternatingPredictor(), [0, 5, 9], 10, Line)[0]);
        Assert.Equal(Line(9), Predict(new AlternatingPredictor(), [0, 5, 9], 11, Line)[0]);
        Assert.Equal(2 * Line(9) - Line(5), Predict(new AlternatingPredictor(), [0, 5, 9], 12, Line)[0]);
        Assert.Equal(Line(4), Predict(new AlternatingPredictor(), [4], 5, Line)[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FirstFullStep_IsAllThereIsToPredictFrom(bool divided) =>
        Assert.Equal(Value(0, Cubic), Predict(divided ? new DividedDifferencePredictor(3) : new TaylorPredictor(3), [0], 1, Cubic));

    private static double Cubic(int step) => 0.01 * step * step * step - 0.2 * step * step + step + 3;

    private static float[] Value(int step, Func<int, double> function) => [.. Enumerable.Range(0, Length).Select(i => (float)(function(step) + i))];

    private static float[] Predict(IPredictor predictor, int[] fullSteps, int step, Func<int, double> function)
    {
        // What lies in rented memory must not matter.
        var factors = Enumerable.Repeat(float.NaN, predictor.Factors * Length).ToArray();
        var history = new StepHistory(predictor.Factors);
        foreach (var full in fullSteps)
        {
            predictor.Renew(factors, Value(full, function), history, full);
            history.Add(full);
        }
        var prediction = new float[Length];
        predictor.Predict(factors, history, step, prediction);
        return prediction;
    }
}
