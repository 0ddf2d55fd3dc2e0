using System.Net.Http.Headers;

namespace Inference.LoadTest;

/// <summary>Any server with <c>POST /v1/images/generations</c>. Connections are kept and never rationed; nothing is sent twice.</summary>
public sealed class OpenAiTarget : ITarget, IDisposable
{
    private readonly OpenAiTargetOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public OpenAiTarget(OpenAiTargetOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = int.MaxValue,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("inference-loadtest", "1"));
        if (options.ApiKey is { } key)
            _client.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Tries whether there is a server at all, before any load is made; any HTTP answer will do.</summary>
    /// <exception cref="LoadTestException">There is none, or it cannot be spoken to.</exception>
    public async Task EnsureReachableAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var address = TargetAddress.Models(_options.Endpoint);
        try
        {
            using var response = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LoadTestException($"{address} does not answer within {Units.Format(_options.ConnectTimeout)}");
        }
        catch (HttpRequestException exception)
        {
            var failure = FailureOf.Exception(exception);
            throw new LoadTestException($"{_options.Endpoint.GetLeftPart(UriPartial.Authority)} cannot be reached ({failure.Code}): {failure.Example}");
        }
    }

    public async Task<Reply> SendAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var content = new OneShotContent(request.Body, _time);
        var stage = "headers";
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint) { Content = content };
            using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token);
            stage = "body";
            return await AnswerReader.ReadAsync(response, request, _options.MaxAnswerBytes, _time, both.Token) with { SentAt = content.SentAt };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(content, new(FailureKind.Timeout, $"timeout ({stage})", $"no {(stage == "headers" ? "answer" : "end of the answer")} within {Units.Format(_options.Timeout)}"));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Cancelling breaks connections; what breaks then is no failure of the server.
            cancellationToken.ThrowIfCancellationRequested();
            return Failed(content, FailureOf.Exception(exception));
        }
    }

    private Reply Failed(OneShotContent content, Failure failure) => new() { SentAt = content.SentAt, CompletedAt = _time.GetTimestamp(), Failure = failure };
}
