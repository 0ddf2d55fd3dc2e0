namespace Inference.Onnx;

/// <summary>Where a path really leads, the way the kernel walks it: links of folders on the way are followed before <c>..</c> goes up.</summary>
public static class RealPath
{
    // As Linux: more links on one way are taken for a cycle.
    private const int MaxLinks = 40;

    /// <summary>The path without links and without <c>..</c>. Parts that do not exist stay as they are.</summary>
    /// <exception cref="IOException">There are more than 40 links on the way.</exception>
    public static string Of(string path)
    {
        var absolute = Path.IsPathRooted(path) ? path : Path.Combine(Environment.CurrentDirectory, path);
        var root = Path.GetPathRoot(absolute)!;
        var (real, links, pending) = (root, 0, new Stack<string>());
        Push(pending, absolute[root.Length..]);
        while (pending.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MaxLinks)
                throw new IOException($"'{path}' has more than {MaxLinks} links on its way.");
            if (Path.IsPathRooted(target))
                real = root;
            Push(pending, target);
        }
        return real;
    }

    /// <summary>Bytes of the file that the path leads to; <see cref="FileInfo.Length"/> would be the link's own.</summary>
    /// <exception cref="IOException">There is no such file, or more than 40 links on the way.</exception>
    public static long LengthOf(string path) => new FileInfo(Of(path)).Length;

    /// <summary>Whether <paramref name="path"/> really lies below <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">There are more than 40 links on the way.</exception>
    public static bool IsInside(string folder, string path) =>
        Of(path).StartsWith(Of(folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Whether <paramref name="path"/> belongs to the model in <paramref name="folder"/>: it lies below it, or the folder is (part of) a snapshot in
    /// the cache of the Hugging Face hub, whose files are links to the <c>blobs</c> of the same repository, and the path leads to one of them.</summary>
    /// <exception cref="IOException">There are more than 40 links on the way.</exception>
    public static bool IsOfModel(string folder, string path) => IsInside(folder, path) || (Blobs(Of(folder)) is { } blobs && IsInside(blobs, path));

    // models--OWNER--NAME/snapshots/REVISION/COMPONENT beside models--OWNER--NAME/blobs, which must be no link itself.
    private static string? Blobs(string folder)
    {
        for (var (at, up) = (folder, 0); up < 2; (at, up) = (Path.GetDirectoryName(at)!, up + 1))
        {
            if (Path.GetDirectoryName(at) is not { } parent)
                return null;
            if (Path.GetFileName(parent) == "snapshots" && Path.Combine(Path.GetDirectoryName(parent)!, "blobs") is var blobs && Directory.Exists(blobs) && Of(blobs) == blobs)
                return blobs;
        }
        return null;
    }

    private static void Push(Stack<string> pending, string path)
    {
        foreach (var part in path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
            pending.Push(part);
    }
}
