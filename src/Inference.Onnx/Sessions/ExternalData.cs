using System.Text;

namespace Inference.Onnx;

/// <summary>
/// Checks where a graph keeps weights outside its file: the paths must be relative, stay inside the graph's folder and exist. Reads the protobuf
/// fields of the file (onnx.proto: ModelProto.graph 7, GraphProto.initializer 5, TensorProto.external_data 13) without loading weights.
/// </summary>
internal static class ExternalData
{
    private const int LengthDelimited = 2;

    /// <exception cref="GraphException">The file is no ONNX graph, or an external path is missing or leaves the folder.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path))
            throw new GraphException(path, "the file does not exist.");
        using var file = File.OpenRead(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            foreach (var location in Locations(file).Distinct())
                CheckLocation(path, folder, location);
        }
        catch (EndOfStreamException exception)
        {
            throw new GraphException(path, "the file is truncated or no ONNX graph.", exception);
        }
    }

    private static void CheckLocation(string path, string folder, string location)
    {
        var target = Path.GetFullPath(Path.Combine(folder, location));
        if (Path.IsPathRooted(location) || !target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new GraphException(path, $"its external data '{location}' lies outside the model folder.");
        if (!File.Exists(target))
            throw new GraphException(path, $"its external data '{location}' does not exist.");
        if (new FileInfo(target).ResolveLinkTarget(returnFinalTarget: true) is { } real && !real.FullName.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new GraphException(path, $"its external data '{location}' is a link that leaves the model folder.");
    }

    private static IEnumerable<string> Locations(Stream file) =>
        from graph in Fields(file, 7, file.Length)
        from tensor in Fields(file, 5, graph)
        from entry in Fields(file, 13, tensor)
        let text = ReadEntry(file, entry)
        where text.Key == "location"
        select text.Value;

    private static (string Key, string Value) ReadEntry(Stream file, long end)
    {
        var (key, value) = ("", "");
        while (file.Position < end)
        {
            var tag = ReadVarint(file);
            var bytes = new byte[checked((int)Math.Min(ReadVarint(file), 4096))];
            file.ReadExactly(bytes);
            if (tag >> 3 == 1)
                key = Encoding.UTF8.GetString(bytes);
            else
                value = Encoding.UTF8.GetString(bytes);
        }
        return (key, value);
    }

    // Yields the end of each length-delimited field of this number, the stream standing at its start; others are skipped.
    private static IEnumerable<long> Fields(Stream file, ulong number, long end)
    {
        while (file.Position < end)
        {
            var tag = ReadVarint(file);
            var length = (tag & 7) switch
            {
                0 => SkipVarint(file),
                1 => 8,
                LengthDelimited => checked((long)ReadVarint(file)),
                5 => 4,
                _ => throw new EndOfStreamException(),
            };
            var next = file.Position + length;
            if (next > end)
                throw new EndOfStreamException();
            if (tag >> 3 == number && (tag & 7) == LengthDelimited)
                yield return next;
            file.Position = next;
        }
    }

    private static long SkipVarint(Stream file)
    {
        ReadVarint(file);
        return 0;
    }

    private static ulong ReadVarint(Stream file)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = file.ReadByte();
            if (next < 0)
                throw new EndOfStreamException();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new EndOfStreamException();
    }
}
