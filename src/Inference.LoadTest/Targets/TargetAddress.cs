namespace Inference.LoadTest;

/// <summary>Where requests go.</summary>
public static class TargetAddress
{
    private const string Endpoint = "/images/generations";

    /// <summary>The endpoint for what users write: a server, its <c>/v1</c>, or the whole address.</summary>
    /// <exception cref="LoadTestException">It is no http or https address.</exception>
    public static Uri Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            throw new LoadTestException($"the URL must be like http://127.0.0.1:8080 or https://host/v1, not '{url}'");
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0)
            throw new LoadTestException("the URL must not hold a user, a password or a fragment; keys come from the environment");
        var path = address.AbsolutePath.TrimEnd('/');
        if (path.EndsWith(Endpoint, StringComparison.Ordinal))
            return address;
        // A path that is given is the API's root, whatever its name.
        return new UriBuilder(address) { Path = (path.Length == 0 ? "/v1" : path) + Endpoint }.Uri;
    }

    /// <summary>The list of models beside the endpoint: what reachability is tried with.</summary>
    internal static Uri Models(Uri endpoint) => new UriBuilder(endpoint) { Path = endpoint.AbsolutePath[..^Endpoint.Length] + "/models" }.Uri;
}
