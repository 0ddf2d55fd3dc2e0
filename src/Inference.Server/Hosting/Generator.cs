using System.Reflection;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The way from a request to encoded pictures, whatever API it came by: check, admission, generation, encoding, accounting.</summary>
internal sealed class Generator(ModelHost models, GenerationQueue queue, ServerOptions options, GenerationLimits limits, IImageCodec codec, TimeProvider time)
{
    private static readonly string Version = typeof(Generator).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Checks a request, loading its model if need be.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="hints">What it says beside its body.</param>
    /// <param name="outcome">Learns model and sampler.</param>
    /// <param name="cancellationToken">Ends the waiting for a model.</param>
    /// <exception cref="BadRequestException">The models are not loaded yet, or there is no such model.</exception>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    public async Task<PreparedGeneration> PrepareAsync(ImageRequest asked, RequestHints hints, RequestOutcome outcome, CancellationToken cancellationToken)
    {
        var name = KnownModel(asked.Body.Model);
        outcome.Model = name;
        // Held while the request waits for its turn too: what it was checked against must be what serves it.
        var lease = (await models.Catalog!.AcquireAsync(name, cancellationToken))!;
        try
        {
            var prepared = new PreparedGeneration(lease, GenerationRequestReader.Read(asked.Body, asked.Image, hints, lease.Pipeline, options.Queue, limits));
            outcome.Sampler = prepared.Checked.Settings.Sampler;
            return prepared;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets a request into the queue.</summary>
    /// <exception cref="NotAdmittedException">It would overflow the queue or miss its deadline.</exception>
    public Turn Admit(PreparedGeneration prepared)
    {
        var scheduling = prepared.Checked.Scheduling;
        return queue.Admit(prepared.Pipeline.Predict(prepared.Checked.Request, limits), scheduling.Priority, scheduling.Timeout);
    }

    /// <summary>Waits for the request's turn, generates and encodes its pictures.</summary>
    /// <param name="prepared">The request.</param>
    /// <param name="turn">Its place in the queue; left when the pictures are generated.</param>
    /// <param name="observer">Told of each step; must tell <paramref name="turn"/>.</param>
    /// <param name="life">What ends it early.</param>
    /// <param name="started">When the request came, on the server's clock.</param>
    /// <exception cref="DeadlineMissedException">It ran out of time.</exception>
    /// <exception cref="CancelledByRequestException">It was cancelled by its id.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    /// <exception cref="GenerationFailedException">The result is no picture.</exception>
    public async Task<FinishedGeneration> RunAsync(PreparedGeneration prepared, Turn turn, IGenerationObserver observer, RequestLife life, long started)
    {
        var (result, queueTime) = await GenerateAsync(prepared, turn, observer, life);
        var encodeStarted = time.GetTimestamp();
        var output = prepared.Checked.Output;
        byte[][] files = [.. result.Images.Select(picture => codec.Encode(picture.Image, output.Encoding, picture.Parameters))];
        var timings = Timings(result, queueTime, time.GetElapsedTime(encodeStarted), time.GetElapsedTime(started));
        return new(result, files, output.FormatName, Report(result, timings));
    }

    private async Task<(GenerationResult Result, TimeSpan QueueTime)> GenerateAsync(PreparedGeneration prepared, Turn turn, IGenerationObserver observer, RequestLife life)
    {
        using (turn)
            try
            {
                await turn.Begun.WaitAsync(life.Token);
                var queueTime = time.GetElapsedTime(turn.EnteredAt);
                return (await prepared.Pipeline.GenerateAsync(prepared.Checked.Request, limits, observer, life.Token), queueTime);
            }
            catch (OperationCanceledException cancelled)
            {
                throw life.Explain(cancelled);
            }
    }

    private string KnownModel(string? name)
    {
        if (models.Catalog is not { } catalog)
            throw new BadRequestException(HttpError.Server(StatusCodes.Status503ServiceUnavailable, "The models are still being loaded.", "not_ready", TimeSpan.FromSeconds(1)));
        return catalog.Has(name ?? catalog.DefaultName)
            ? name ?? catalog.DefaultName
            : throw new BadRequestException(HttpError.Invalid($"The model does not exist; GET /v1/models lists those there are: {string.Join(", ", catalog.Entries.Select(entry => entry.Name))}.", "model", "model_not_found", StatusCodes.Status404NotFound));
    }

    private static InferenceReport Report(GenerationResult result, TimingReport timings)
    {
        var settings = result.Settings;
        return new(
            settings.Model, Version, settings.Sampler, settings.Steps, settings.GuidanceScale, result.Images.Sum(image => image.Evaluations),
            [.. result.Images.Select(image => new ImageReport(image.Seed, image.Evaluations, image.Rows, image.Met.Count, image.Met.MeanRows, image.Met.BySize))], timings, result.Warnings);
    }

    private static TimingReport Timings(GenerationResult result, TimeSpan queue, TimeSpan encode, TimeSpan total) => new(
        Round(queue), Round(result.TextTime), Round(result.Images.Max(image => image.DenoiseTime)), Round(result.Images.Max(image => image.DecodeTime)), Round(encode), Round(total));

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
