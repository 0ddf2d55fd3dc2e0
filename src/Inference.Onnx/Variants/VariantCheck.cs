using System.Collections.Concurrent;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// Compares the forms of a scope with the full network on random rows: each form is given what the ones before it gave, so that every one of them must
/// give the full network's output.
/// </summary>
internal sealed class VariantCheck : IDisposable
{
    private const double SingleTolerance = 1e-5;
    private const double HalfTolerance = 1e-2;
    // What differs in the last bit may be rounded to the next of 127 steps.
    private const double IntegerTolerance = 3e-2;
    private static readonly double[] Timesteps = [0.9, 0.3];

    private readonly DenoiserForm _full;
    private readonly NetworkRow[] _rows;
    private readonly float[][] _expected;
    private readonly double _tolerance;

    /// <param name="full">The full network.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="precision">What it computes in.</param>
    /// <param name="shape">Shape of the latents.</param>
    /// <param name="conditioning">Conditioning of the rows.</param>
    /// <param name="timestepScale">The network's largest timestep.</param>
    /// <exception cref="GraphException">The full network does not take the rows.</exception>
    public VariantCheck(DenoiserForm full, ElementType type, Precision precision, LatentShape shape, Conditioning conditioning, double timestepScale)
    {
        (_full, _tolerance) = (full, precision switch
        {
            Precision.Int8 => IntegerTolerance,
            Precision.Float32 when type != ElementType.Float16 => SingleTolerance,
            _ => HalfTolerance,
        });
        _rows = [.. Timesteps.Select((timestep, i) =>
        {
            var input = Latent.Rent(shape);
            new PhiloxNoise(1).Fill(i, input);
            return new NetworkRow(input, timestep * timestepScale, conditioning, Latent.Rent(shape)) { Features = new Exchange() };
        })];
        _expected = Run(full, FeatureExchange.None);
    }

    /// <summary>Largest relative difference that passes.</summary>
    public double Tolerance => _tolerance;

    /// <summary>What the values of a graph's outputs are like for these rows.</summary>
    /// <exception cref="GraphException">A value does not carry the batch in its first dimension.</exception>
    public FeatureTensor[] Measure(DenoiserForm form, int count)
    {
        using var run = form.Bind(_rows[0], _rows.Length, FeatureExchange.None);
        FillAll(form, run, FeatureExchange.None);
        string[] names = [.. Enumerable.Range(0, count).Select(FeatureExchange.GivenName)];
        return [.. run.ShapesOf(names).Select((shape, i) => shape.Length > 0 && shape[0] == _rows.Length
            ? new FeatureTensor(form.Graph.Output(names[i]).Type, [.. shape[1..]])
            : throw new GraphException(form.Graph.Path, $"a value that would be cached has the shape [{string.Join(',', shape)}], whose first dimension is not the batch."))];
    }

    /// <summary>Largest difference of a form's output from the full network's, relative to its largest value; null when it has no output.</summary>
    public double? Compare(DenoiserForm form, FeatureExchange exchange)
    {
        foreach (var row in _rows)
            row.Output.Values.Fill(float.NaN);
        var found = Run(form, exchange);
        if (!form.Graph.HasOutput(_full.Graph.Outputs[0].Name))
            return null;
        var (scale, worst) = (0.0, 0.0);
        for (var i = 0; i < found.Length; i++)
            for (var k = 0; k < found[i].Length; k++)
            {
                scale = Math.Max(scale, Math.Abs((double)_expected[i][k]));
                worst = Math.Max(worst, double.IsNaN(found[i][k]) ? double.PositiveInfinity : Math.Abs((double)found[i][k] - _expected[i][k]));
            }
        return worst / scale;
    }

    public void Dispose()
    {
        foreach (var row in _rows)
        {
            row.Input.Dispose();
            row.Output.Dispose();
        }
    }

    private float[][] Run(DenoiserForm form, FeatureExchange exchange)
    {
        using var run = form.Bind(_rows[0], _rows.Length, exchange);
        FillAll(form, run, exchange);
        run.Run();
        for (var i = 0; i < _rows.Length; i++)
            form.Read(run, i, _rows[i]);
        new FeatureTransfer(form).Read(run, _rows, exchange);
        return [.. _rows.Select(row => row.Output.Values.ToArray())];
    }

    private void FillAll(DenoiserForm form, BoundRun run, FeatureExchange exchange)
    {
        for (var i = 0; i < _rows.Length; i++)
            form.Fill(run, i, _rows[i]);
        // The form's own transfer is the device thread's, which may be evaluating other rows in it.
        new FeatureTransfer(form).Fill(run, _rows, _rows.Length, exchange);
    }

    /// <summary>Keeps what forms give as it is.</summary>
    private sealed class Exchange : IFeatures
    {
        private readonly ConcurrentDictionary<int, float[]> _first = [];
        private readonly ConcurrentDictionary<int, float[]> _residuals = [];

        public void Provide(NetworkVariant variant, int index, Span<float> values) => (variant.Form switch
        {
            NetworkForm.Body => _first[index + 1],
            NetworkForm.Tail => index < _residuals.Count ? _first[index + 1] : _residuals[index - _residuals.Count],
            _ => _first[index],
        }).CopyTo(values);

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
        {
            if (variant.Form == NetworkForm.Body)
                _residuals[index] = values.ToArray();
            else if (variant.Form is not (NetworkForm.VerifiedModules or NetworkForm.Modulated))
                _first[index] = values.ToArray();
        }
    }
}
