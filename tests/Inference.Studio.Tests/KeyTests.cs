using Inference.EndToEnd.Tests;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The studio on a server that asks for keys.</summary>
[Collection(StudioCollection.Name)]
public sealed class KeyTests(StudioServer server)
{
    [BrowserFact]
    public async Task Key_IsAskedFor_KeptInTheTab_AndNeverInCode()
    {
        const string Key = "a-key-of-alice-1234";
        using var folder = new TemporaryFolder();
        var keyed = ServerProcess.With($"--Inference:Jobs:Directory={folder.PathOf("jobs")}", $"--Inference:Experiments:File={folder.PathOf("experiments.db")}", $"--Inference:Keys:Secrets:alice={Key}");
        try
        {
            await keyed.InitializeAsync();
            await using var visit = await server.VisitAsync(keyed);
            await visit.Page.GotoAsync(visit.Address.ToString());
            var dialog = visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "API key" });
            await dialog.GetByLabel("Key", new() { Exact = true }).FillAsync("not-the-key-of-alice");
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Use key" }).ClickAsync();
            await dialog.GetByText("The server does not know this key.").WaitForAsync();
            await dialog.GetByLabel("Key", new() { Exact = true }).FillAsync(Key);
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Use key" }).ClickAsync();
            await visit.GenerateAsync("a star", 1, 4);
            await visit.Page.ReloadAsync();
            await visit.Field("Prompt").WaitForAsync();
            await visit.Shown.Locator(".recent button").First.ClickAsync();
            var code = await visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "Picture" }).Locator("pre").InnerTextAsync();
            Assert.Contains("$INFERENCE_API_KEY", code);
            Assert.DoesNotContain(Key, code);
            Assert.All(visit.Complaints, complaint => Assert.Contains("status of 401", complaint));
            Assert.Empty(visit.Strangers);
        }
        finally
        {
            await keyed.DisposeAsync();
        }
    }
}
