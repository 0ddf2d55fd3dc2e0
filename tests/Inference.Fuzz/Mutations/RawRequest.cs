using System.Text;

namespace Inference.Fuzz;

/// <summary>A request on its way out; every part of it may be nonsense.</summary>
internal sealed class RawRequest
{
    public string Method { get; set; } = "POST";

    public string Path { get; set; } = "/";

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[] Body { get; set; } = [];

    /// <summary>Whether the length of the body may be told wrong, so that the server can wait for more or find the rest a request of its own.</summary>
    public bool IsFramingBroken { get; set; }

    /// <summary>The bytes of the request; characters beyond Latin-1 are cut.</summary>
    public byte[] ToBytes()
    {
        var head = new StringBuilder($"{Method} {Path} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. Body];
    }
}
