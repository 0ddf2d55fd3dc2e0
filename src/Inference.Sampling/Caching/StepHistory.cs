namespace Inference.Sampling;

/// <summary>The last full steps of a run, newest first.</summary>
/// <param name="capacity">Steps remembered, ≥ 1.</param>
internal sealed class StepHistory(int capacity)
{
    private readonly int[] _steps = new int[capacity];

    /// <summary>Full steps so far, forgotten ones included.</summary>
    public int Count { get; private set; }

    /// <summary>The full step <paramref name="age"/> before the newest, less than the capacity and <see cref="Count"/>.</summary>
    public int this[int age] => _steps[(Count - 1 - age) % capacity];

    public void Add(int step) => _steps[Count++ % capacity] = step;
}
