namespace Inference.LoadTest;

/// <summary>The load test cannot run as asked; every problem is one line for the user.</summary>
public sealed class LoadTestException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public LoadTestException(string problem)
        : this([problem])
    {
    }

    public IReadOnlyList<string> Problems { get; } = problems;
}
