using System.CommandLine;
using System.Text.Json;
using Inference.Onnx;

namespace Inference.Cli;

/// <summary><c>inference providers</c>: each execution provider, found or not, and why not.</summary>
internal static class ProvidersCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create()
    {
        var cuda = new CudaSettings();
        var asJson = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("providers", "Lists the execution providers: what each found to run on, or why it cannot be used.") { asJson };
        cuda.AddTo(command);
        command.SetAction((parsed, _) => CommandErrors.RunAsync(() =>
        {
            var reports = ExecutionProviders.Survey([.. ExecutionProviders.Known.Select(name => cuda.OptionsOf(name, parsed))]);
            if (parsed.GetValue(asJson))
                Console.WriteLine(JsonSerializer.Serialize(
                    reports.Select(report => new { report.Name, Usable = report.Error is null, report.Devices, Precisions = report.Precisions.Select(Precisions.NameOf), report.Library, report.Error }), Json));
            else
                foreach (var report in reports)
                    Console.WriteLine(report.Error is { } error
                        ? $"{report.Name}: not usable: {error}"
                        : $"{report.Name}: {string.Join(", ", report.Devices)}; precisions {string.Join(", ", report.Precisions.Select(Precisions.NameOf))}; {report.Library ?? "part of the runtime"}");
            return Task.CompletedTask;
        }));
        return command;
    }
}
