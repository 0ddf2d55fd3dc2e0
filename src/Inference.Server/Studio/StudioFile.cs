using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Inference.Server;

/// <summary>One file of the studio.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ContentType">What they are.</param>
internal sealed record StudioFile(byte[] Content, string ContentType)
{
    private const string ResourcePrefix = "studio/";

    /// <summary>Changes with the content, so that browsers ask whether what they have is still right.</summary>
    public EntityTagHeaderValue Tag => new($"\"{Convert.ToHexStringLower(SHA256.HashData(Content).AsSpan(0, 8))}\"");

    /// <summary>The files inside this assembly, by their paths from the studio's root.</summary>
    public static IReadOnlyDictionary<string, StudioFile> ReadAll()
    {
        var assembly = typeof(StudioFile).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).ToDictionary(name => name[ResourcePrefix.Length..], name =>
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var content = new byte[resource.Length];
            resource.ReadExactly(content);
            return new StudioFile(content, TypeOf(Path.GetExtension(name)));
        });
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"The studio has a file of an unknown kind: {extension}."),
    };
}
