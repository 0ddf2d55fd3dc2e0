using System.Text;
using Inference.Pipelines;

namespace Inference.Fuzz;

/// <summary>Multipart bodies with a picture.</summary>
internal static class Multipart
{
    private static readonly byte[] Picture = ImageCodecs.Vips.Encode(new(32, 32, [.. Enumerable.Range(0, 3 * 32 * 32).Select(i => (byte)(i * 7))]), ImageEncoding.Png());

    /// <summary>A body and the boundary of its parts.</summary>
    public static (byte[] Body, string Boundary) Make(Random random, IReadOnlyList<BodyField> fields)
    {
        const string Boundary = "----fuzz";
        using var body = new MemoryStream();
        var parts = new List<(string Head, byte[] Content)>
        {
            ("Content-Disposition: form-data; name=\"prompt\"", "a red apple"u8.ToArray()),
            ("Content-Disposition: form-data; name=\"num_inference_steps\"", "1"u8.ToArray()),
            ("Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png", random.Next(3) == 0 ? Bytes.Change(random, Picture) : Picture),
        };
        for (var changes = random.Next(3); changes > 0; changes--)
            parts.Insert(random.Next(parts.Count + 1), ($"Content-Disposition: form-data; name=\"{fields[random.Next(fields.Count)].Name}\"", Encoding.UTF8.GetBytes(NastyValues.Pick(random).Trim('"'))));
        if (random.Next(4) == 0)
            parts.RemoveAt(random.Next(parts.Count));
        foreach (var (head, content) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\n{head}\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }
        if (random.Next(10) > 0)
            body.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return (random.Next(6) == 0 ? Bytes.Change(random, body.ToArray()) : body.ToArray(), Boundary);
    }
}
