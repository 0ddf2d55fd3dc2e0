using System.Threading.RateLimiting;

namespace Inference.Server;

/// <summary>What each key may have: requests at once and requests a minute. Counts what asks for work, not what looks at the server.</summary>
internal static class KeyLimits
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static void AddKeyLimits(this IServiceCollection services, KeyOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, options.RequestsPerMinute, Rate)),
            PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, options.MaxConcurrent, Concurrency)));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static (rejected, _) => new(RefuseAsync(rejected.HttpContext, rejected.Lease));
    });

    private static RateLimitPartition<string> Partition(HttpContext context, int? limit, Func<string, int, RateLimitPartition<string>> of) =>
        limit is { } most && HttpMethods.IsPost(context.Request.Method) && context.Features.Get<KeyHolder>() is { } holder
            ? of(holder.Name, most)
            : RateLimitPartition.GetNoLimiter("");

    private static RateLimitPartition<string> Rate(string holder, int most) => RateLimitPartition.GetTokenBucketLimiter(
        holder, _ => new() { TokenLimit = most, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromMinutes(1) / most, QueueLimit = 0 });

    private static RateLimitPartition<string> Concurrency(string holder, int most) => RateLimitPartition.GetConcurrencyLimiter(
        holder, _ => new() { PermitLimit = most, QueueLimit = 0 });

    private static Task RefuseAsync(HttpContext context, RateLimitLease lease)
    {
        // Only the rate knows when there is room again.
        var isRate = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        return HttpError.TooMany(
            isRate ? "The API key has used up its requests for now." : "The API key has as many requests under way as it may.",
            isRate ? "key_rate_limit" : "key_concurrency_limit", isRate ? wait : Soon).WriteAsync(context.Response);
    }
}
