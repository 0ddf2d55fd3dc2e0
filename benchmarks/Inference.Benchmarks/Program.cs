using System.Globalization;
using Inference.Benchmarks;

switch (args)
{
    case ["serving", var folder]:
        await ServingBenchmark.RunAsync(folder);
        return 0;
    case ["contact-sheet", var file]:
        await ContactSheet.WriteAsync(file);
        return 0;
    case ["overhead", var folder]:
        return await OverheadBenchmark.RunAsync(folder);
    case ["throughput", var folder, .. var sizes]:
        return await ThroughputBenchmark.RunAsync(folder, Number(sizes, 0, 6), requestsPerRound: 48);
    case ["caching", var folder, .. var sizes]:
        return await CachingBenchmark.RunAsync(folder, Number(sizes, 0, 32), Number(sizes, 1, 7), TimeSpan.FromSeconds(30));
    case ["precision", var folder, .. var sizes]:
        return await PrecisionBenchmark.RunAsync(folder, Number(sizes, 0, 16), Number(sizes, 1, 21));
    case ["parallel", var folder, .. var sizes]:
        return await ParallelBenchmark.RunAsync(folder, Number(sizes, 0, 4));
    case ["presets", var folder, .. var sizes]:
        return await PresetsBenchmark.RunAsync(folder, Number(sizes, 0, 32), Number(sizes, 1, 7));
    case ["stacking", var folder, .. var sizes]:
        return await StackingBenchmark.RunAsync(folder, Number(sizes, 0, 8));
    case ["fairness", var folder]:
        return await FairnessBenchmark.RunAsync(folder);
    case ["overload", var folder, .. var sizes]:
        return await OverloadBenchmark.RunAsync(folder, TimeSpan.FromSeconds(Number(sizes, 0, 60)));
    case ["soak", var folder, .. var sizes]:
        return await SoakBenchmark.RunAsync(folder, TimeSpan.FromMinutes(Number(sizes, 0, 10)));
    default:
        await Console.Error.WriteLineAsync("""
            usage: dotnet run -c Release --project benchmarks/Inference.Benchmarks -- COMMAND
              serving FOLDER        server against bare pipeline, start-up, memory, allocations; writes FOLDER/serving.md
              overhead FOLDER       what samplers cost outside the model; writes FOLDER/overhead.md
              throughput FOLDER [ROUNDS]  batching against one request's rows a call, 6 rounds; writes FOLDER/throughput.md
              caching FOLDER [PROMPTS [ROUNDS]]  feature caching: quality, speed, memory, mixed load; 32 prompts, 7 rounds; writes FOLDER/caching.*
              precision FOLDER [PROMPTS [ROUNDS]]  precisions and fused attention on the CPU; 16 prompts, 21 rounds; writes FOLDER/precision.md
              parallel FOLDER [PROMPTS]  parallel sampling: iterations, quality, speed here and on simulated devices, load; 4 prompts; writes FOLDER/parallel.*
              presets FOLDER [PROMPTS [ROUNDS]]  cache presets on prompts that calibration did not see, and their speed; 32 prompts, 7 rounds, 0 leaves speed out; writes FOLDER/presets.md
              stacking FOLDER [PROMPTS]  sampler x cache x guidance interval: which combinations compound their errors; 8 prompts; writes FOLDER/stacking.*
              fairness FOLDER       waits over fair shares on simulated devices; writes FOLDER/fairness.md
              overload FOLDER [SECONDS]   three times the load that can be served, 60 s; writes FOLDER/overload.md
              soak FOLDER [MINUTES] mixed load with disconnects, 10 minutes; writes FOLDER/soak.md
              contact-sheet FILE    ten pictures of the embedded model as one PNG
            """);
        return 1;
}

static int Number(string[] sizes, int at, int otherwise) => at < sizes.Length ? int.Parse(sizes[at], CultureInfo.InvariantCulture) : otherwise;
