namespace Inference.Fuzz;

/// <summary>Changes of method, path and headers.</summary>
internal static class HeaderChanges
{
    private static readonly string[] Names =
        ["content-type", "accept", "x-request-id", "x-inference-timeout-ms", "content-encoding", "authorization", "traceparent", "origin", "expect", "host", "cookie", "x-forwarded-for", "range", "te", "upgrade", "idempotency-key", "accept-language"];

    private static readonly string[] Values =
    [
        "", " ", "application/json", "application/json; charset=utf-7", "application/json;", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "image/png",
        "image/*;q=0.1, */*", "image/png;q=2", ",,,", "gzip", "identity", "br, gzip", "-1", "0", "1", "99999999999999999999", "1e3", "Bearer x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "100-continue",
        "../../etc", "a\tb", "\u00ff", "\u0001", "a;b=c\"", "null", "https://evil.example", "trailers", "h2c", "bytes=0-", "'\"<>{}%00",
    ];

    private static readonly string[] Paths =
        ["/", "//", "/v1", "/v1/images/generations/", "/V1/Images/Generations", "/v1/images/generations?x=1", "/v1/images/generations%00", "/v1/images/../models", "/v1/models/%2e%2e", "/metrics", "/health/ready", "/openapi/v1.json", "/%ff%fe", "/v1/images/generations#a", "*", "http://other/", "/v1/images/edits", "/v1/samplers", "/v1/images/generations/some-id", "/v1/jobs", "/v1/jobs/some-id", "/v1/jobs/..%2f..%2fetc", "/v1/jobs/%00", "/sdapi/v1/samplers", "/sdapi/v1/options", "/sdapi/v1/progress", "/sdapi/v1/interrupt", "/sdapi/v1/sd-models", "/sdapi/v1/nothing"];

    private static readonly string[] Methods = ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "post", "P\u00d6ST", "GENERATE", ""];

    public static void Change(Random random, RawRequest request)
    {
        for (var changes = random.Next(1, 4); changes > 0; changes--)
            switch (random.Next(10))
            {
                case 0:
                    request.Method = Methods[random.Next(Methods.Length)];
                    break;
                case 1:
                    request.Path = Paths[random.Next(Paths.Length)];
                    break;
                case 2:
                    request.Path += new string((char)random.Next(0x21, 0x7e), random.Next(1, 200));
                    break;
                case 3:
                    request.Headers.RemoveAt(random.Next(request.Headers.Count));
                    request.IsFramingBroken = true;
                    break;
                case 4:
                    request.Headers.Add((random.Next(2) == 0 ? "content-length" : "transfer-encoding", random.Next(2) == 0 ? random.Next(-1, 2000).ToString() : "chunked"));
                    request.IsFramingBroken = true;
                    break;
                case 5:
                    request.Headers.Add(($"x-{random.Next()}", new string('v', random.Next(0, 3000))));
                    break;
                case 6:
                    for (var count = random.Next(1, 150); count > 0; count--)
                        request.Headers.Add(($"x-many-{count}", "1"));
                    break;
                default:
                    var (name, value) = (Names[random.Next(Names.Length)], Values[random.Next(Values.Length)]);
                    if (random.Next(3) > 0)
                        request.Headers.RemoveAll(header => header.Name == name);
                    request.Headers.Add((name, value));
                    break;
            }
    }
}
