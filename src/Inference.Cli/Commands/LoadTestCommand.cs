using System.CommandLine;
using Inference.LoadTest;

namespace Inference.Cli;

/// <summary><c>inference loadtest URL</c>: latency under load, of this server or any with the OpenAI images API.</summary>
internal static class LoadTestCommand
{
    public static Command Create()
    {
        var arguments = new LoadTestArguments();
        var command = new Command("loadtest", "Measures latency under load of a server with the OpenAI images API. Open loop: arrivals do not wait for answers, and latency counts from the intended arrival.");
        arguments.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.RunAsync(() => RunAsync(arguments.Read(parsed, TimeProvider.System), cancellationToken)));
        return command;
    }

    private static async Task RunAsync(LoadTestPlan plan, CancellationToken stop)
    {
        ReportFiles.EnsureWritable(plan.Output);
        using var target = new OpenAiTarget(plan.Target, TimeProvider.System);
        await target.EnsureReachableAsync(stop);
        await ClientWarmUp.RunAsync(stop);

        var header = new ReportHeader(plan.Target.Endpoint, TimeProvider.System.GetUtcNow(), plan.Mix.Description, plan.Seed, plan.Slo);
        var session = new LoadTestSession(plan, target, TimeProvider.System);
        var report = plan.Search is null
            ? LoadReport.Of(await session.RunAsync(plan.Load, plan.Seed, "", stop), header)
            : await session.SearchAsync(plan.Search, header, stop);

        // Written when interrupted too: what was measured so far is the result.
        foreach (var path in await ReportFiles.WriteAsync(report, plan.Output))
            Console.WriteLine(path);
        LoadTestOutput.Write(report);
        stop.ThrowIfCancellationRequested();
        if (report.Overall.Succeeded == 0)
            throw new CommandException($"no request succeeded{(report.Errors.Count > 0 ? $": {report.Errors[0].Code}: {report.Errors[0].Example}" : "; no arrival fell into the time")}");
    }
}
