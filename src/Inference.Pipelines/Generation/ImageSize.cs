namespace Inference.Pipelines;

/// <summary>Size of a picture in pixels.</summary>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>As in the OpenAI API: <c>WIDTHxHEIGHT</c>.</summary>
    public override string ToString() => $"{Width}x{Height}";

    /// <summary>Reads <c>WIDTHxHEIGHT</c>; both are 1 to 99999.</summary>
    public static bool TryParse(string? text, out ImageSize size)
    {
        size = default;
        var parts = text?.Split('x');
        if (parts is not { Length: 2 } || !IsNumber(parts[0], out var width) || !IsNumber(parts[1], out var height))
            return false;
        size = new(width, height);
        return true;
    }

    private static bool IsNumber(string text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 5 && text.All(char.IsAsciiDigit) && int.TryParse(text, out number) && number > 0;
    }
}
