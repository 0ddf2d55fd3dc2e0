using System.Diagnostics;

namespace Inference.Server.Tests;

public sealed class ApiKeysTests
{
    private const int Length = 4096;
    private static readonly string Known = new('k', Length);

    [Fact]
    public void HolderOf_KnowsWhoseKeyItIs()
    {
        var keys = new ApiKeys([new("alice", "a-key-of-alice-123"), new("bob", "a-key-of-bob-12345")]);
        Assert.Equal(("alice", "bob"), (keys.HolderOf("a-key-of-alice-123"), keys.HolderOf("a-key-of-bob-12345")));
        Assert.Null(keys.HolderOf("a-key-of-alice-12"));
        Assert.Null(keys.HolderOf(""));
        Assert.True(keys.AreNeeded);
        Assert.False(new ApiKeys([]).AreNeeded);
    }

    [Fact]
    public void HolderOf_TakesAsLong_WhereverAKeyIsWrong()
    {
        // Compared character by character, a key that is wrong at its end takes some thirty times as long as one that is wrong at its start.
        var keys = new ApiKeys([new("alice", Known)]);
        var (early, late) = ("x" + Known[1..], Known[..^1] + "x");
        // The fastest of many short rounds is one that nothing else on the machine disturbed; the first ones compile.
        var (fastestEarly, fastestLate) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 1000; round++)
            (fastestEarly, fastestLate) = (Math.Min(fastestEarly, Measure(keys, early)), Math.Min(fastestLate, Measure(keys, late)));
        Assert.InRange(fastestLate / fastestEarly, 0.5, 2);
    }

    [Fact]
    public void Read_ReportsEveryFault_AndNoKey()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# comment\n\ncarol sk-carol-0123456789\nno-key\ndave sk-dave-0123456789 more\n");
            var errors = new List<string>();
            var keys = ApiKeyReader.Read(new() { Secrets = new() { ["alice"] = "short", ["b b"] = "sk-bob-0123456789", ["erin"] = "sk-carol-0123456789", ["carol"] = "sk-other-0123456789" }, File = path }, errors);
            Assert.Equal(5, keys.Count);
            foreach (var part in new[] { "'b b'", "line 4", "line 5", "'alice'", "'carol' is given twice", "'erin' and 'carol'" })
                Assert.Contains(errors, error => error.Contains(part, StringComparison.Ordinal));
            Assert.All(errors, error => Assert.DoesNotContain("sk-", error));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Read_AFileThatIsNotThere_IsAnError()
    {
        var errors = new List<string>();
        Assert.Empty(ApiKeyReader.Read(new() { File = "/nowhere/keys" }, errors));
        Assert.StartsWith("Inference:Keys:File cannot be read", Assert.Single(errors));
    }

    private static double Measure(ApiKeys keys, string key)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10; i++)
            Assert.Null(keys.HolderOf(key));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
