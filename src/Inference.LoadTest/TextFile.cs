namespace Inference.LoadTest;

/// <summary>Input files; what cannot be read is a problem for the user.</summary>
internal static class TextFile
{
    private const long MaxBytes = 64 << 20;

    /// <exception cref="LoadTestException">The file does not exist, is too large or cannot be read.</exception>
    public static string Read(string path, string what)
    {
        try
        {
            if (!File.Exists(path))
                throw new LoadTestException($"the {what} file '{path}' does not exist");
            if (new FileInfo(path).Length > MaxBytes)
                throw new LoadTestException($"the {what} file '{path}' is larger than {MaxBytes >> 20} MiB");
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LoadTestException($"the {what} file '{path}' cannot be read: {exception.Message}");
        }
    }

    /// <exception cref="LoadTestException">As <see cref="Read"/>.</exception>
    public static string[] ReadLines(string path, string what) => Read(path, what).Split('\n').Select(line => line.TrimEnd('\r')).ToArray();

    public static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
