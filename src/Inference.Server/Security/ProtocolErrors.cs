using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Inference.Server;

/// <summary>Puts a <see cref="ProtocolErrorWriter"/> between Kestrel and each connection.</summary>
internal static class ProtocolErrors
{
    public static void UseProtocolErrors(this KestrelServerOptions kestrel) => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection =>
    {
        connection.Transport = new Duplex(connection.Transport.Input, new ProtocolErrorWriter(connection.Transport.Output));
        return next(connection);
    }));

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
