namespace Inference.Server;

/// <summary>Who may use the server. Without keys everybody may.</summary>
public sealed record KeyOptions
{
    /// <summary>Keys by the name of their holder: environment <c>Inference__Keys__Secrets__alice</c>. Names appear in logs, keys never do.</summary>
    public Dictionary<string, string> Secrets { get; init; } = [];

    /// <summary>A file of further keys, a line each: name, blanks, key; lines that are empty or start with # do not count. Null is none.</summary>
    public string? File { get; init; }

    /// <summary>Requests of one key that are served at once; null is no limit.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>Requests of one key a minute, which may come at once and are then given back one by one; null is no limit.</summary>
    public int? RequestsPerMinute { get; init; }
}

/// <summary>Which web pages of other origins may call the server. None unless configured.</summary>
public sealed record CorsOptions
{
    /// <summary>Origins like https://app.example.org, or a single * for all.</summary>
    public string[] Origins { get; init; } = [];
}
