namespace Inference.Experiments.Tests;

public sealed class ArmAssignmentTests
{
    private static readonly Arm[] Arms = [new("a", 1, "{}"), new("b", 2.5, "{}"), new("c", 0.5, "{}"), new("d", 6, "{}")];

    [Fact]
    public void Weights_AreKeptWithin1Percent()
    {
        const int Keys = 100_000;
        var counts = new int[Arms.Length];
        for (var key = 0; key < Keys; key++)
            counts[ArmAssignment.Of("exp_1", $"user-{key}", Arms)]++;
        Assert.All(Arms.Index(), arm => Assert.Equal(arm.Item.Weight / 10, counts[arm.Index] / (double)Keys, 0.01));
    }

    [Fact]
    public void AKey_KeepsItsArm()
    {
        // From another program (Python's hashlib): a change of the hash would move every user of a running experiment at the next start.
        Assert.Equal([3, 3, 0, 1, 3, 0, 3, 3, 3, 1, 1, 3], Enumerable.Range(0, 12).Select(key => ArmAssignment.Of("exp_1", $"user-{key}", Arms)));
        Assert.Equal(1270084275803358176, ArmAssignment.UnitOf("exp_1", "alice"));
    }

    [Fact]
    public void Experiments_AreIndependent()
    {
        Arm[] halves = [new("a", 1, "{}"), new("b", 1, "{}")];
        var same = Enumerable.Range(0, 10_000).Count(key => ArmAssignment.Of("exp_1", $"{key}", halves) == ArmAssignment.Of("exp_2", $"{key}", halves));
        Assert.InRange(same, 4_800, 5_200);
    }

    [Fact]
    public void Shares_AreIndependentOfArms()
    {
        var chosen = Enumerable.Range(0, 20_000).Where(key => ArmAssignment.IsIn("exp_1", "pair", $"{key}", 0.25)).ToArray();
        Assert.InRange(chosen.Length, 4_800, 5_200);
        Assert.Equal(0.6, chosen.Count(key => ArmAssignment.Of("exp_1", $"{key}", Arms) == 3) / (double)chosen.Length, 0.03);
        Assert.False(ArmAssignment.IsIn("exp_1", "pair", "x", 0));
        Assert.True(ArmAssignment.IsIn("exp_1", "pair", "x", 1));
    }
}
