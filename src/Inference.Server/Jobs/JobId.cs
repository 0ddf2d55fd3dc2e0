using System.Security.Cryptography;

namespace Inference.Server;

/// <summary>Ids of jobs: <c>job_</c> and 128 random bits, so that knowing one is being allowed to see it.</summary>
internal static class JobId
{
    private const string Prefix = "job_";
    private const int Bytes = 16;

    public static string New() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a text has the form of an id; only such texts become names of files.</summary>
    public static bool IsValid(string text) =>
        text.Length == Prefix.Length + 2 * Bytes && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept("0123456789abcdef") < 0;
}
