using Microsoft.Data.Sqlite;

namespace Inference.Experiments;

/// <summary>How much an experiment has.</summary>
/// <param name="Results">Runs that clients waited for.</param>
/// <param name="Pairs">Requests that other arms were run for too.</param>
/// <param name="Votes">Votes.</param>
public readonly record struct ExperimentCounts(int Results, int Pairs, int Votes);

/// <summary>Experiments, results and votes in a SQLite file. A write that has completed survives the end of the process, however it ends.</summary>
public sealed class ExperimentStore : IAsyncDisposable
{
    private readonly StoreFile _file;
    private readonly StoreWriter _writer;

    private ExperimentStore(StoreFile file) => (_file, _writer) = (file, new(file));

    /// <summary>Opens a file, or makes it.</summary>
    /// <exception cref="ExperimentStoreException">It is used by another process, is damaged, or is no such file.</exception>
    public static ExperimentStore Open(string path) => new(new(path));

    /// <summary>All experiments, the oldest first.</summary>
    /// <exception cref="ExperimentStoreException">They cannot be read.</exception>
    public IReadOnlyList<Experiment> Experiments() => Read("SELECT id, definition, created, stopped, reason FROM experiments ORDER BY created, id", _ => { }, row => new Experiment
    {
        Id = row.GetString(0),
        Definition = DefinitionText.Read(row.GetString(1)),
        Created = Time(row.GetInt64(2)),
        Stopped = row.IsDBNull(3) ? null : Time(row.GetInt64(3)),
        Reason = row.IsDBNull(4) ? null : Enum.Parse<StopReason>(row.GetString(4)),
    });

    /// <summary>Results of an experiment in the order they came.</summary>
    /// <inheritdoc cref="Experiments"/>
    public IReadOnlyList<ExperimentResult> Results(string experiment) => Read(
        "SELECT arm, pair, is_primary, unit, created, latency_ms, service_ms, evaluations, full_share, psnr, ssim, gmsd FROM results WHERE experiment = $experiment ORDER BY id",
        command => command.Parameters.AddWithValue("$experiment", experiment),
        row => new ExperimentResult
        {
            Arm = row.GetInt32(0),
            Pair = row.GetInt64(1),
            IsPrimary = row.GetBoolean(2),
            Unit = row.GetInt64(3),
            Created = Time(row.GetInt64(4)),
            LatencyMs = row.GetDouble(5),
            ServiceMs = row.GetDouble(6),
            Evaluations = row.GetDouble(7),
            FullShare = row.GetDouble(8),
            Similarity = row.IsDBNull(9) ? null : new(row.GetDouble(9), Optional(row, 10), Optional(row, 11)),
        });

    /// <summary>Votes of an experiment in the order they came.</summary>
    /// <inheritdoc cref="Experiments"/>
    public IReadOnlyList<Vote> Votes(string experiment) => Read(
        "SELECT first, second, choice, created, user FROM votes WHERE experiment = $experiment ORDER BY id",
        command => command.Parameters.AddWithValue("$experiment", experiment),
        row => new Vote(row.GetInt32(0), row.GetInt32(1), Enum.Parse<VoteChoice>(row.GetString(2)), Time(row.GetInt64(3)), row.IsDBNull(4) ? null : row.GetString(4)));

