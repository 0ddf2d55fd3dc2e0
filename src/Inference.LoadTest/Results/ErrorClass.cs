namespace Inference.LoadTest;

/// <summary>Failures that are alike.</summary>
/// <param name="Example">What exactly happened the first time.</param>
/// <param name="FirstAt">When that was, seconds from the start of the run.</param>
public sealed record ErrorClass(FailureKind Kind, string Code, int Count, string Example, double FirstAt)
{
    /// <summary>The classes of a run, the most frequent first.</summary>
    internal static IReadOnlyList<ErrorClass> Of(RunRecord run) =>
        [.. run.Measurements.Where(measurement => measurement.Failure is not null).OrderBy(measurement => measurement.Completed)
            .GroupBy(measurement => (measurement.Failure!.Kind, measurement.Failure.Code))
            .Select(group => new ErrorClass(group.Key.Kind, group.Key.Code, group.Count(), group.First().Failure!.Example, group.First().Completed.TotalSeconds))
            .OrderByDescending(error => error.Count)];
}
