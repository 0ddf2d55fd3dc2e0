namespace Inference.Server;

/// <summary>Writes files that are there as a whole or not at all, whenever the process dies.</summary>
internal static class AtomicFile
{
    /// <summary>Ending of files that are not whole.</summary>
    public const string Unfinished = ".tmp";

    /// <summary>Takes the space for a file on disk, where the file system can do that, without making the file.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public static void Reserve(string path, long bytes) => File.OpenHandle(path + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, bytes).Dispose();

    /// <summary>Writes a file, in the space reserved for it if there is any, replacing an older one.</summary>
    /// <exception cref="IOException">The disk is full, or the file larger than files may be.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using (var file = File.OpenHandle(path + Unfinished, FileMode.OpenOrCreate, FileAccess.Write))
            try
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.SetLength(file, content.Length);
                // Before it gets its name, or a power failure could leave a name without content.
                RandomAccess.FlushToDisk(file);
            }
            catch (ArgumentOutOfRangeException exception)
            {
                // What .NET makes of EFBIG: beyond the largest file of the file system or of the process's limits.
                throw new IOException("The file is larger than files may be here.", exception);
            }
        File.Move(path + Unfinished, path, overwrite: true);
    }
}
