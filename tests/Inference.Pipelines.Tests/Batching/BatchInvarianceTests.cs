using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;
using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>What a request gets does not depend on whom it meets: alone, in full batches and joined in mid-flight, for every sampler of the registry.</summary>
public sealed class BatchInvarianceTests(ITestOutputHelper output)
{
    private const double EvaluationTolerance = 1e-5;
    private const double LatentTolerance = 1e-4;
    private static readonly LatentShape Shape = new(8, 16, 16);

    [Fact]
    public async Task EverySampler_GivesTheSameLatents_Alone_InFullBatches_AndJoinedInMidFlight()
    {
        var watch = new MixWatch();
        using var model = new Model(watch);
        var requests = Requests(model.Pipeline);
        var alone = new Dictionary<string, float[]>();
        foreach (var request in requests)
            alone.Add(request.Sampler!, (await model.Pipeline.TraceAsync(request)).Latents[0]);

        watch.Reset();
        var together = await Task.WhenAll(requests.Select(request => model.Pipeline.TraceAsync(request)));
        output.WriteLine($"{requests.Length} samplers together: up to {watch.Rows} rows, {watch.Samplers} samplers, {watch.Timesteps} timesteps in a batch");
        Assert.True(watch is { Rows: >= 16, Samplers: >= 3, Timesteps: >= 3 });

        // The second half joins while the first is under way, and the other way round.
        var midFlight = new Dictionary<string, float[]>();
        foreach (var parity in new[] { 0, 1 })
        {
            watch.Reset();
            var first = Task.WhenAll(requests.Where((_, i) => i % 2 == parity).Select(request => model.Pipeline.TraceAsync(request)));
            await watch.ReachedAsync(batches: 4);
            var late = requests.Where((_, i) => i % 2 != parity).ToArray();
            Assert.False(first.IsCompleted);
            foreach (var (request, trace) in late.Zip(await Task.WhenAll(late.Select(request => model.Pipeline.TraceAsync(request)))))
                midFlight.Add(request.Sampler!, trace.Latents[0]);
            await first;
        }

        var failures = requests.Zip(together, (request, trace) => (request.Sampler, Error: Math.Max(Error(alone[request.Sampler!], trace.Latents[0]), Error(alone[request.Sampler!], midFlight[request.Sampler!])))).ToArray();
        output.WriteLine(string.Join('\n', failures.OrderByDescending(entry => entry.Error).Select(entry => $"{entry.Sampler}: {entry.Error:E1} of std")));
        Assert.All(failures, entry => Assert.True(entry.Error <= LatentTolerance, $"{entry.Sampler}: {entry.Error:E1} of std"));
    }

    [Fact]
    public async Task OneEvaluation_IsTheSame_InAFullBatch()
    {
        using var model = new Model(null);
        var prompt = (await model.Pipeline.Parts.Conditioner.EncodeAsync(new("a star", null, 0, 1, new(128, 128)), default)).Conditional;
        var noise = new TorchCpuNoise(5);
        var key = new BatchKey(BatchKey.Full, Shape, prompt.ShapeKey);
        NetworkRow Row(int draw)
        {
            var input = Latent.Rent(Shape);
            noise.Fill(draw, input);
            return new(input, 999 - 60 * draw, prompt, Latent.Rent(Shape));
        }
        NetworkRow[] together = [.. Enumerable.Range(0, 16).Select(Row)];
        model.Pipeline.Parts.Denoiser.Evaluate(key, together);
        var worst = 0.0;
        for (var i = 0; i < together.Length; i++)
        {
            var alone = Row(i);
            model.Pipeline.Parts.Denoiser.Evaluate(key, [alone]);
            worst = Math.Max(worst, Error(alone.Output.Values.ToArray(), together[i].Output.Values.ToArray()));
        }
        output.WriteLine($"one evaluation: {worst:E1} of std");
        Assert.True(worst <= EvaluationTolerance, $"{worst}");
    }

    [Fact]
    public async Task Solo_GivesEqualBytes_WhomeverItMeets()
    {
        using var model = new Model(null);
        var solo = new GenerationRequest { Prompt = "a red apple", Steps = 6, Seed = 3, Sampler = "dpmpp-2m", Sharing = LaneSharing.Solo };
        var alone = (await model.Pipeline.TraceAsync(solo)).Latents[0];
        var strangers = Requests(model.Pipeline).Take(7).Select(request => model.Pipeline.TraceAsync(request)).ToArray();
        var among = (await model.Pipeline.TraceAsync(solo)).Latents[0];
        await Task.WhenAll(strangers);
        var again = (await model.Pipeline.TraceAsync(solo)).Latents[0];
        Assert.Equal(alone, among);
        Assert.Equal(alone, again);
    }

    // One request for every sampler the model can be sampled with; steps, guidance and seeds differ.
    private static GenerationRequest[] Requests(DiffusionPipeline pipeline)
    {
        var requests = SamplerRegistry.All
            .Select((sampler, i) => new GenerationRequest { Prompt = $"picture {i}", Sampler = sampler.Id, Steps = 5 + i % 4, GuidanceScale = 1 + i % 3 * 1.5, Seed = i })
            .Where(request => IsPossible(pipeline, request)).ToArray();
        Assert.True(requests.Length >= 15, $"only {requests.Length} samplers");
        return requests;
    }

    private static bool IsPossible(DiffusionPipeline pipeline, GenerationRequest request)
    {
        try
        {
            pipeline.Check(request, new());
            return true;
        }
        catch (InvalidRequestException invalid) when (invalid.Problems.All(problem => problem.Parameter == "sampler"))
        {
            return false;
        }
    }

    private static double Error(float[] expected, float[] actual) => new GoldenTensor([], expected).RelativeError(actual);

    private sealed class Model : IDisposable
    {
        private readonly PipelineHost _host;

        public Model(IBatchObserver? observer)
        {
            _host = new(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new()), new(), TimeProvider.System, observer);
            Pipeline = DiffusionPipeline.Load(EmbeddedModel.Folder, _host);
        }

        public DiffusionPipeline Pipeline { get; }

        public void Dispose()
        {
            Pipeline.Dispose();
            _host.Dispose();
        }
    }

    /// <summary>Remembers the most mixed batch, and lets a test wait for a number of batches.</summary>
    private sealed class MixWatch : IBatchObserver
    {
        private readonly SemaphoreSlim _batches = new(0);

        public int Rows { get; private set; }

        public int Samplers { get; private set; }

        public int Timesteps { get; private set; }

        public void Reset()
        {
            (Rows, Samplers, Timesteps) = (0, 0, 0);
            while (_batches.Wait(0))
            {
            }
        }

        public async Task ReachedAsync(int batches)
        {
            for (var i = 0; i < batches; i++)
                Assert.True(await _batches.WaitAsync(TimeSpan.FromSeconds(60)));
        }

        public void OnBatch(in BatchReport report)
        {
            // The batch that is most of what is wanted; the fullest may be the first one, where all are at the same timestep.
            if (Score(report.Rows, report.Labels, report.Timesteps) >= Score(Rows, Samplers, Timesteps))
                (Rows, Samplers, Timesteps) = (report.Rows, report.Labels, report.Timesteps);
            _batches.Release();
        }

        private static double Score(int rows, int samplers, int timesteps) => Math.Min(rows / 16.0, Math.Min(samplers, timesteps) / 3.0);
    }
}
