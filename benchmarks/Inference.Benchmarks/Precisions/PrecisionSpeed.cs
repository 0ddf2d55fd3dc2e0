using System.Diagnostics;
using Inference.Onnx;

namespace Inference.Benchmarks;

/// <summary>Step times of forms of one network, in turns, so that what else the machine does meets all of them.</summary>
internal sealed class PrecisionSpeed : IDisposable
{
    private const int WarmUps = 3;
    private readonly List<BoundRun> _runs = [];

    /// <param name="graphs">Forms of one network.</param>
    /// <param name="rows">Rows of an evaluation.</param>
    /// <param name="side">Height and width of latents where the graph leaves them open.</param>
    public PrecisionSpeed(IEnumerable<GraphSession> graphs, int rows, int side = 16)
    {
        foreach (var graph in graphs)
        {
            var inputs = graph.Inputs.ToDictionary(input => input.Name, input => (long[])[.. input.Dimensions.Select((size, i) => size > 0 ? size : i == 0 ? (long)rows : input.Dimensions.Length == 4 ? side : 77)]);
            var latent = inputs.First(input => input.Key is "sample" or "hidden_states").Value;
            var run = graph.Bind(inputs, new Dictionary<string, long[]> { [graph.Outputs[0].Name] = [rows, .. latent[1..]] });
            foreach (var (name, shape) in inputs)
                run.Write(name, 0, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(i => name == "timestep" ? 500 : MathF.Sin(i * 0.7f) * 1.5f)]);
            for (var i = 0; i < WarmUps; i++)
                run.Run();
            _runs.Add(run);
        }
    }

    /// <summary>Milliseconds of one evaluation of each form: the median of the rounds.</summary>
    public double[] Measure(int rounds)
    {
        var times = _runs.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < _runs.Count; i++)
            {
                // Every other round backwards: a form's neighbours change.
                var at = round % 2 == 0 ? i : _runs.Count - 1 - i;
                var started = Stopwatch.GetTimestamp();
                _runs[at].Run();
                times[at].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        return [.. times.Select(list => Percentiles.Of(list, 0.5))];
    }

    public void Dispose()
    {
        foreach (var run in _runs)
            run.Dispose();
    }
}
