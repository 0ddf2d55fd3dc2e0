using System.Text;

namespace Inference.Fuzz;

/// <summary>JSON bodies: a valid one, changed in its fields, and then perhaps in its text.</summary>
internal static class JsonBodies
{
    private static readonly (string Name, string Value)[] Valid = [("prompt", "\"a red apple\""), ("num_inference_steps", "1"), ("seed", "1"), ("timeout_ms", "60000")];

    /// <summary>A body.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="fields">Fields that are known.</param>
    public static byte[] Make(Random random, IReadOnlyList<BodyField> fields)
    {
        var entries = Valid.Where(entry => fields.Any(field => field.Name == entry.Name)).ToList();
        for (var changes = random.Next(8) == 0 ? 0 : random.Next(1, 4); changes > 0; changes--)
            Change(random, fields, entries);
        var text = $"{{{string.Join(',', entries.Select(entry => $"\"{entry.Name}\":{entry.Value}"))}}}";
        return Encoding.UTF8.GetBytes(random.Next(20) switch
        {
            0 => $"[{text}]",
            1 => text + text,
            2 => text[..random.Next(text.Length)],
            3 => $" \r\n\t{text} ",
            4 => NastyValues.Pick(random),
            _ => text,
        });
    }

    private static void Change(Random random, IReadOnlyList<BodyField> fields, List<(string Name, string Value)> entries)
    {
        var field = fields[random.Next(fields.Count)];
        var at = random.Next(entries.Count + 1);
        switch (random.Next(16))
        {
            case 0 when at < entries.Count:
                entries.RemoveAt(at);
                break;
            case 1 when at < entries.Count:
                entries.Add(entries[at]);
                break;
            case 2 when at < entries.Count:
                entries[at] = (Garble(random, entries[at].Name), entries[at].Value);
                break;
            case 3:
                entries.Insert(at, (Garble(random, field.Name), NastyValues.Pick(random)));
                break;
            case 4 when at < entries.Count:
                entries[at] = (entries[at].Name, NastyValues.Pick(random));
                break;
            default:
                entries.RemoveAll(entry => entry.Name == field.Name);
                entries.Add((field.Name, random.Next(5) < 3 ? NastyValues.Plausible(random, field.Type) : NastyValues.Pick(random)));
                break;
        }
    }

    private static string Garble(Random random, string name) => random.Next(8) switch
    {
        0 => name.ToUpperInvariant(),
        1 => name + " ",
        2 => "",
        3 => "\\u0000" + name,
        4 => "$." + name,
        5 => "__proto__",
        6 => name + "['a']",
        _ => new string('n', random.Next(1, 300)),
    };
}

/// <summary>A field that a body may have.</summary>
internal sealed record BodyField(string Name, Type Type);
