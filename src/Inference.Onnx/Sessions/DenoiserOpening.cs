using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Opens the network of a pipeline: with a timestep a row where its graph can be brought to that, in the precision and with the operators that suit the
/// provider. Whatever is edited is compared with the export; edits that only serve speed are left out where they do not agree.
/// </summary>
/// <param name="sessions">Opens sessions.</param>
/// <param name="path">The graph file.</param>
internal sealed class DenoiserOpening(SessionFactory sessions, string path)
{
    private readonly Precision _precision = sessions.Network.Precision;
    private readonly OnnxModel _model = OnnxModel.Read(path);
    private PrecisionException? _refusal;

    /// <exception cref="GraphException">The graph cannot be loaded.</exception>
    /// <exception cref="PrecisionException">It differs too much in the precision, or cannot be brought to it.</exception>
    public GraphSession Run()
    {
        using var weights = new GraphWeights(_model);
        var exported = OpenExported(weights);
        GraphSession? opened = null;
        try
        {
            var bound = _precision == Precision.Float32 ? GraphAgreement.ToleranceOf(exported.Input("sample", "hidden_states").Type) : Precisions.BoundOf(_precision);
            foreach (var (form, lowering) in Attempts(exported))
                if ((opened = form == _model && lowering.IsNone ? exported : TryOpen(form, weights, lowering, exported, bound)) is not null)
                    return opened;
            throw _refusal!;
        }
        finally
        {
            if (opened != exported)
                exported.Dispose();
        }
    }

    // The best first. Float32 ends with the export itself.
    private IEnumerable<(OnnxModel Form, Lowering Lowering)> Attempts(GraphSession exported)
    {
        var batched = _model.Copy();
        var isBatched = exported.Inputs.FirstOrDefault(input => input.Name == "timestep") is { Dimensions.Length: 0 } && BatchedTimestep.Apply(batched);
        var asked = new Lowering(sessions.Network, sessions.SharesWeights);
        foreach (var form in isBatched ? [batched, _model] : new[] { _model })
        {
            yield return (form, asked);
            if (_precision == Precision.Float32 && !asked.IsNone)
                yield return (form, Lowering.None);
        }
    }

    private GraphSession? TryOpen(OnnxModel form, GraphWeights weights, Lowering lowering, GraphSession exported, double bound)
    {
        GraphSession? session = null;
        try
        {
            session = sessions.Open(form, weights, lowering, isDerivable: true);
            var difference = GraphAgreement.Difference(exported, session);
            // Not one product could be quantized.
            if (difference == 0 && lowering.Precision == Precision.Int8)
            {
                _refusal ??= new(lowering.Precision, $"{path} has no product of float32 tokens and weights.");
            }
            else if (difference <= bound)
            {
                session.Difference = difference;
                return session;
            }
            else
            {
                _refusal ??= new(lowering.Precision, $"{path} differs by {difference:P1} of its largest value from the export, more than {bound:P0}.");
            }
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or GraphException or AnalysisException)
        {
            // The edit does not suit this graph, or nothing is known about their agreement.
            _refusal ??= new(lowering.Precision, $"{path} cannot be run in it: {exception.Message}", exception);
        }
        session?.Dispose();
        return null;
    }

    private GraphSession OpenExported(GraphWeights weights)
    {
        while (true)
            try
            {
                return sessions.Open(_model, weights, Lowering.None, isDerivable: true);
            }
            catch (OnnxRuntimeException exception)
            {
                if (!DecidedSqueeze.Apply(_model, exception.Message))
                    throw SessionFactory.Unloadable(_model.Path, exception);
            }
    }
}
