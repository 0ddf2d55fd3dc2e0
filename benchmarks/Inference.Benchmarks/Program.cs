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
    case ["throughput", var folder]:
        return await ThroughputBenchmark.RunAsync(folder, rounds: 6, requestsPerRound: 64);
    case ["fairness", var folder]:
        return await FairnessBenchmark.RunAsync(folder);
    case ["overload", var folder]:
        return await OverloadBenchmark.RunAsync(folder, TimeSpan.FromSeconds(60));
    case ["soak", var folder, .. var minutes]:
        return await SoakBenchmark.RunAsync(folder, TimeSpan.FromMinutes(minutes is [var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 10));
    default:
        await Console.Error.WriteLineAsync("""
            usage: dotnet run -c Release --project benchmarks/Inference.Benchmarks -- COMMAND
              serving FOLDER        server against bare pipeline, start-up, memory, allocations; writes FOLDER/serving.md
              throughput FOLDER     batching against one request's rows a call; writes FOLDER/throughput.md
              fairness FOLDER       waits over fair shares on simulated devices; writes FOLDER/fairness.md
              overload FOLDER       three times the load that can be served; writes FOLDER/overload.md
              soak FOLDER [MINUTES] mixed load with disconnects, 10 minutes; writes FOLDER/soak.md
              contact-sheet FILE    ten pictures of the embedded model as one PNG
            """);
        return 1;
}
