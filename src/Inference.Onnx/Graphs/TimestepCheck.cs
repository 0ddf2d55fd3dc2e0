using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>Compares a graph with a vector of timesteps against the one it was derived from, on random rows.</summary>
internal static class TimestepCheck
{
    private const string Timestep = "timestep";
    private const int Side = 16;
    private const int Tokens = 8;
    private const double SingleTolerance = 1e-4;
    private const double HalfTolerance = 2e-2;
    private static readonly float[] Timesteps = [999, 3, 441];

    /// <summary>Whether each row of one call with different timesteps equals a call of its own in the original.</summary>
    public static bool Agrees(GraphSession original, GraphSession batched)
    {
        try
        {
            var output = original.Output("out_sample", "out_hidden_states", "sample");
            var inputs = original.Inputs.Where(input => input.Name != Timestep)
                .Select((input, i) => (input.Name, Shape: RowOf(input), Values: Random(input, i))).ToArray();
            var latent = inputs.First(input => input.Name is "sample" or "hidden_states").Shape;
            long[] row = [output.Dimensions[1] > 0 ? output.Dimensions[1] : latent[0], .. latent[1..]];
            var together = Run(batched, output.Name, row, inputs, 0, Timesteps.Length, [Timesteps.Length]);
            for (var i = 0; i < Timesteps.Length; i++)
                if (!AreClose(Run(original, output.Name, row, inputs, i, 1, []), together.AsSpan(i * Length(row), Length(row)), output.Type))
                    return false;
            return true;
        }
        catch (GraphException)
        {
            // One of the graphs does not run on these shapes; nothing is known about their agreement.
            return false;
        }
    }

    private static float[] Run(GraphSession graph, string output, long[] row, (string Name, long[] Shape, float[] Values)[] inputs, int first, int rows, long[] timestep)
    {
        var shapes = inputs.ToDictionary(input => input.Name, input => (long[])[rows, .. input.Shape]);
        shapes[Timestep] = timestep;
        using var run = graph.Bind(shapes, new Dictionary<string, long[]> { [output] = [rows, .. row] });
        foreach (var (name, shape, values) in inputs)
            run.Write(name, 0, values.AsSpan(first * Length(shape), rows * Length(shape)));
        run.Write(Timestep, 0, Timesteps.AsSpan(first, rows));
        run.Run();
        var result = new float[rows * Length(row)];
        run.Read(output, 0, result);
        return result;
    }

    private static long[] RowOf(GraphTensor input) =>
        [.. input.Dimensions.Skip(1).Select(dimension => dimension > 0 ? dimension : input.Dimensions.Length == 4 ? (long)Side : Tokens)];

    private static float[] Random(GraphTensor input, int draw)
    {
        using var values = Latent.Rent(new(Timesteps.Length, 1, Length(RowOf(input))));
        new PhiloxNoise(1).Fill(draw, values);
        return values.Values.ToArray();
    }

    private static int Length(long[] shape) => (int)shape.Aggregate(1L, (product, dimension) => product * dimension);

    private static bool AreClose(float[] expected, ReadOnlySpan<float> actual, ElementType type)
    {
        var (scale, worst) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs((double)expected[i]));
            worst = Math.Max(worst, Math.Abs((double)expected[i] - actual[i]));
        }
        return worst <= scale * (type == ElementType.Float16 ? HalfTolerance : SingleTolerance);
    }
}
