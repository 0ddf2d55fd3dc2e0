using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>What is asked for: kinds of requests with weights. Request i of a seed is the same in every run, whatever the timing.</summary>
public sealed class Mix
{
    private readonly Weighted<MixEntry> _entries;

    internal Mix(string description, Weighted<MixEntry> entries)
    {
        Description = description;
        _entries = entries;
    }

    /// <summary>For reports.</summary>
    public string Description { get; }

    /// <summary>One picture of a fixed prompt, everything else left to the server.</summary>
    public static Mix Default { get; } = MixReader.Parse("""{ "requests": [{ "name": "default", "prompt": "a red apple on a blue background", "seed": "random" }] }""", ".", "built in: one picture, the server's own settings, random seeds");

    /// <summary>Reads a mix file; prompts files are relative to it.</summary>
    /// <exception cref="LoadTestException">The file cannot be read, or fields are wrong: all of them are named.</exception>
    public static Mix Load(string path) => MixReader.Parse(TextFile.Read(path, "mix"), Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path));

    /// <summary>The request at a place.</summary>
    public ImageRequest Draw(int index, long seed)
    {
        var random = new SeededRandom(seed, Streams.Request(index));
        return _entries.Pick(random).Draw(index, random);
    }

    /// <summary>A mix whose bodies name a model where the file names none.</summary>
    public Mix WithModel(string model)
    {
        var field = MixField.All.Single(field => field.Name == "model");
        var value = new Weighted<JsonElement>([(JsonSerializer.SerializeToElement(model), 1)]);
        return new(Description, new([.. _entries.Choices.Select(choice =>
            (choice.Value.Fields.Any(set => set.Field == field) ? choice.Value : choice.Value with { Fields = [.. choice.Value.Fields, (field, value)] }, choice.Weight))]));
    }
}
