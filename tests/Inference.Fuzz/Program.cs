using System.Globalization;
using Inference.Fuzz;

// dotnet run -c Release --project tests/Inference.Fuzz -- [--requests N] [--seed N] [--seconds N]
var options = new FuzzOptions();
for (var i = 0; i + 1 < args.Length; i += 2)
{
    var value = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
    options = args[i] switch
    {
        "--requests" => options with { Requests = value },
        "--seed" => options with { Seed = value },
        "--seconds" => options with { Limit = TimeSpan.FromSeconds(value) },
        _ => throw new ArgumentException($"Unknown option {args[i]}; known are --requests, --seed, --seconds."),
    };
}
var report = await FuzzRun.RunAsync(options, Console.Out);
await Console.Out.WriteLineAsync(report.ToString());
return report.Findings.Count == 0 ? 0 : 1;
