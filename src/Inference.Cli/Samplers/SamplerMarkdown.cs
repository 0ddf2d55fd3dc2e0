using System.Text;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>The registry as a page of documentation, <c>docs/samplers.md</c>.</summary>
internal static class SamplerMarkdown
{
    private const string Introduction = """
        # Samplers

        Made from the registry by `inference samplers --markdown`; a test compares this file with the registry.

        A request names a sampler by its id or any of its other names, in any case. Order is the nominal order of accuracy (weak order with noise;
        - for rules of few-step models, which integrate nothing). Calls are evaluations of the guided denoiser a step. Noise: whether noise is injected
        while sampling. History: whether a step uses evaluations of earlier steps. Parallel: whether steps can be iterated in parallel windows. Models: the
        noise processes the method is defined for: variance-preserving (VP), flow, EDM, TrigFlow.

        """;

    public static string Write()
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        page.Append($"\nSchedules (`schedule`): {string.Join(", ", SigmaRampNames.All.Select(Code))}. Not every schedule fits every model; the refusal says which do.\n\n");
        Row(page, "id", "name", "order", "calls", "noise", "history", "parallel", "models");
        Row(page, "---", "---", "---", "---", "---", "---", "---", "---");
        foreach (var sampler in SamplerRegistry.All)
            Row(page, $"[{Code(sampler.Id)}](#{sampler.Id})", sampler.Name, SamplerText.Order(sampler), SamplerText.Calls(sampler),
                SamplerText.YesNo(sampler.IsStochastic), SamplerText.YesNo(sampler.NeedsHistory), SamplerText.YesNo(sampler.AllowsParallelWindow), SamplerText.Processes(sampler));
        foreach (var sampler in SamplerRegistry.All)
            Section(page, sampler);
        return page.ToString();
    }

    private static void Section(StringBuilder page, SamplerDescriptor sampler)
    {
        page.Append($"\n## {sampler.Id}\n\n{sampler.Name}. {sampler.Source}.\n\n");
        if (!sampler.Aliases.IsEmpty)
            page.Append($"Also called {string.Join(", ", sampler.Aliases.Select(alias => Code(alias.Name) + (alias.Schedule is { } schedule ? $" (schedule {schedule})" : "")))}.\n");
        page.Append($"Predictions: {string.Join(", ", sampler.PredictionTypes.Select(Code))}.\n");
        if (sampler.Options.IsEmpty)
            return;
        page.Append('\n');
        Row(page, "option", "default", "allowed", "meaning");
        Row(page, "---", "---", "---", "---");
        foreach (var option in sampler.Options)
            Row(page, Code(option.Name), SamplerText.Default(option), SamplerText.Range(option), option.Description);
    }

    private static void Row(StringBuilder page, params ReadOnlySpan<string> cells)
    {
        page.Append('|');
        foreach (var cell in cells)
            page.Append(' ').Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |");
        page.Append('\n');
    }

    private static string Code(string text) => $"`{text}`";
}
