using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Batching;

/// <summary>What measured costs depend on besides the batch.</summary>
/// <param name="Model">Fingerprint of the model's files.</param>
/// <param name="Provider">Execution providers, in order.</param>
/// <param name="Version">Version of the runtime.</param>
/// <param name="Threads">Threads of one evaluation.</param>
/// <param name="Machine">Processor and number of cores.</param>
public sealed record CostIdentity(string Model, string Provider, string Version, int Threads, string Machine);

/// <summary>Keeps cost curves on disk, one file for each identity, so that a restart need not measure again.</summary>
/// <param name="directory">Directory of the files; made when needed.</param>
public sealed class CostCurveStore(string directory)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Fills <paramref name="curves"/> from disk. False when nothing usable is there: no file, a broken one, or one of another identity.</summary>
    public bool TryLoad(CostIdentity identity, CostCurves curves)
    {
        try
        {
            using var file = File.OpenRead(PathOf(identity));
            if (JsonSerializer.Deserialize<Document>(file, Json) is not { } document || document.Identity != identity || !document.Curves.All(curve => curve.IsPlausible))
                return false;
            foreach (var curve in document.Curves)
                curves.Of(new CostKey(VariantOf(curve), new(curve.Channels, curve.Height, curve.Width))).Restore(curve.Points);
            return document.Curves.Length > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // A cache that cannot be read is no cache; it is measured again.
            return false;
        }
    }

    /// <summary>Writes the curves, replacing what was there in one step.</summary>
    /// <exception cref="IOException">The directory or file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public void Save(CostIdentity identity, CostCurves curves)
    {
        Directory.CreateDirectory(directory);
        var path = PathOf(identity);
        var document = new Document(identity, [.. curves.All.Where(entry => entry.Value.Points.Length > 0)
            .Select(entry => new SavedCurve(entry.Key.Variant.ToString(), entry.Key.Shape.Channels, entry.Key.Shape.Height, entry.Key.Shape.Width, entry.Value.Points))]);
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(document, Json));
        File.Move(draft, path, overwrite: true);
    }

    private static NetworkVariant VariantOf(SavedCurve curve) => NetworkVariant.TryParse(curve.Variant, out var variant) ? variant : NetworkVariant.Full;

    private string PathOf(CostIdentity identity) =>
        Path.Combine(directory, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity.ToString())))[..32]}.json");

    private sealed record Document(CostIdentity Identity, ImmutableArray<SavedCurve> Curves);

    private sealed record SavedCurve(string Variant, int Channels, int Height, int Width, ImmutableArray<CostPoint> Points)
    {
        public bool IsPlausible => NetworkVariant.TryParse(Variant, out _) && new LatentShape(Channels, Height, Width).Length > 0 && !Points.IsDefaultOrEmpty
            && Points.All(point => point.Rows > 0 && double.IsFinite(point.Milliseconds) && point.Milliseconds > 0);
    }
}
