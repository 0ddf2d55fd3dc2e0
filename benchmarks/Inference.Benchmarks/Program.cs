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
    default:
        await Console.Error.WriteLineAsync("""
            usage: dotnet run -c Release --project benchmarks/Inference.Benchmarks -- COMMAND
              serving FOLDER        server against bare pipeline, start-up, memory, allocations; writes FOLDER/serving.md
              overhead FOLDER       what samplers cost outside the model; writes FOLDER/overhead.md
              contact-sheet FILE    ten pictures of the embedded model as one PNG
            """);
        return 1;
}
