namespace Inference.LoadTest;

/// <summary>A way to write a report.</summary>
internal interface IReportFormat
{
    string FileName { get; }

    string Render(LoadReport report);
}