    /// <summary>How much an experiment has.</summary>
    /// <inheritdoc cref="Experiments"/>
    public ExperimentCounts Counts(string experiment) => Read(
        """
        SELECT (SELECT count(*) FROM results WHERE experiment = $experiment AND is_primary = 1),
               (SELECT count(DISTINCT pair) FROM results WHERE experiment = $experiment AND is_primary = 0),
               (SELECT count(*) FROM votes WHERE experiment = $experiment)
        """,
        command => command.Parameters.AddWithValue("$experiment", experiment),
        row => new ExperimentCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)))[0];

    /// <summary>Adds an experiment.</summary>
    /// <exception cref="ExperimentStoreException">It could not be written.</exception>
    public Task AddAsync(Experiment experiment, CancellationToken cancellationToken) => WriteAsync(
        "INSERT INTO experiments (id, definition, created) VALUES ($id, $definition, $created)",
        [("$id", experiment.Id), ("$definition", DefinitionText.Write(experiment.Definition)), ("$created", experiment.Created.ToUnixTimeMilliseconds())], cancellationToken);

    /// <summary>Keeps that an experiment has stopped.</summary>
    /// <inheritdoc cref="AddAsync(Experiment, CancellationToken)"/>
    public Task StopAsync(string experiment, DateTimeOffset when, StopReason reason, CancellationToken cancellationToken) => WriteAsync(
        "UPDATE experiments SET stopped = $stopped, reason = $reason WHERE id = $id AND stopped IS NULL",
        [("$id", experiment), ("$stopped", when.ToUnixTimeMilliseconds()), ("$reason", reason.ToString())], cancellationToken);

    /// <summary>Removes an experiment with its results and votes.</summary>
    /// <inheritdoc cref="AddAsync(Experiment, CancellationToken)"/>
    public Task RemoveAsync(string experiment, CancellationToken cancellationToken) => WriteAsync("DELETE FROM experiments WHERE id = $id", [("$id", experiment)], cancellationToken);

    /// <summary>Adds a result.</summary>
    /// <inheritdoc cref="AddAsync(Experiment, CancellationToken)"/>
    public Task AddAsync(string experiment, ExperimentResult result, CancellationToken cancellationToken) => WriteAsync(
        """
        INSERT INTO results (experiment, arm, pair, is_primary, unit, created, latency_ms, service_ms, evaluations, full_share, psnr, ssim, gmsd)
        VALUES ($experiment, $arm, $pair, $primary, $unit, $created, $latency, $service, $evaluations, $share, $psnr, $ssim, $gmsd)
        """,
        [
            ("$experiment", experiment), ("$arm", result.Arm), ("$pair", result.Pair), ("$primary", result.IsPrimary), ("$unit", result.Unit), ("$created", result.Created.ToUnixTimeMilliseconds()),
            ("$latency", result.LatencyMs), ("$service", result.ServiceMs), ("$evaluations", result.Evaluations), ("$share", result.FullShare),
            ("$psnr", result.Similarity?.Psnr), ("$ssim", result.Similarity?.Ssim), ("$gmsd", result.Similarity?.Gmsd),
        ],
        cancellationToken);

    /// <summary>Keeps how like the reference's pictures those of a result are.</summary>
    /// <inheritdoc cref="AddAsync(Experiment, CancellationToken)"/>
    public Task CompareAsync(string experiment, long pair, int arm, Similarity similarity, CancellationToken cancellationToken) => WriteAsync(
        "UPDATE results SET psnr = $psnr, ssim = $ssim, gmsd = $gmsd WHERE experiment = $experiment AND pair = $pair AND arm = $arm",
        [("$experiment", experiment), ("$pair", pair), ("$arm", arm), ("$psnr", similarity.Psnr), ("$ssim", similarity.Ssim), ("$gmsd", similarity.Gmsd)], cancellationToken);

    /// <summary>Adds a vote.</summary>
    /// <inheritdoc cref="AddAsync(Experiment, CancellationToken)"/>
    public Task AddAsync(string experiment, Vote vote, CancellationToken cancellationToken) => WriteAsync(
        "INSERT INTO votes (experiment, first, second, choice, created, user) VALUES ($experiment, $first, $second, $choice, $created, $user)",
        [("$experiment", experiment), ("$first", vote.First), ("$second", vote.Second), ("$choice", vote.Choice.ToString()), ("$created", vote.Created.ToUnixTimeMilliseconds()), ("$user", vote.User)],
        cancellationToken);

    /// <summary>Waits for the writes that were taken, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _file.Dispose();
    }

    private Task WriteAsync(string sql, (string Name, object? Value)[] parameters, CancellationToken cancellationToken) => _writer.WriteAsync(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            command.ExecuteNonQuery();
        },
        cancellationToken);

    private IReadOnlyList<T> Read<T>(string sql, Action<SqliteCommand> bind, Func<SqliteDataReader, T> row)
    {
        try
        {
            using var connection = _file.Connect();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            bind(command);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
                rows.Add(row(reader));
            return rows;
        }
        catch (SqliteException exception)
        {
            throw _file.Explain(exception);
        }
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static double? Optional(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
