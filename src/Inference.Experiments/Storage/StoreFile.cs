using Microsoft.Data.Sqlite;

namespace Inference.Experiments;

/// <summary>The SQLite file: opening, checking, tables. One process a file.</summary>
internal sealed class StoreFile : IDisposable
{
    private const long SchemaVersion = 1;

    private const string Schema = """
        CREATE TABLE experiments (id TEXT PRIMARY KEY, definition TEXT NOT NULL, created INTEGER NOT NULL, stopped INTEGER, reason TEXT) STRICT;
        CREATE TABLE results (
          id INTEGER PRIMARY KEY, experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE, arm INTEGER NOT NULL, pair INTEGER NOT NULL, is_primary INTEGER NOT NULL,
          unit INTEGER NOT NULL, created INTEGER NOT NULL, latency_ms REAL NOT NULL, service_ms REAL NOT NULL, evaluations REAL NOT NULL, full_share REAL NOT NULL,
          psnr REAL, ssim REAL, gmsd REAL, UNIQUE (experiment, pair, arm)) STRICT;
        CREATE TABLE votes (
          id INTEGER PRIMARY KEY, experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE, first INTEGER NOT NULL, second INTEGER NOT NULL, choice TEXT NOT NULL,
          created INTEGER NOT NULL, user TEXT) STRICT;
        CREATE INDEX votes_of_experiment ON votes (experiment);
        """;

    private readonly string _path;
    private readonly FileStream _lock;

    /// <param name="path">The file; made when it is missing.</param>
    /// <exception cref="ExperimentStoreException">It is used by another process, is damaged, or is no such file.</exception>
    public StoreFile(string path)
    {
        _path = path;
        try
        {
            _lock = new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ExperimentStoreException($"The experiments file '{path}' cannot be used: another process has it, or its folder cannot be written to ({exception.Message}).", exception);
        }
        try
        {
            Prepare();
        }
        catch (SqliteException exception)
        {
            _lock.Dispose();
            throw Explain(exception);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>A connection; the caller disposes it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, ForeignKeys = true }.ToString());
        try
        {
            connection.Open();
            // Every commit reaches the disk before it is told of: a result that was answered survives even a loss of power.
            Execute(connection, "PRAGMA synchronous = FULL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The error for one of SQLite.</summary>
    public ExperimentStoreException Explain(SqliteException exception) => exception.SqliteErrorCode is 11 or 26
        ? new($"The experiments file '{_path}' is damaged ({exception.Message.TrimEnd('.')}). Restore a copy, or move it away to begin anew.", exception)
        : new($"The experiments file '{_path}' cannot be used: {exception.Message}", exception);

    public void Dispose() => _lock.Dispose();

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Prepare()
    {
        using var connection = Connect();
        // Readers do not wait for the writer, and a commit is one append.
        Execute(connection, "PRAGMA journal_mode = WAL");
        var version = (long)Scalar(connection, "PRAGMA user_version")!;
        if (version == 0 && (long)Scalar(connection, "SELECT count(*) FROM sqlite_schema")! == 0)
        {
            Execute(connection, $"BEGIN; {Schema} PRAGMA user_version = {SchemaVersion}; COMMIT;");
            return;
        }
        if (version != SchemaVersion)
            throw new ExperimentStoreException($"'{_path}' is no experiments file of this version of the server (its version is {version}, expected {SchemaVersion}). Move it away to begin anew.");
        if (Scalar(connection, "PRAGMA quick_check(1)") is not "ok" and var found)
            throw new ExperimentStoreException($"The experiments file '{_path}' is damaged ({found}). Restore a copy, or move it away to begin anew.");
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
