using System.Globalization;
using System.Text;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Inference.Sampling;
using Perfolizer.Horology;

namespace Inference.Benchmarks;

/// <summary>What samplers cost outside the model, a step, measured by BenchmarkDotNet and written as a table.</summary>
internal static class OverheadBenchmark
{
    /// <returns>0, or 1 when a sampler allocates in steady state.</returns>
    public static async Task<int> RunAsync(string folder)
    {
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(9).WithIterationTime(TimeInterval.FromMilliseconds(40));
        var config = ManualConfig.CreateEmpty().AddJob(job).AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance).WithOption(ConfigOptions.DisableOptimizationsValidator, true)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "inference-benchmarks"));
        var summary = BenchmarkRunner.Run<SamplerOverhead>(config);

        var rows = SamplerOverhead.Samplers.Select(sampler => Row.Of(sampler, Report(summary, sampler, nameof(SamplerOverhead.Short)), Report(summary, sampler, nameof(SamplerOverhead.Long)))).ToArray();
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "overhead.md"), Page(rows));
        var allocating = rows.Where(row => row.BytesPerStep != 0).Select(row => row.Sampler).ToArray();
        if (allocating.Length > 0)
            await Console.Error.WriteLineAsync($"These samplers allocate in steady state: {string.Join(", ", allocating)}.");
        return allocating.Length == 0 ? 0 : 1;
    }

    private static BenchmarkReport Report(Summary summary, string sampler, string method) => summary.Reports.Single(report =>
        report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method && (string)report.BenchmarkCase.Parameters[nameof(SamplerOverhead.Sampler)] == sampler);

    private static string Page(Row[] rows)
    {
        var page = new StringBuilder("# Overhead of samplers\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- overhead benchmarks/results\n\n");
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            {Machine.Describe()}.

            Latents of 4x64x64 in float32; the denoiser completes at once and fills its result with a constant. Noise is drawn from the Philox stream, which is
            most of what stochastic samplers cost. A step is the difference between runs of {SamplerOverhead.LongSteps} and {SamplerOverhead.ShortSteps} steps, divided by {SamplerOverhead.LongSteps - SamplerOverhead.ShortSteps}: what a run costs once cancels out.
            Times are those of the fastest of the iterations, as other programs ran on the machine; ± is how far the second fastest lies above. Bytes are those that
            the thread of the run allocates, which the operating system's load does not touch.
            Adaptive samplers, which choose the number of steps themselves, are left out; that they too allocate nothing is a contract test.

            | sampler | microseconds a step | ± | evaluations a step | noise | bytes allocated a step |
            |---|---|---|---|---|---|

            """).ReplaceLineEndings("\n"));
        foreach (var row in rows)
            page.Append(CultureInfo.InvariantCulture,
                $"| {row.Sampler} | {row.Microseconds:F1} | {row.Error:F1} | {row.Evaluations:0.##} | {(SamplerRegistry.Find(row.Sampler)!.IsStochastic ? "yes" : "no")} | {row.BytesPerStep:0.#} |\n");
        return page.ToString();
    }

    private sealed record Row(string Sampler, double Microseconds, double Error, double Evaluations, double BytesPerStep)
    {
        private const double NanosecondsPerMicrosecond = 1000;

        public static Row Of(string sampler, BenchmarkReport few, BenchmarkReport many)
        {
            const double Steps = SamplerOverhead.LongSteps - SamplerOverhead.ShortSteps;
            var (a, b) = (Fastest(few), Fastest(many));
            return new(
                sampler,
                (b.First - a.First) / Steps / NanosecondsPerMicrosecond,
                (b.Second - b.First + a.Second - a.First) / Steps / NanosecondsPerMicrosecond,
                SamplerOverhead.ExtraEvaluations(sampler) / Steps,
                SamplerOverhead.ExtraBytes(sampler) / Steps);
        }

        private static (double First, double Second) Fastest(BenchmarkReport report)
        {
            var times = report.ResultStatistics!.OriginalValues.Order().ToArray();
            return (times[0], times[1]);
        }
    }
}
