using System.Text.Json;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>axe-core on a page as it stands.</summary>
internal static class Accessibility
{
    private static readonly string Axe = File.ReadAllText(Repository.PathOf("tests", "Inference.Studio.Tests", "axe", "node_modules", "axe-core", "axe.min.js"));

    /// <summary>No rule of WCAG 2.2 A and AA, and no best practice, is broken.</summary>
    public static async Task CheckAsync(IPage page)
    {
        await page.EvaluateAsync(Axe + "\n;undefined");
        var violations = await page.EvaluateAsync<JsonElement>("async () => (await axe.run()).violations.map(v => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 5).map(n => n.html.slice(0, 200) + ' | ' + n.failureSummary) }))");
        Assert.True(violations.GetArrayLength() == 0, violations.ToString());
    }
}
