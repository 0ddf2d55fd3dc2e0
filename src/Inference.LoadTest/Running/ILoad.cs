namespace Inference.LoadTest;

/// <summary>Decides when requests are sent.</summary>
public interface ILoad
{
    LoadKind Kind { get; }

    /// <summary>For reports.</summary>
    string Description { get; }

    /// <summary>Length of the time in which requests are sent.</summary>
    TimeSpan Duration { get; }

    /// <summary>Sends until the duration is over or the token is cancelled; neither is an exception.</summary>
    Task GenerateAsync(IRequestSender sender, long seed, CancellationToken stop);
}

/// <summary>Sends the next request of the mix.</summary>
public interface IRequestSender
{
    /// <summary>The run's clock.</summary>
    TimeProvider Time { get; }

    /// <summary>Time since the start of the run.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>Sends, and completes when the answer is in; never fails.</summary>
    Task SendAsync(TimeSpan intended);
}
