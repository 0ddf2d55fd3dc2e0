namespace Inference.Server;

/// <summary>Whether the server serves, and why not: what health endpoints and new requests are told.</summary>
internal sealed class Availability(ModelHost models, DeviceHealth device, Drain drain)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Why the server is not ready; null when it is.</summary>
    public string? NotReady =>
        drain.HasBegun ? "stopping"
        : models.Catalog is null ? "loading"
        : device.State switch
        {
            DeviceState.Lost => "the device is lost",
            DeviceState.Failing => "the device fails",
            _ => null,
        };

    /// <summary>Why the process should be restarted; null when it should not. A slow start and a stop are no reasons.</summary>
    public string? NotLive => device.State == DeviceState.Lost ? "the device is lost" : null;

    /// <summary>Refuses a request that cannot be served now. One model's open circuit is no reason: the others may work.</summary>
    /// <exception cref="BadRequestException">With status 503 and Retry-After.</exception>
    public void Check()
    {
        if (drain.HasBegun)
            throw new ServerStoppingException();
        if (models.Catalog is null)
            throw new BadRequestException(HttpError.Server(StatusCodes.Status503ServiceUnavailable, "The models are still being loaded.", "not_ready", Soon));
        if (device.IsLost)
            throw new DeviceLostException();
    }
}
