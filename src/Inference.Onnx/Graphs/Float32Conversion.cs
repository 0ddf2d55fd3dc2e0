using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>
/// Restates a float16 graph in float32: tensors, casts, inputs and outputs. Values are converted, so the result holds a copy of the weights; meant
/// for autoencoders whose float16 form overflows.
/// </summary>
internal sealed class Float32Conversion : IDisposable
{
    private readonly Dictionary<string, MappedFile> _files = [];
    private readonly string _folder;

    private Float32Conversion(string folder) => _folder = folder;

    /// <summary>The float32 form of a model.</summary>
    /// <exception cref="EndOfStreamException">The model's weights are not where it says.</exception>
    public static byte[] Convert(OnnxModel model)
    {
        using var conversion = new Float32Conversion(model.Folder);
        var converted = model.Copy();
        for (var i = 0; i < converted.Nodes.Count; i++)
            converted.Nodes[i] = conversion.Node(converted.Nodes[i]);
        for (var i = 0; i < converted.Initializers.Count; i++)
            converted.Initializers[i] = conversion.Tensor(converted.Initializers[i]);
        for (var i = 0; i < converted.Inputs.Count; i++)
            converted.Inputs[i] = Value(converted.Inputs[i]);
        for (var i = 0; i < converted.Outputs.Count; i++)
            converted.Outputs[i] = Value(converted.Outputs[i]);
        return converted.ToBytes();
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private OnnxNode Node(OnnxNode node)
    {
        for (var i = 0; i < node.Attributes.Count; i++)
            node.Attributes[i] = Attribute(node.Attributes[i], isCast: node.Operator == "Cast");
        return node;
    }

    // AttributeProto: i 3 (the target of a Cast), t 5, g 6.
    private byte[] Attribute(byte[] attribute, bool isCast) => Rewrite(attribute, (field, writer) =>
    {
        if (isCast && field is { Number: 3, Value: OnnxTensor.HalfType })
            writer.Number(3, OnnxTensor.FloatType);
        else if (field.Number == 5)
            writer.Bytes(5, Tensor(OnnxTensor.Read(attribute, field.Start, field.Length)).ToBytes());
        else if (field.Number == 6)
            writer.Bytes(6, Graph(field.In(attribute).ToArray()));
        else
            writer.Copy(field, attribute);
    });

    // The body of an If or Loop: GraphProto.
    private byte[] Graph(byte[] graph) => Rewrite(graph, (field, writer) =>
    {
        var content = field.In(graph).ToArray();
        writer.Bytes(field.Number, field.Number switch
        {
            1 => Node(OnnxNode.Read(content)).ToBytes(),
            5 => Tensor(OnnxTensor.Read(content, 0, content.Length)).ToBytes(),
            11 or 12 or 13 => Value(content),
            _ => content,
        });
    });

    // ValueInfoProto: type 2 { tensor_type 1 { elem_type 1 } }.
    private static byte[] Value(byte[] value) => Rewrite(value, (field, writer) =>
    {
        if (field.Number == 2)
            writer.Bytes(2, Rewrite(field.In(value).ToArray(), (type, typeWriter, bytes) => typeWriter.Bytes(type.Number, Rewrite(type.In(bytes).ToArray(), Element))));
        else
            writer.Copy(field, value);
    });

    private static void Element(ProtoField field, ProtoWriter writer, byte[] bytes)
    {
        if (field is { Number: 1, Value: OnnxTensor.HalfType })
            writer.Number(1, OnnxTensor.FloatType);
        else
            writer.Copy(field, bytes);
    }

    private OnnxTensor Tensor(OnnxTensor tensor)
    {
        if (tensor.Type != OnnxTensor.HalfType)
            return tensor;
        var halves = MemoryMarshal.Cast<byte, Half>(tensor.Bytes is { } bytes ? Open(bytes.Location).Span(bytes.Offset, checked((int)(2 * tensor.Count))) : Inline(tensor.Message));
        var floats = new float[halves.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = (float)halves[i];
        var message = tensor.Header(OnnxTensor.FloatType).Bytes(OnnxTensor.RawData, MemoryMarshal.AsBytes<float>(floats)).ToArray();
        return tensor with { Type = OnnxTensor.FloatType, Message = message, Bytes = null };
    }

    // float16 values lie in raw_data, or one by one in int32_data.
    private static ReadOnlySpan<byte> Inline(byte[] message)
    {
        var fields = Proto.Fields(message);
        if (fields.FirstOrDefault(field => field.Number == OnnxTensor.RawData) is { Number: OnnxTensor.RawData } raw)
            return raw.In(message);
        ushort[] values = [.. fields.Where(field => field.Number == 5).SelectMany(field => field.Wire == ProtoField.Varint ? [(ushort)field.Value] : OnnxTensor.Packed(field.In(message)).Select(value => (ushort)value))];
        return MemoryMarshal.AsBytes<ushort>(values);
    }

    private MappedFile Open(string location)
    {
        if (!_files.TryGetValue(location, out var file))
            _files.Add(location, file = new(Path.Combine(_folder, location)));
        return file;
    }

    private static byte[] Rewrite(byte[] message, Action<ProtoField, ProtoWriter> rewrite) => Rewrite(message, (field, writer, _) => rewrite(field, writer));

    private static byte[] Rewrite(byte[] message, Action<ProtoField, ProtoWriter, byte[]> rewrite)
    {
        var writer = new ProtoWriter();
        foreach (var field in Proto.Fields(message))
            rewrite(field, writer, message);
        return writer.ToArray();
    }
}
