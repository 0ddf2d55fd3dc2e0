namespace Inference.Pipelines.Tests;

public sealed class NormalEquationsTests
{
    [Fact]
    public void Solve_GivesTheSolution()
    {
        var x = NormalEquations.Solve(new double[,] { { 4, 9, 9 }, { 2, 5, 9 }, { 0.5, 1, 3 } }, [4 * 1 + 2 * -2 + 0.5 * 3, 2 * 1 + 5 * -2 + 1 * 3, 0.5 * 1 + 1 * -2 + 3 * 3]);
        Assert.Equal([1, -2, 3], x.Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void Solve_OfAMatrixThatIsNotPositiveDefinite_Throws() =>
        Assert.Throws<ArgumentException>(() => NormalEquations.Solve(new double[,] { { 1, 0 }, { 2, 1 } }, [1, 1]));
}
