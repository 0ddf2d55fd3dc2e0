namespace Inference.Fuzz;

/// <summary>Makes request number i of a seed.</summary>
internal sealed class Requests(int seed, IReadOnlyList<(string Path, IReadOnlyList<BodyField> Fields)> endpoints)
{
    private const string Edits = "/v1/images/edits";

    public RawRequest Make(int index)
    {
        // Requests do not depend on each other, so that each can be made again.
        var random = new Random(unchecked(seed * 1_000_003 + index));
        var (path, fields) = endpoints[random.Next(endpoints.Count)];
        var request = new RawRequest { Path = path.Replace("{id}", "some-id", StringComparison.Ordinal) };
        request.Headers.Add(("host", "localhost"));
        var kind = random.Next(100);
        if (kind < 12)
        {
            var (body, boundary) = Multipart.Make(random, endpoints[0].Fields);
            (request.Path, request.Body) = (Edits, body);
            request.Headers.Add(("content-type", $"multipart/form-data; boundary={boundary}"));
        }
        else
        {
            request.Body = JsonBodies.Make(random, fields);
            if (kind < 27)
                request.Body = Bytes.Change(random, request.Body);
            request.Headers.Add(("content-type", "application/json"));
        }
        request.Headers.Add(("content-length", request.Body.Length.ToString()));
        if (kind >= 80)
            HeaderChanges.Change(random, request);
        return request;
    }
}
