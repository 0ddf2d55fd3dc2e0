using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Inference.Experiments;

/// <summary>Writes one after the other on one connection; what waits is committed together, so that the disk is waited for once and not for each.</summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private const int MostWaiting = 1_024;
    private const int MostTogether = 128;

    private readonly Channel<Write> _waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly StoreFile _file;
    private readonly Task _loop;

    public StoreWriter(StoreFile file)
    {
        _file = file;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Writes; completes when it is on disk.</summary>
    /// <exception cref="ExperimentStoreException">It could not be written.</exception>
    public async Task WriteAsync(Action<SqliteConnection> action, CancellationToken cancellationToken)
    {
        var write = new Write(action, new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ExperimentStoreException("The experiments file is closed.");
        }
        await write.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for what was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        SqliteConnection? connection = null;
        try
        {
            while (await _waiting.Reader.WaitToReadAsync())
            {
                var together = new List<Write>();
                while (together.Count < MostTogether && _waiting.Reader.TryRead(out var write))
                    together.Add(write);
                try
                {
                    connection ??= _file.Connect();
                    Commit(connection, together);
                }
                catch (SqliteException exception)
                {
                    foreach (var write in together)
                        write.Done.TrySetException(_file.Explain(exception));
                }
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private void Commit(SqliteConnection connection, List<Write> together)
    {
        try
        {
            InTransaction(connection, together);
        }
        catch (SqliteException) when (together.Count > 1)
        {
            // One that cannot be written must not take the others with it.
            foreach (var write in together)
                try
                {
                    InTransaction(connection, [write]);
                }
                catch (SqliteException exception)
                {
                    write.Done.TrySetException(_file.Explain(exception));
                }
        }
    }

    private static void InTransaction(SqliteConnection connection, List<Write> writes)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var write in writes)
            write.Action(connection);
        transaction.Commit();
        foreach (var write in writes)
            write.Done.TrySetResult();
    }

    private sealed record Write(Action<SqliteConnection> Action, TaskCompletionSource Done);
}
