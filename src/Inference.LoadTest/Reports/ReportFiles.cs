namespace Inference.LoadTest;

/// <summary>Writes reports in every format.</summary>
public static class ReportFiles
{
    private static readonly IReportFormat[] Formats = [new JsonReport(), new MarkdownReport(), new HtmlReport()];

    /// <summary>Writes <c>report.json</c>, <c>report.md</c> and <c>report.html</c> into a folder, which is made; the paths are returned.</summary>
    /// <exception cref="LoadTestException">They cannot be written.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(LoadReport report, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var paths = new List<string>();
            foreach (var format in Formats)
            {
                paths.Add(Path.Combine(folder, format.FileName));
                await File.WriteAllTextAsync(paths[^1], format.Render(report));
            }
            return paths;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LoadTestException($"the report cannot be written to '{folder}': {exception.Message}");
        }
    }

    /// <summary>Makes sure, before a long run, that the folder can be written to.</summary>
    /// <exception cref="LoadTestException">It cannot.</exception>
    public static void EnsureWritable(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var trial = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.WriteAllText(trial, "");
            File.Delete(trial);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LoadTestException($"the report cannot be written to '{folder}': {exception.Message}");
        }
    }
}
