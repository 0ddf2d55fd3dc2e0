using System.Globalization;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The golden files: the project's own, or those in the folder that INFERENCE_GOLDEN_DIR names.</summary>
internal static class GoldenFiles
{
    public const string FolderVariable = "INFERENCE_GOLDEN_DIR";

    private static readonly string _own = Path.Combine(AppContext.BaseDirectory, "golden");

    private static readonly Lazy<Dictionary<string, double[]>> _tables = new(ReadTables);

    private static readonly Lazy<IReadOnlyList<GoldenFile>> _files = new(() =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(path => new GoldenFile(path))]);

    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : _own;

    public static IReadOnlyList<GoldenFile> All => _files.Value;

    /// <summary>ᾱ in double by name of the table.</summary>
    public static double[] Table(string name) => _tables.Value[name];

    /// <summary>The text of a file of the folder, or of the project's own where the folder lacks it.</summary>
    public static JsonElement Read(string name)
    {
        var path = Path.Combine(Folder, name);
        return JsonDocument.Parse(File.ReadAllText(File.Exists(path) ? path : Path.Combine(_own, name))).RootElement;
    }

    public static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Null => double.NaN,
        _ => value.GetString() switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            var text => double.Parse(text!, CultureInfo.InvariantCulture),
        },
    };

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    private static Dictionary<string, double[]> ReadTables() =>
        Read("vp_tables.json").GetProperty("tables").EnumerateObject()
            .ToDictionary(table => table.Name, table => Numbers(table.Value.GetProperty("f64").GetProperty("alphas_cumprod")));
}

/// <summary>One golden file.</summary>
internal sealed class GoldenFile(string path)
{
    private readonly Lazy<JsonElement> _root = new(() => JsonDocument.Parse(File.ReadAllText(path)).RootElement);

    public string Name { get; } = Path.GetFileName(path);

    public JsonElement Root => _root.Value;

    /// <summary>The family, or null for files that are not about samplers.</summary>
    public string? Family => Root.ValueKind == JsonValueKind.Object && Root.TryGetProperty("family", out var family) ? family.GetString() : null;

    public IEnumerable<GoldenCase> Cases => Root.GetProperty("cases").EnumerateArray().Select(element => new GoldenCase(this, element));

    /// <summary>One of the file's own mixtures.</summary>
    public GaussianMixture Mixture(string name)
    {
        var problem = Root.GetProperty("problems").GetProperty(name);
        return new(
            GoldenFiles.Numbers(problem.GetProperty("weights")),
            [.. problem.GetProperty("means").EnumerateArray().Select(GoldenFiles.Numbers)],
            GoldenFiles.Numbers(problem.GetProperty("stds")));
    }
}

/// <summary>One case of a golden file.</summary>
internal sealed class GoldenCase(GoldenFile file, JsonElement element)
{
    public const int Dimension = 16;

    public static LatentShape Shape { get; } = new(4, 2, 2);

    public GoldenFile File { get; } = file;

    public JsonElement Element { get; } = element;

    public string Id => Element.GetProperty("id").GetString()!;

    public int Batch => Element.GetProperty("batch").GetInt32();

    public GaussianMixture Mixture => File.Mixture(Element.GetProperty("problem").GetString()!);

    public string? Text(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public JsonElement? Get(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The part of a stored tensor that belongs to a batch item.</summary>
    public static double[] Item(JsonElement tensor, int item) => GoldenFiles.Numbers(tensor)[(item * Dimension)..((item + 1) * Dimension)];

    /// <summary>Allowed |a - b| / max(1, |b|): float32 arithmetic, or what the reference itself differs between float32 and double (README, section 9).</summary>
    public double Tolerance => Math.Max(2e-5, 4 * (Get("f32_vs_f64")?.EnumerateObject().Max(value => GoldenFiles.Number(value.Value)) ?? 0));

    /// <summary>Fails when two tensors differ by more than <paramref name="tolerance"/>.</summary>
    public void Compare(string what, ReadOnlySpan<float> actual, double[] expected, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(actual[i] - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
            Assert.True(difference <= tolerance, string.Create(CultureInfo.InvariantCulture,
                $"{File.Name} {Id}: {what}, value {i} is {actual[i]}, not {expected[i]}: off by {difference:g3}, allowed {tolerance:g3}."));
        }
    }
}
