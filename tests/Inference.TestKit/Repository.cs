namespace Inference.TestKit;

/// <summary>The repository the tests were built from.</summary>
public static class Repository
{
    /// <summary>Full path of its root, the folder of Inference.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Full path of a file or folder in it.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Inference.sln")))
                return folder;
        throw new DirectoryNotFoundException($"No Inference.sln above {AppContext.BaseDirectory}.");
    }
}
