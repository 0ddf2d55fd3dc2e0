using System.Globalization;

namespace Inference.Pipelines;

/// <summary>The part of a request that the memory decides: what cannot fit is refused before it runs.</summary>
internal static class RequestMemory
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Adds a problem where the smallest group of rows that the request can be evaluated in does not fit; nothing while the needs are not known.</summary>
    /// <param name="size">Size of its pictures.</param>
    /// <param name="work">How one of them is computed, step by step.</param>
    /// <param name="window">Evaluations that are made side by side whatever the load; null where the load decides, or steps follow each other.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="parts">The model.</param>
    /// <param name="limits">Largest values of requests.</param>
    /// <param name="problems">Receives the problem.</param>
    public static void Check(ImageSize size, PictureWork work, int? window, string model, PipelineParts parts, GenerationLimits limits, List<RequestProblem> problems)
    {
        if (parts.Memory is not { } memory || memory.Available() is not { } available)
            return;
        var shape = parts.LatentOf(size);
        if (Needed(window ?? 1) is not { } needed || needed <= available)
            return;
        if (window > 1 && Needed(1) <= available)
            problems.Add(new(RequestParallel.Parameter, $"'parallel.window' {window} needs {Text(needed)} of memory at {size} with model '{model}', and there are {Text(available)}: at most {Widest(window.Value)} fits, or auto."));
        else
            problems.Add(new("size", $"'size' {size} needs {Text(needed)} of memory for {(work.Rows > 1 ? "a guided evaluation" : "an evaluation")} and the decoding of one picture with model '{model}', and there are {Text(available)}: {(memory.Largest(available, work, limits.MaxPixels) is { } fits ? $"at most {fits} fits." : "no size fits.")}"));

        long? Needed(int evaluations) => memory.Needed(shape, work with { Rows = work.Rows * evaluations });

        int Widest(int most)
        {
            for (var least = 1; least < most;)
            {
                var middle = (least + most + 1) / 2;
                (least, most) = Needed(middle) <= available ? (middle, most) : (least, middle - 1);
            }
            return most;
        }
    }

    private static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte:F1} MiB ({bytes} bytes)");
}
