namespace Inference.LoadTest;

/// <summary>Values with weights above 0, one drawn in proportion.</summary>
internal sealed class Weighted<T>(IReadOnlyList<(T Value, double Weight)> choices)
{
    private readonly double _total = choices.Sum(choice => choice.Weight);

    public IReadOnlyList<(T Value, double Weight)> Choices => choices;

    public T Pick(SeededRandom random)
    {
        var left = random.NextDouble() * _total;
        foreach (var (value, weight) in choices)
            if ((left -= weight) < 0)
                return value;
        return choices[^1].Value;
    }
}
