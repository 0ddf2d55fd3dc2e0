namespace Inference.Onnx;

/// <summary>
/// Gives a scalar timestep input the batch dimension. Exporters write timestep → Unsqueeze → Cast → Expand([B]) → embedding; without the Unsqueeze a
/// vector of B timesteps takes the same way.
/// </summary>
internal static class BatchedTimestep
{
    private const string Timestep = "timestep";
    private const string BatchName = "batch_size";

    /// <summary>Edits the model in place.</summary>
    /// <returns>Whether the pattern was found; if not, the model is as it was.</returns>
    public static bool Apply(OnnxModel model)
    {
        var index = model.Inputs.FindIndex(input => OnnxModel.NameOf(input) == Timestep);
        if (index < 0)
            return false;
        var name = Timestep;
        while (true)
        {
            // Exactly one reader a value: what else reads the scalar would see a vector.
            var readers = model.Nodes.Where(node => node.Inputs.Contains(name)).ToArray();
            if (readers is not [{ Operator: "Unsqueeze" or "Cast" or "Identity" } reader] || reader.Inputs[0] != name)
                return false;
            if (reader.Operator != "Unsqueeze")
            {
                name = reader.Outputs[0];
                continue;
            }
            foreach (var node in model.Nodes)
                for (var i = 0; i < node.Inputs.Count; i++)
                    if (node.Inputs[i] == reader.Outputs[0])
                        node.Inputs[i] = name;
            model.Nodes.Remove(reader);
            model.Inputs[index] = Vector(model.Inputs[index]);
            return true;
        }
    }

    // ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_param 2 } } } }.
    private static byte[] Vector(byte[] input)
    {
        var type = Proto.Fields(input).First(field => field.Number == 2);
        var tensor = Proto.Fields(input, type.Start, type.Length).First(field => field.Number == 1);
        var element = Proto.Fields(input, tensor.Start, tensor.Length).First(field => field.Number == 1).Value;
        var shape = new ProtoWriter().Message(1, new ProtoWriter().Text(2, BatchName));
        return new ProtoWriter().Text(1, OnnxModel.NameOf(input))
            .Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, element).Message(2, shape))).ToArray();
    }
}
