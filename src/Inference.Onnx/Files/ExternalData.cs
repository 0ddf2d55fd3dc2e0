namespace Inference.Onnx;

/// <summary>
/// Checks where a graph keeps weights outside its file: the paths must be relative, stay inside the graph's folder and exist. Walks every message of
/// onnx.proto that can hold a tensor, those of subgraphs and functions too, without loading weights.
/// </summary>
internal static class ExternalData
{
    // protobuf itself refuses messages that are nested deeper.
    private const int MaxDepth = 100;

    // PATH_MAX of Linux.
    private const int MaxText = 4096;

    private enum Message
    {
        Model,
        Graph,
        Function,
        Node,
        Attribute,
        SparseTensor,
        Tensor,
        ExternalEntry,
    }

    /// <exception cref="GraphException">The file is no ONNX graph, or an external path is missing or leaves the folder.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path))
            throw new GraphException(path, "the file does not exist.");
        using var file = File.OpenRead(path);
        var reader = new ProtobufReader(file);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            Visit(Message.Model, reader.Root, 0);
        }
        catch (InvalidDataException exception)
        {
            throw new GraphException(path, $"the file is truncated or no ONNX graph: {exception.Message}.", exception);
        }

        void Visit(Message message, ProtobufField at, int depth)
        {
            if (depth > MaxDepth)
                throw new InvalidDataException($"messages are nested more than {MaxDepth} deep");
            if (message == Message.ExternalEntry)
            {
                if (ReadEntry(reader, at) is ("location", var location) && seen.Add(location))
                    CheckLocation(path, location);
                return;
            }
            foreach (var field in reader.Fields(at))
                if (Inside(message, field.Number) is { } child)
                    Visit(child, field, depth + 1);
        }
    }

    // The field numbers of onnx.proto on the way to TensorProto.external_data.
    private static Message? Inside(Message message, ulong field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 25) => Message.Function,
        (Message.Graph, 1) or (Message.Function, 7) => Message.Node,
        (Message.Graph, 5) or (Message.Attribute, 5 or 10) or (Message.SparseTensor, 1 or 2) => Message.Tensor,
        (Message.Graph, 15) or (Message.Attribute, 22 or 23) => Message.SparseTensor,
        (Message.Node, 5) or (Message.Function, 11) => Message.Attribute,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Tensor, 13) => Message.ExternalEntry,
        _ => null,
    };

    // StringStringEntryProto: of a field that is there twice the last counts, as in every protobuf reader.
    private static (string Key, string Value) ReadEntry(ProtobufReader reader, ProtobufField entry)
    {
        var (key, value) = ("", "");
        foreach (var field in reader.Fields(entry))
            if (field.Number == 1)
                key = reader.Text(field, MaxText);
            else if (field.Number == 2)
                value = reader.Text(field, MaxText);
        return (key, value);
    }

    private static void CheckLocation(string path, string location)
    {
        if (location.Contains('\0'))
            throw new GraphException(path, "the path of its external data has a zero byte.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var target = Path.Combine(folder, location);
        if (Path.IsPathRooted(location) || !Path.GetFullPath(target).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new GraphException(path, $"its external data '{location}' lies outside the model folder.");
        if (!File.Exists(target))
            throw new GraphException(path, $"its external data '{location}' does not exist.");
        if (!RealPath.IsOfModel(folder, target))
            throw new GraphException(path, $"its external data '{location}' is a link that leaves the model folder.");
    }
}
