namespace Inference.Sampling.Tests;

/// <summary>Every sampler case of every golden file, through the planner that requests use.</summary>
[Trait("Category", "Golden")]
public sealed class GoldenTests(GoldenCount count) : IClassFixture<GoldenCount>
{
    private static IEnumerable<GoldenFile> SamplerFiles =>
        GoldenFiles.All.Where(file => file.Family is { } family && !GoldenFamilies.OfOtherTests.Contains(family));

    public static TheoryData<string, string> Cases
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var file in SamplerFiles)
                foreach (var @case in file.Cases)
                    rows.Add(file.Name, @case.Id);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_matches_the_reference(string file, string id)
    {
        var golden = GoldenFiles.All.First(candidate => candidate.Name == file);
        await count.RunAsync(golden.Family!, () => GoldenFamilies.Get(golden.Family!).RunAsync(golden.Cases.First(@case => @case.Id == id)));
    }

    [Fact]
    public void Every_sampler_file_is_run()
    {
        var families = SamplerFiles.GroupBy(file => file.Family!).ToDictionary(group => group.Key, group => group.Sum(file => file.Cases.Count()));
        Assert.NotEmpty(families);
        Assert.All(families, family => Assert.True(family.Value > 0, $"Family {family.Key} has no case."));
        Assert.All(families.Keys, family => GoldenFamilies.Get(family));
    }
}
