using Inference.Sampling;

namespace Inference.Cli.Tests;

/// <summary>The page of samplers says what the registry says.</summary>
public sealed class SamplerMarkdownTests
{
    [Fact]
    public async Task The_committed_page_is_what_the_registry_says()
    {
        // Made by: inference samplers --markdown > docs/samplers.md
        var committed = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "samplers.md"));
        Assert.Equal(committed.ReplaceLineEndings("\n"), SamplerMarkdown.Write());
    }

    [Fact]
    public void Every_name_and_option_is_on_the_page()
    {
        var page = SamplerMarkdown.Write();
        foreach (var sampler in SamplerRegistry.All)
        {
            var section = page.Split($"\n## {sampler.Id}\n")[1].Split("\n## ")[0];
            Assert.Contains(sampler.Source, section);
            Assert.All(sampler.Aliases, alias => Assert.Contains($"`{alias.Name}`", section));
            Assert.All(sampler.Options, option => Assert.Contains($"| `{option.Name}` |", section));
            Assert.NotEmpty(sampler.PredictionTypes);
        }
    }
}
