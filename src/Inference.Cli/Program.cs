using System.CommandLine;
using Inference.Cli;

var root = new RootCommand("Generates pictures from prompts with ONNX diffusion models.")
{
    GenerateCommand.Create(),
    ModelsCommand.Create(),
    ProvidersCommand.Create(),
    CheckCommand.Create(),
    SamplersCommand.Create(),
    CachePoliciesCommand.Create(),
    ParallelMethodsCommand.Create(),
    CalibrateCommand.Create(),
    InfoCommand.Create(),
    BenchCommand.Create(),
    LoadTestCommand.Create(),
    CompareCommand.Create(),
    TuneCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new()
{
    EnableDefaultExceptionHandler = false,
    // After Ctrl-C a load test still writes its report.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
});
