namespace Inference.LoadTest;

/// <summary>Watches a run; called from any thread, and must be quick.</summary>
public interface IRunObserver
{
    void OnStarted(TimeSpan intended);

    void OnCompleted(Measurement measurement);
}
