using System.Collections.Concurrent;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Clients with requests that have little in common, on a model that shares batches and on one that does not, in turns.</summary>
internal static class LoadArms
{
    private static readonly string[] Samplers = ["euler", "dpmpp-2m", "unipc", "deis", "heun"];
    private const int LeastSteps = 8;
    private const int MostSteps = 30;
    private const int LargestGuidance = 7;

    public static async Task<LoadCheck> RunAsync(DiffusionPipeline batched, DiffusionPipeline single, DeviceCheckPlan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        DiffusionPipeline[] arms = [batched, single];
        var seconds = new double[arms.Length];
        foreach (var arm in arms)
        {
            await arm.WarmUpAsync(cancellationToken);
            await RoundAsync(arm, -1, plan.Clients);
        }
        for (var round = 0; round < plan.LoadRounds; round++)
            for (var i = 0; i < arms.Length; i++)
            {
                var at = (i + round) % arms.Length;
                var started = time.GetTimestamp();
                await RoundAsync(arms[at], round, plan.Requests);
                seconds[at] += time.GetElapsedTime(started).TotalSeconds;
            }
        double pictures = plan.LoadRounds * plan.Requests;
        return new(plan.Clients, pictures / seconds[0], pictures / seconds[1]);

        async Task RoundAsync(DiffusionPipeline pipeline, int round, int requests)
        {
            var queue = new ConcurrentQueue<GenerationRequest>(Enumerable.Range(0, requests).Select(i => Request(pipeline, round * requests + i)));
            await Task.WhenAll(Enumerable.Range(0, plan.Clients).Select(async _ =>
            {
                while (queue.TryDequeue(out var request))
                    await pipeline.GenerateAsync(request, new(), null, cancellationToken);
            }));
        }
    }

    // The same requests in both arms.
    private static GenerationRequest Request(DiffusionPipeline pipeline, int index)
    {
        var random = new Random(index);
        var sampler = Samplers[Math.Abs(index) % Samplers.Length];
        return new()
        {
            Prompt = CheckPrompts.At(random.Next()),
            Seed = Math.Abs(index),
            Steps = random.Next(LeastSteps, MostSteps + 1),
            GuidanceScale = random.Next(1, LargestGuidance + 1),
            Sampler = pipeline.Samplers.Any(known => known.Id == sampler) ? sampler : null,
        };
    }
}
