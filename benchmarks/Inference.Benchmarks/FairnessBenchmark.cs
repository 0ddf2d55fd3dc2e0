using System.Globalization;
using System.Text;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>How long requests wait in their share of the device, on simulated devices: one long client among short ones, a wide group among narrow ones.</summary>
internal static class FairnessBenchmark
{
    public static async Task<int> RunAsync(string folder)
    {
        var report = new StringBuilder("# Fairness\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- fairness benchmarks/results\n\nSimulated devices, virtual time. Worst wait of any request over its fair share: device time divided by the lanes that have work. Goal <= 2.\n\n| device | largest batch | 50 steps among fifteen clients of 8 steps | 16 rows among fifteen single rows |\n|---|---|---|---|\n");
        var failures = new List<string>();
        foreach (var cost in new[] { SimulatedCost.Batching, new(1, 4), SimulatedCost.Linear })
            foreach (var maxRows in new[] { 32, 16 })
            {
                var steps = Worst(cost, maxRows, new() { Steps = 50 }, at => new() { Steps = 8, Arrival = at });
                var wide = Worst(cost, maxRows, new() { RowsPerPicture = 16 }, at => new() { RowsPerPicture = 1, Arrival = at });
                report.Append(CultureInfo.InvariantCulture, $"| {cost.Milliseconds} ms + {cost.RowMilliseconds} ms a row | {maxRows} | {steps:F2} | {wide:F2} |\n");
                if (steps > 2 || wide > 2)
                    failures.Add($"{cost}: somebody waits longer than twice the fair share");
            }
        await Reports.WriteAsync(folder, "fairness.md", report);
        return Reports.Verdict(failures);
    }

    private static double Worst(SimulatedCost cost, int maxRows, SimulatedRequest odd, Func<TimeSpan, SimulatedRequest> client)
    {
        var simulation = new ServingSimulation(cost, new() { MaxRows = maxRows });
        var worst = 0.0;
        simulation.Run([odd, .. Enumerable.Range(0, 15).Select(_ => client(TimeSpan.Zero))], request =>
        {
            worst = Math.Max(worst, request.FairShare / (request.Steps * cost.Of(request.RowsPerPicture)));
            if (request != odd && odd.Finished is null)
                simulation.Add(client(simulation.Now));
        });
        return worst;
    }
}
