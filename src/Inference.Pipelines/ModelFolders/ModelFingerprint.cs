using System.Security.Cryptography;
using System.Text;

namespace Inference.Pipelines;

/// <summary>Tells model folders apart without reading gigabytes: SHA-256 over the path, length, head and tail of model_index.json and of every file of the
/// component folders. What else lies beside them, notes, pictures or a calibration, is not the model.</summary>
internal static class ModelFingerprint
{
    private const int Sample = 64 << 10;

    /// <summary>The fingerprint of a folder, in hexadecimal.</summary>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Sample];
        var files = Directory.EnumerateDirectories(folder).SelectMany(component => Directory.EnumerateFiles(component, "*", SearchOption.AllDirectories))
            .Append(Path.Combine(folder, "model_index.json")).Where(File.Exists);
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, path)}:{file.Length}\n"));
            hash.AppendData(buffer, 0, file.ReadAtLeast(buffer, Sample, throwOnEndOfStream: false));
            file.Position = Math.Max(0, file.Length - Sample);
            hash.AppendData(buffer, 0, file.ReadAtLeast(buffer, Sample, throwOnEndOfStream: false));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
