using System.Globalization;
using System.Text;
using Inference.Experiments;
using Inference.Reports;

namespace Inference.Cli;

/// <summary>What a search found, and how it does on prompts that it has not seen.</summary>
/// <param name="Goal">What it was for.</param>
/// <param name="Points">Everything that was scored on all prompts of the search.</param>
/// <param name="Best">What it chose.</param>
/// <param name="HeldOut">PSNR of that on the prompts held out, in dB.</param>
/// <param name="Baseline">The same of a usual setting, 20 steps of DPM-Solver++(2M).</param>
/// <param name="Speed">How many times as fast as the usual setting the chosen one denoises, the median of pairs that took turns.</param>
/// <param name="Control">PSNR on the prompts held out of every sampler and schedule at the chosen number of evaluations, best first; empty where that was not asked for.</param>
/// <param name="Spent">Evaluations of the guided denoiser that all of it took.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record TuneOutcome(
    TuneGoal Goal, IReadOnlyList<TunedPoint> Points, TunedPoint Best, double HeldOut, double Baseline, double Speed, IReadOnlyList<(TuneSetting Setting, double Psnr)> Control, long Spent, TimeSpan Elapsed);

/// <summary>Writes a search's page and numbers.</summary>
internal static class TuneReport
{
    public static async Task WriteAsync(string folder, string model, string command, TuneOutcome outcome, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "tune.csv"), Csv(outcome), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), Page(model, command, outcome), cancellationToken);
    }

    private static string Page(string model, string command, TuneOutcome outcome)
    {
        var page = new HtmlPage($"Tuning of {model}", $"The cheapest setting of {model} at {Number(outcome.Goal.Target)} dB", command);
        if (outcome.HeldOut < outcome.Goal.Target)
            page.Warning($"On the prompts held out the setting has {Number(outcome.HeldOut)} dB, below the target: search with more prompts, or a higher target.");
        page.Tiles([
            (Number(outcome.Best.Cost), "evaluations a picture"), (Number(outcome.Best.Score.Psnr) + " dB", "on the prompts searched with"), (Number(outcome.HeldOut) + " dB", "on prompts held out"),
            (Number(outcome.Speed) + " ×", "as fast as DPM-Solver++(2M), 20 steps"), (Number(outcome.Baseline) + " dB", "of that, on prompts held out"),
        ]);
        page.Paragraph($"Chosen: {outcome.Best.Setting.Key} (from: {outcome.Best.Origin}). The search took {outcome.Spent} evaluations of the guided denoiser and {outcome.Elapsed.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)} minutes.");
        page.Figure("Quality against cost", "Mean PSNR to the reference over the prompts searched with, against the cost of a picture in full evaluations of the guided denoiser; the line is the Pareto front, the dashed one the target, the large dot the chosen setting. "
            + "Only settings that came through to the last round of the halving are shown.", Plot(outcome));
        page.Table(new("Pareto front", ["cost", "PSNR, dB", "± standard error", "setting", "from"], [.. Front(outcome).Select(Row)]));
        if (outcome.Control.Count > 0)
            page.Table(new(
                "Control: samplers and schedules on the prompts held out", ["PSNR, dB", "setting"],
                [.. outcome.Control.Take(20).Select(entry => new[] { Number(entry.Psnr), entry.Setting.Key })], "Every sampler and schedule at the chosen number of evaluations, the best twenty; the chosen setting has " + Number(outcome.HeldOut) + " dB."));
        return page.ToString();
    }

    private static string Plot(TuneOutcome outcome)
    {
        var psnr = outcome.Points.Select(point => point.Score.Psnr).Append(outcome.Goal.Target).ToArray();
        var chart = new Chart(Axis.UpTo(outcome.Points.Max(point => point.Cost) * 1.05, "evaluations"), Axis.Between(psnr.Min() - 1, psnr.Max() + 1, "PSNR, dB"));
        foreach (var (origin, colour) in new[] { ("sampler and schedule", "soft"), ("dynamic programming", "c"), ("evolution", "d"), ("cache", "f") })
        {
            foreach (var point in outcome.Points.Where(point => point.Origin == origin))
                chart.Dot(point.Cost, point.Score.Psnr, colour, 3);
            if (outcome.Points.Any(point => point.Origin == origin))
                chart.Legend(origin, colour);
        }
        return chart.Path(Front(outcome).Select(point => (point.Cost, (double?)point.Score.Psnr)), "a").Segment(0, outcome.Goal.Target, outcome.Points.Max(point => point.Cost), outcome.Goal.Target, "b", dashed: true)
            .Dot(outcome.Best.Cost, outcome.Best.Score.Psnr, "b", 6, 1).ToSvg("Quality against cost of the settings tried");
    }

    private static IReadOnlyList<TunedPoint> Front(TuneOutcome outcome) => ParetoFront.Of(outcome.Points, point => point.Cost, point => point.Score.Psnr);

    private static string[] Row(TunedPoint point) => [Number(point.Cost), Number(point.Score.Psnr), Number(point.Score.Error), point.Setting.Key, point.Origin];

    private static string Csv(TuneOutcome outcome)
    {
        var text = new StringBuilder("cost,evaluations,full_share,psnr_db,standard_error,origin,setting\n");
        foreach (var point in outcome.Points.OrderBy(point => point.Cost))
            text.Append(CultureInfo.InvariantCulture, $"{point.Cost:0.###},{point.Score.Evaluations:0.##},{point.Score.FullShare:0.####},{point.Score.Psnr:0.##},{point.Score.Error:0.##},{point.Origin},\"{point.Setting.Key}\"\n");
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
