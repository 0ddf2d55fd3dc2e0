using System.Globalization;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The part of a request that the memory decides: what cannot fit is refused before it runs.</summary>
internal static class RequestMemory
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Adds a problem where the smallest group of rows that the request can be evaluated in does not fit; nothing while the needs are not known.</summary>
    /// <param name="request">The request.</param>
    /// <param name="size">Size of its pictures.</param>
    /// <param name="rows">Rows of one guided evaluation.</param>
    /// <param name="window">Evaluations that are made side by side whatever the load; null where the load decides, or steps follow each other.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="parts">The model.</param>
    /// <param name="limits">Largest values of requests.</param>
    /// <param name="problems">Receives the problem.</param>
    public static void Check(GenerationRequest request, ImageSize size, int rows, int? window, string model, PipelineParts parts, GenerationLimits limits, List<RequestProblem> problems)
    {
        if (parts.Memory is not { } memory)
            return;
        var (shape, hasPicture) = (parts.LatentOf(size), request.Image is not null);
        if (memory.Needed(shape, rows * (window ?? 1), hasPicture) is not { } needed || memory.Available() is not { } available || needed <= available)
            return;
        if (window > 1 && memory.Needed(shape, rows, hasPicture) is { } one && one <= available)
        {
            problems.Add(new(RequestParallel.Parameter, $"'parallel.window' {window} needs {Text(needed)} of memory at {size} with model '{model}', and there are {Text(available)}; at most {Widest(memory, shape, rows, window.Value, hasPicture, available)} fits, or auto."));
            return;
        }
        var largest = memory.Largest(available, rows, hasPicture, limits.MaxPixels);
        problems.Add(new("size", $"'size' {size} needs {Text(needed)} of memory for {(rows > 1 ? "a guided evaluation" : "an evaluation")} and the decoding of one picture with model '{model}', and there are {Text(available)}: {(largest is { } fits ? $"at most {fits} fits." : "no size fits.")}"));
    }

    private static int Widest(ModelMemory memory, LatentShape shape, int rows, int window, bool hasPicture, long available)
    {
        var (least, most) = (1, window);
        while (least < most)
        {
            var middle = (least + most + 1) / 2;
            (least, most) = memory.Needed(shape, rows * middle, hasPicture) <= available ? (middle, most) : (least, middle - 1);
        }
        return least;
    }

    private static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte:F1} MiB ({bytes} bytes)");
}
