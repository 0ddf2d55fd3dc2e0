namespace Inference.Batching;

/// <summary>Told of the batches that a lane's rows were in; called on the device thread, so it must be quick.</summary>
public interface ILaneObserver
{
    void OnBatch(in BatchReport report);
}
