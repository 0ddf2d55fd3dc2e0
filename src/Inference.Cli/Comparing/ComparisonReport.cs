using System.Globalization;
using System.Text;
using Inference.Experiments;
using Inference.Pipelines;
using Inference.Reports;

namespace Inference.Cli;

/// <summary>Writes a comparison: a page that opens from disk, the pictures, and every number as CSV.</summary>
internal sealed class ComparisonReport(IReadOnlyList<string> prompts, IReadOnlyList<ArmArgument> arms, int reference, string model, string command, IReadOnlyList<ComparedPicture> pictures)
{
    private const int MostRows = 64;
    private const int MostWidth = 320;
    private const double Alpha = 0.05;

    private static readonly string[] Colours = ["a", "b", "c", "d", "e", "f", "g"];

    /// <summary>Writes it.</summary>
    /// <returns>The page's path.</returns>
    public async Task<string> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, "pictures"));
        foreach (var picture in pictures)
            await File.WriteAllBytesAsync(Path.Combine(folder, "pictures", $"p{picture.Prompt}-s{picture.Seed}-{arms[picture.Arm].Name}.png"),
                ImageCodecs.Vips.Encode(picture.Picture.Image, ImageEncoding.Png(), picture.Picture.Parameters), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "pictures.csv"), Csv(), cancellationToken);
        var page = Path.Combine(folder, "report.html");
        await File.WriteAllTextAsync(page, Page(), cancellationToken);
        return page;
    }

    /// <summary>The table of the arms.</summary>
    public ReportTable Table() => new(
        "Arms", ["arm", "options", "evaluations", "in full", "time", "to reference", "PSNR, dB", "worst", "SSIM", "GMSD", "identical"],
        [.. arms.Select((arm, i) => Row(arm, i))],
        $"Means over {pictures.Count / arms.Count} pictures. Time is the median for one picture alone; the ratio is the mean of the ratios picture by picture, with its {100 * (1 - Alpha):0} % interval. Similarities are to the pictures of {arms[reference].Name}; equal ones, which have no finite PSNR, are counted apart.");

    private string[] Row(ArmArgument arm, int index)
    {
        var own = Of(index);
        var finite = own.Select(picture => picture.Psnr).OfType<double>().Where(double.IsFinite).ToArray();
        var ratio = MeanEstimate.Of(own.Zip(Of(reference), (picture, other) => picture.Milliseconds / other.Milliseconds), Alpha);
        return
        [
            arm.Name + (index == reference ? " (reference)" : ""), arm.Options, Number(own.Average(picture => picture.Picture.Evaluations)), $"{Number(100 * own.Average(picture => picture.Picture.Cache?.FullShare ?? 1))} %",
            $"{Number(Median(own))} ms", index == reference ? "1" : $"{Number(ratio.Mean)}{(ratio.FixedLow is { } low ? $" ({Number(low)} to {Number(ratio.FixedHigh)})" : "")}",
            Number(Mean(finite)), Number(finite.Length == 0 ? null : finite.Min()), Number(Mean(own.Select(picture => picture.Ssim).OfType<double>())), Number(Mean(own.Select(picture => picture.Gmsd).OfType<double>())),
            $"{own.Count(picture => picture.Psnr is double.PositiveInfinity)}",
        ];
    }

    private string Page()
    {
        var page = new HtmlPage($"Comparison of {arms.Count} settings", "Comparison", $"{model}: {command}");
        if (pictures.Count / arms.Count < 20)
            page.Warning($"{pictures.Count / arms.Count} pictures an arm: differences between arms may be chance.");
        page.Table(Table());
        page.Figure("Quality against time", $"Mean PSNR to {arms[reference].Name} against the time of one picture, median; up and to the left is better. Small dots are single pictures.", Plot());
        var rows = pictures.GroupBy(picture => (picture.Prompt, picture.Seed)).ToArray();
        page.Pictures(
            "Pictures", rows.Length > MostRows ? $"The first {MostRows} of {rows.Length} rows; all pictures are in the folder 'pictures'." : "Equal seeds side by side.", ["", .. arms.Select(arm => arm.Name)],
            rows.Take(MostRows).Select(row => ($"{prompts[row.Key.Prompt]}, seed {row.Key.Seed}", (IReadOnlyList<ReportPicture>)[.. row.Select(Show)])));
        return page.ToString();
    }

    private ReportPicture Show(ComparedPicture picture)
    {
        var image = picture.Picture.Image;
        var scale = Math.Min(1, (double)MostWidth / image.Width);
        var caption = picture.Arm == reference ? $"{Number(picture.Milliseconds)} ms" : $"{Number(picture.Milliseconds)} ms, {(picture.Psnr is double.PositiveInfinity ? "identical" : Number(picture.Psnr) + " dB")}";
        var encoding = ImageEncoding.WebP(90);
        return new(ImageCodecs.Vips.Encode(image, encoding), encoding.MediaType, (int)(image.Width * scale), (int)(image.Height * scale), $"{arms[picture.Arm].Name}: {prompts[picture.Prompt]}", caption);
    }

    private string Plot()
    {
        var shown = pictures.Where(picture => picture.Psnr is { } psnr && double.IsFinite(psnr)).ToArray();
        if (shown.Length == 0)
            return new Chart(Axis.UpTo(1, "ms"), Axis.UpTo(1, "PSNR, dB")).ToSvg("No picture differs from the reference's.");
        var (low, high) = (shown.Min(picture => picture.Psnr!.Value), shown.Max(picture => picture.Psnr!.Value));
        var chart = new Chart(Axis.UpTo(arms.Select((_, i) => Median(Of(i))).Max() * 1.15, "ms a picture"), Axis.Between(low - 1, high + 2, "PSNR, dB"));
        for (var i = 0; i < arms.Count; i++)
        {
            var own = shown.Where(picture => picture.Arm == i).ToArray();
            if (own.Length == 0)
                continue;
            var (x, colour) = (Median(Of(i)), Colours[i % Colours.Length]);
            foreach (var picture in own)
                chart.Dot(x, picture.Psnr!.Value, colour, 2, 0.4);
            var mean = own.Average(picture => picture.Psnr!.Value);
            chart.Dot(x, mean, colour, 5, 1).Label(x, mean + (high - low + 3) * 0.04, arms[i].Name);
        }
        return chart.Segment(Median(Of(reference)), low - 1, Median(Of(reference)), high + 2, "soft", dashed: true).Legend("time of the reference", "soft").ToSvg("Quality against time of each arm");
    }

    private string Csv()
    {
        var text = new StringBuilder("prompt,seed,arm,evaluations,rows,full_share,ms,psnr_db,ssim,gmsd\n");
        foreach (var picture in pictures)
            text.Append(CultureInfo.InvariantCulture,
                $"{picture.Prompt},{picture.Seed},{arms[picture.Arm].Name},{picture.Picture.Evaluations},{picture.Picture.Rows},{picture.Picture.Cache?.FullShare ?? 1:0.####},{picture.Milliseconds:0.##},{picture.Psnr:0.###},{picture.Ssim:0.#####},{picture.Gmsd:0.#####}\n");
        return text.ToString();
    }

    private ComparedPicture[] Of(int arm) => [.. pictures.Where(picture => picture.Arm == arm)];

    private static double Median(ComparedPicture[] own) => new QuantileBootstrap([.. own.Select(picture => picture.Milliseconds).Order()], 0.5).Value;

    private static double? Mean(IEnumerable<double> values)
    {
        var moments = Moments.Of(values);
        return moments.Count == 0 ? null : moments.Mean;
    }

    private static string Number(double? value) => value is null ? "–" : value.Value.ToString(Math.Abs(value.Value) switch { >= 100 => "0", >= 10 => "0.#", >= 1 => "0.##", _ => "0.####" }, CultureInfo.InvariantCulture);
}
