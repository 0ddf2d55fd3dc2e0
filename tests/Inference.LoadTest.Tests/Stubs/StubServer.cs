using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.LoadTest.Tests;

/// <summary>A real HTTP server on a free port that answers as a test says.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubServer(WebApplication app) => _app = app;

    public string Url { get; private init; } = "";

    /// <summary>POSTs to the endpoint so far.</summary>
    public int Requests => _requests;

    private int _requests;

    public static async Task<StubServer> StartAsync(RequestDelegate answer, bool tls = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls)
                listen.UseHttps(SelfSigned());
        }));
        var app = builder.Build();
        StubServer? server = null;
        app.Run(async context =>
        {
            if (context.Request.Method == "GET")
            {
                await context.Response.WriteAsJsonAsync(new { @object = "list", data = Array.Empty<string>() });
                return;
            }
            Interlocked.Increment(ref server!._requests);
            await context.Request.Body.CopyToAsync(Stream.Null);
            await answer(context);
        });
        await app.StartAsync();
        return server = new(app) { Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() };
    }

    public OpenAiTarget Target(TimeSpan? timeout = null, string path = "", long maxBytes = 1 << 20) =>
        new(new() { Endpoint = TargetAddress.Parse(Url + path), Timeout = timeout ?? TimeSpan.FromSeconds(30), MaxAnswerBytes = maxBytes }, TimeProvider.System);

    /// <summary>A right answer: one picture of 128x128.</summary>
    public static Task AnswerAsync(HttpContext context) => context.Response.WriteAsJsonAsync(new
    {
        created = 1,
        data = new[] { new { b64_json = Convert.ToBase64String(Png(128, 128)) } },
        inference = new { timings_ms = new { queue = 1.5, denoise = 20, decode = 3, total = 24.5 } },
    });

    /// <summary>Header and end of a PNG file; nobody decodes it.</summary>
    public static byte[] Png(int width, int height) =>
    [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8,
        (byte)(width >> 24), (byte)(width >> 16), (byte)(width >> 8), (byte)width, (byte)(height >> 24), (byte)(height >> 16), (byte)(height >> 8), (byte)height,
        8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. "IEND"u8, 0xAE, 0x42, 0x60, 0x82,
    ];

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(1)).Token);
        await _app.DisposeAsync();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var certificate = new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
