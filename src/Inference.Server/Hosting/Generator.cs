using Inference.Pipelines;

namespace Inference.Server;

/// <summary>The way from a request to encoded pictures, whatever API it came by: check, admission, generation, encoding, accounting.</summary>
internal sealed class Generator(
    ModelHost models, GenerationQueue queue, ServerOptions options, GenerationLimits limits, IImageCodec codec, Availability availability, DeviceHealth device, ExperimentTraffic experiments, PresetTable presets, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Refuses what cannot be served now, before its body is read.</summary>
    /// <exception cref="BadRequestException">The models are not loaded yet.</exception>
    /// <exception cref="ServerStoppingException">The server is stopping.</exception>
    /// <exception cref="DeviceLostException">The device hangs.</exception>
    public void EnsureServing() => availability.Check();

    /// <summary>Checks a request, loading its model if need be.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="hints">What it says beside its body.</param>
    /// <param name="outcome">Learns model and sampler.</param>
    /// <param name="cancellationToken">Ends the waiting for a model.</param>
    /// <exception cref="BadRequestException">There is no such model or experiment.</exception>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    public async Task<PreparedGeneration> PrepareAsync(ImageRequest asked, RequestHints hints, RequestOutcome outcome, CancellationToken cancellationToken)
    {
        if (experiments.Join(asked, hints) is not { } part)
            return await PrepareItselfAsync(asked, hints, outcome, cancellationToken);
        try
        {
            var ofArm = asked with { Body = ArmOptions.Apply(asked.Body, part.In.Definition.Arms[part.Arm].Options) };
            return await PrepareItselfAsync(ofArm, hints, outcome, cancellationToken) with { Participation = part };
        }
        catch (Exception exception) when (asked.Body.Experiment is null && exception is (InvalidRequestException or BadRequestException))
        {
            // Nobody who did not ask for an experiment is refused because of one.
            return await PrepareItselfAsync(asked, hints, outcome, cancellationToken);
        }
    }

    /// <summary>Checks options of which the rest of the request is not known yet.</summary>
    /// <exception cref="BadRequestException">There is no such model.</exception>
    /// <exception cref="InvalidRequestException">Something cannot be served; all problems at once.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    public async Task CheckOptionsAsync(ImageGenerationBody options, CancellationToken cancellationToken)
    {
        using var lease = (await models.Catalog!.AcquireAsync(KnownModel(presets.Of(options)?.Model ?? options.Model), cancellationToken))!;
        var body = lease.Pipeline.Classes == 0 ? options with { Prompt = "a picture" } : options with { ClassLabel = 0 };
        using var prepared = await PrepareItselfAsync(new(body, null), RequestHints.None, new(), cancellationToken);
    }

    private async Task<PreparedGeneration> PrepareItselfAsync(ImageRequest asked, RequestHints hints, RequestOutcome outcome, CancellationToken cancellationToken)
    {
        var preset = presets.Of(asked.Body);
        if (preset is not null)
            asked = asked with { Body = ArmOptions.Apply(asked.Body, preset.Options.ToJsonString()) with { Model = preset.Model } };
        var name = KnownModel(asked.Body.Model);
        outcome.Model = name;
        // Held while the request waits for its turn too: what it was checked against must be what serves it.
        var lease = (await models.Catalog!.AcquireAsync(name, cancellationToken))!;
        try
        {
            if (preset is not null)
                PresetTable.Check(preset, lease.Pipeline);
            var read = GenerationRequestReader.Read(asked.Body, asked.Image, hints, lease.Pipeline, options.Queue, limits);
            outcome.Sampler = read.Settings.Sampler;
            var cost = await lease.Pipeline.PredictAsync(read.Request, limits, cancellationToken);
            return cost.FeatureBytes <= options.Queue.MaxFeatureBytes
                ? new(lease, read, cost)
                : throw new InvalidRequestException([new("cache",
                    $"What 'cache' would keep takes {cost.FeatureBytes} bytes, more than this server allows ({options.Queue.MaxFeatureBytes}): choose a lower order, modules 'lite', fewer pictures or a smaller size.")]);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets a request into the queue.</summary>
    /// <exception cref="ServerStoppingException">The server is stopping.</exception>
    /// <exception cref="NotAdmittedException">It would overflow the queue or miss its deadline.</exception>
    public Turn Admit(PreparedGeneration prepared)
    {
        var scheduling = prepared.Checked.Scheduling;
        return queue.Admit(prepared.Cost, scheduling.Priority, scheduling.Timeout);
    }

    /// <summary>Waits for the request's turn, generates and encodes its pictures.</summary>
    /// <param name="prepared">The request.</param>
    /// <param name="turn">Its place in the queue; left when the pictures are generated.</param>
    /// <param name="life">What ends it early.</param>
    /// <param name="started">When the request came, on the server's clock.</param>
    /// <param name="observers">Watch the generation.</param>
    /// <exception cref="DeviceLostException">The device hangs.</exception>
    /// <exception cref="DeadlineMissedException">It ran out of time.</exception>
    /// <exception cref="CancelledByRequestException">It was cancelled by its id.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    /// <exception cref="GenerationFailedException">The result is no picture.</exception>
    public async Task<FinishedGeneration> RunAsync(PreparedGeneration prepared, Turn turn, RequestLife life, long started, params IGenerationObserver[] observers)
    {
        var (result, queueTime) = await device.AwaitAsync(GenerateAsync(prepared, turn, life, observers), life.Cancel);
        var encodeStarted = time.GetTimestamp();
        var output = prepared.Checked.Output;
        byte[][] files = [.. result.Images.Select(picture => codec.Encode(picture.Image, output.Encoding, picture.Parameters, PictureRequest.Of(prepared.Checked, picture.Seed)))];
        var timings = Timings(result, queueTime, time.GetElapsedTime(encodeStarted), time.GetElapsedTime(started));
        var finished = new FinishedGeneration(result, files, output.FormatName, Report(result, timings));
        return prepared.Participation is { } part ? await experiments.RecordAsync(part, prepared, finished, life.Token) : finished;
    }

    private async Task<(GenerationResult Result, TimeSpan QueueTime)> GenerateAsync(PreparedGeneration prepared, Turn turn, RequestLife life, IGenerationObserver[] observers)
    {
        using (turn)
            try
            {
                await turn.Begun.WaitAsync(life.Token);
                var queueTime = time.GetElapsedTime(turn.EnteredAt);
                var all = new Observers([turn, new StepClock(metrics, prepared.Pipeline.Name, time), .. observers]);
                return (await prepared.Pipeline.GenerateAsync(prepared.Checked.Request, limits, all, life.Token), queueTime);
            }
            catch (OperationCanceledException cancelled)
            {
                throw life.Explain(cancelled);
            }
    }

    private string KnownModel(string? name)
    {
        var catalog = models.Catalog!;
        return catalog.Has(name ?? catalog.DefaultName)
            ? name ?? catalog.DefaultName
            : throw new BadRequestException(HttpError.Invalid($"The model does not exist; GET /v1/models lists those there are: {string.Join(", ", catalog.Entries.Select(entry => entry.Name))}.", "model", "model_not_found", StatusCodes.Status404NotFound));
    }

    private static InferenceReport Report(GenerationResult result, TimingReport timings)
    {
        var settings = result.Settings;
        return new(
            settings.Model, ServerVersion.Text, settings.Sampler, settings.Steps, settings.GuidanceScale, result.Images.Sum(image => image.Evaluations),
            [.. result.Images.Select(image => new ImageReport(image.Seed, image.Evaluations, image.Rows, image.Met.Count, image.Met.MeanRows, image.Met.BySize, Report(image.Cache), Report(image)))], timings, result.Warnings);
    }

    private static CacheReport? Report(CacheUse? cache) => cache is null ? null : new(cache.Policy, Math.Round(cache.FullShare, 4), cache.Bytes);

    private static ParallelReport? Report(GeneratedImage image) => image.Parallel is not { } use ? null : new(
        use.Method, use.Iterations, use.Rounds, use.Evaluations, [.. use.Windows.Select(window => (IReadOnlyList<int>)[window.Begin, window.End])], image.Run);

    private static TimingReport Timings(GenerationResult result, TimeSpan queue, TimeSpan encode, TimeSpan total) => new(
        Round(queue), Round(result.TextTime), Round(result.Images.Max(image => image.DenoiseTime)), Round(result.Images.Max(image => image.DecodeTime)), Round(encode), Round(total));

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
