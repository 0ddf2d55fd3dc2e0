using System.Text.Json;

namespace Inference.Server;

/// <summary>A job could not be written to disk.</summary>
internal sealed class JobStorageException(Exception inner) : Exception("The job could not be stored.", inner);

/// <summary>
/// The files of jobs: <c>ID.json</c> is the record, <c>ID.image</c> the picture to start from, <c>ID.result.json</c> the response. A job exists when
/// its record does, and has succeeded when its result is there. Names are made of ids that <see cref="JobId"/> made, never of what clients send. One
/// process has the directory at a time, or each would run the jobs of the other.
/// </summary>
internal sealed class JobFiles(string directory) : IDisposable
{
    private const string LockName = ".lock";
    private const string RecordEnding = ".json";
    private const string ImageEnding = ".image";
    private const string ResultEnding = ".result.json";
    private FileStream? _lock;

    /// <summary>Takes the directory for this process, for as long as it lives.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Open()
    {
        Directory.CreateDirectory(directory);
        _lock = new(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>Stores a new job and takes the space of its result, so that a disk that fills up later loses no result.</summary>
    /// <exception cref="JobStorageException">It cannot be stored; nothing of it is left.</exception>
    public void Create(JobRecord record, byte[]? image, long resultBytes)
    {
        try
        {
            if (_lock is null)
                throw new IOException("This process could not take the directory of jobs when it started.");
            if (image is not null)
                AtomicFile.Write(PathOf(record.Id, ImageEnding), image);
            AtomicFile.Reserve(PathOf(record.Id, ResultEnding), resultBytes);
            Write(record);
        }
        catch (Exception exception) when (IsStorage(exception))
        {
            Delete(record.Id);
            throw new JobStorageException(exception);
        }
    }

    /// <summary>Replaces the record of a job.</summary>
    /// <exception cref="IOException">It cannot be written; the old one stands.</exception>
    public void Write(JobRecord record) => AtomicFile.Write(PathOf(record.Id, RecordEnding), JsonSerializer.SerializeToUtf8Bytes(record, ServerJson.Default.JobRecord));

    /// <summary>Stores the result; from then on the job has succeeded, whatever happens to the process.</summary>
    /// <exception cref="JobStorageException">It cannot be stored.</exception>
    public void WriteResult(string id, byte[] result)
    {
        try
        {
            AtomicFile.Write(PathOf(id, ResultEnding), result);
        }
        catch (Exception exception) when (IsStorage(exception))
        {
            throw new JobStorageException(exception);
        }
    }

    /// <summary>The result of a job; null when it has none any more.</summary>
    public async Task<byte[]?> ReadResultAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(id, ResultEnding), cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The picture to start from, or null.</summary>
    public byte[]? ReadImage(string id) => File.Exists(PathOf(id, ImageEnding)) ? File.ReadAllBytes(PathOf(id, ImageEnding)) : null;

    /// <summary>Bytes a job takes, without what is reserved.</summary>
    public long SizeOf(string id) => new[] { RecordEnding, ImageEnding, ResultEnding }.Select(ending => new FileInfo(PathOf(id, ending))).Where(file => file.Exists).Sum(file => file.Length);

    /// <summary>Removes the result of a job, or the space that is reserved for it.</summary>
    public void DeleteResult(string id)
    {
        TryDelete(PathOf(id, ResultEnding));
        TryDelete(PathOf(id, ResultEnding + AtomicFile.Unfinished));
    }

    /// <summary>Takes the space of the result of a job that an earlier process left; without it the result still goes where there is room.</summary>
    public void TryReserve(string id, long bytes)
    {
        try
        {
            AtomicFile.Reserve(PathOf(id, ResultEnding), bytes);
        }
        catch (Exception exception) when (IsStorage(exception))
        {
            // There may be room by the time it is needed.
        }
    }

    /// <summary>Removes all of a job. A file that cannot be removed stays until the next start.</summary>
    public void Delete(string id)
    {
        // The record first: without it the rest is rubbish that the next start clears away.
        foreach (var ending in new[] { RecordEnding, ImageEnding, ResultEnding })
            foreach (var name in new[] { ending, ending + AtomicFile.Unfinished })
                TryDelete(PathOf(id, name));
    }

    /// <summary>Reads the records of an earlier process and clears away what it left unfinished.</summary>
    /// <param name="warn">Told of files that are no records.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public IReadOnlyList<JobRecord> Load(Action<string> warn)
    {
        var records = new List<JobRecord>();
        foreach (var path in Directory.EnumerateFiles(directory, "*" + AtomicFile.Unfinished))
            TryDelete(path);
        foreach (var path in Directory.EnumerateFiles(directory, "job_*" + RecordEnding).Where(path => JobId.IsValid(Path.GetFileNameWithoutExtension(path))))
            if (Read(path, warn) is { } record)
                records.Add(WithResult(record));
        var known = records.Select(record => record.Id).ToHashSet();
        foreach (var path in Directory.EnumerateFiles(directory, "job_*" + ResultEnding).Concat(Directory.EnumerateFiles(directory, "job_*" + ImageEnding)))
            if (!known.Contains(Path.GetFileName(path).Split('.')[0]))
                TryDelete(path);
        return records;
    }

    // The process may have died between the result and the record that tells of it.
    private JobRecord WithResult(JobRecord record)
    {
        var result = PathOf(record.Id, ResultEnding);
        return record.Finished is null && File.Exists(result) ? record with { Status = JobStatus.Succeeded, Finished = File.GetLastWriteTimeUtc(result) } : record;
    }

    public void Dispose() => _lock?.Dispose();

    private static JobRecord? Read(string path, Action<string> warn)
    {
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), ServerJson.Default.JobRecord);
            if (record?.Id == Path.GetFileNameWithoutExtension(path))
                return record;
            warn($"{path} is not the record of a job.");
        }
        catch (Exception exception) when (exception is JsonException || IsStorage(exception))
        {
            warn($"{path} is not the record of a job: {exception.Message}");
        }
        return null;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (IsStorage(exception))
        {
            // The next start tries again.
        }
    }

    private static bool IsStorage(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private string PathOf(string id, string ending) => Path.Combine(directory, id + ending);
}
