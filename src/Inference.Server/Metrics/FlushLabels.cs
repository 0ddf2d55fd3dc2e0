using Inference.Batching;

namespace Inference.Server;

/// <summary>Names of the reasons why batches go, in metrics and traces.</summary>
internal static class FlushLabels
{
    public static string Of(FlushReason reason) => reason switch
    {
        FlushReason.AllWaiting => "all_waiting",
        FlushReason.Full => "full",
        _ => "guard",
    };
}
