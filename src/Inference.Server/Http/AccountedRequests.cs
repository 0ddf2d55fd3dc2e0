namespace Inference.Server;

/// <summary>What is known of a request from its beginning to its end.</summary>
/// <param name="Started">When it came, on the server's clock.</param>
/// <param name="Outcome">How it ends.</param>
/// <param name="Trace">Its span.</param>
internal sealed record RequestScope(long Started, RequestOutcome Outcome, RequestTrace Trace);

/// <summary>Serves requests for pictures so that each is in metrics and traces once, however it ends.</summary>
internal sealed class AccountedRequests(ServerMetrics metrics, TimeProvider time)
{
    public async Task RunAsync(HttpContext context, Func<RequestScope, Task> serve)
    {
        using var trace = RequestTrace.Start(context);
        var scope = new RequestScope(time.GetTimestamp(), new(), trace);
        try
        {
            await serve(scope);
        }
        catch (Exception exception)
        {
            scope.Outcome.Failed(context.RequestAborted.IsCancellationRequested ? ErrorHandling.ClientClosedRequest : HttpError.For(exception)?.Status ?? StatusCodes.Status500InternalServerError);
            throw;
        }
        finally
        {
            metrics.Record(scope.Outcome, time.GetElapsedTime(scope.Started));
            trace.Finish(scope.Outcome);
        }
    }
}
