using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Inference.Pipelines;
using Inference.TestKit;
using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>The gallery, and pictures that bring their settings back.</summary>
[Collection(StudioCollection.Name)]
public sealed class GalleryTests(StudioServer server)
{
    [BrowserFact]
    public async Task Gallery_KeepsPictures_AndFindsThem()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.GenerateAsync("a penguin", 3, 4);
        await visit.GenerateAsync("a guitar", 4, 5);
        await Assertions.Expect(visit.Shown.Locator(".recent button")).ToHaveCountAsync(2);
        await visit.Page.ReloadAsync();
        await visit.OpenAsync("gallery");
        await Assertions.Expect(visit.Shown.Locator(".gallery li")).ToHaveCountAsync(2);
        await visit.Field("Search").FillAsync("peng");
        await Assertions.Expect(visit.Shown.GetByText("1 of 2")).ToBeVisibleAsync();
        await visit.Shown.Locator(".gallery button").ClickAsync();
        var dialog = visit.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByRole(AriaRole.Heading, new() { Name = "a penguin" })).ToBeVisibleAsync();

        // Its settings go back to the form.
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Use settings" }).ClickAsync();
        await Assertions.Expect(visit.Field("Prompt")).ToHaveValueAsync("a penguin");
        await Assertions.Expect(visit.Field("Seed")).ToHaveValueAsync("3");
        await Assertions.Expect(visit.Field("Steps")).ToHaveValueAsync("4");

        await visit.OpenAsync("gallery");
        await visit.Shown.Locator(".gallery button").First.ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(dialog).ToBeHiddenAsync();
        await visit.Field("Search").FillAsync("");
        await Assertions.Expect(visit.Shown.Locator(".gallery li")).ToHaveCountAsync(1);
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task PngThatIsDropped_RestoresItsSettings()
    {
        var file = await PictureAsync(new { prompt = "a house, \"old\"", negative_prompt = "snow", seed = 41, num_inference_steps = 5, guidance_scale = 2.5, sampler = "euler-a", sampler_options = new { eta = 0.5 }, schedule = "karras", rho = 5, cache = new { policy = "fora", interval = 2 }, guidance_rescale = 0.3 });
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("live");
        await visit.Page.EvaluateAsync("""
            base64 => {
              const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
              const transfer = new DataTransfer();
              transfer.items.add(new File([bytes], "house.png", { type: "image/png" }));
              for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
            }
            """, Convert.ToBase64String(file));
        await Assertions.Expect(visit.Field("Prompt")).ToHaveValueAsync("a house, \"old\"");
        foreach (var (label, value) in new[] { ("Negative prompt", "snow"), ("Seed", "41"), ("Steps", "5"), ("Guidance", "2.5"), ("Sampler", "euler-a"), ("eta", "0.5"), ("Schedule", "karras"), ("Rho", "5"), ("Caching", "fora"), ("interval", "2") })
            await Assertions.Expect(visit.Field(label)).ToHaveValueAsync(value);
        await Assertions.Expect(visit.Shown.GetByText("Also kept from the picture: guidance_rescale.")).ToBeVisibleAsync();

        // The same picture comes out.
        await visit.Button("Generate").ClickAsync();
        await visit.Button("Details and code").ClickAsync();
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.EndsWith("-41.png", download.SuggestedFilename);
        Assert.Equal(ImageCodecs.Vips.Decode(file, new()).Image.Pixels, ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(await download.PathAsync()), new()).Image.Pixels);
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task OtherFiles_SayWhatIsWrong()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync("gallery");
        await visit.Page.Locator("#restore-file").SetInputFilesAsync(new FilePayload { Name = "text.png", MimeType = "image/png", Buffer = "no picture"u8.ToArray() });
        await visit.Page.GetByText("This is no PNG file.").WaitForAsync();
        await visit.Page.Locator("#restore-file").SetInputFilesAsync(new FilePayload { Name = "plain.png", MimeType = "image/png", Buffer = ImageCodecs.Vips.Encode(new(8, 8, new byte[192]), ImageEncoding.Png()) });
        await visit.Page.GetByText("plain.png does not say how it was made.").WaitForAsync();
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task TextOfWebUis_IsRead()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        var file = ImageCodecs.Vips.Encode(new(8, 8, new byte[192]), ImageEncoding.Png(),
            "a cat,\nsitting\nNegative prompt: dog, bird\nSteps: 25, Sampler: Euler a, Schedule type: Karras, CFG scale: 7.5, Seed: 123, Size: 128x128, Model hash: abc, Model: other, Lora hashes: \"x: y, z\"");
        await visit.OpenAsync("gallery");
        await visit.Page.Locator("#restore-file").SetInputFilesAsync(new FilePayload { Name = "cat.png", MimeType = "image/png", Buffer = file });
        await Assertions.Expect(visit.Field("Prompt")).ToHaveValueAsync("a cat,\nsitting");
        foreach (var (label, value) in new[] { ("Negative prompt", "dog, bird"), ("Seed", "123"), ("Steps", "25"), ("Guidance", "7.5"), ("Sampler", "euler-a"), ("Schedule", "karras"), ("Model", "pictogram-128") })
            await Assertions.Expect(visit.Field(label)).ToHaveValueAsync(value);
        visit.AssertClean();
    }

    [BrowserFact]
    public async Task CopiedCode_MakesThePictureAgain()
    {
        await using var visit = await server.VisitAsync();
        await visit.OpenAsync();
        await visit.GenerateAsync("it's a \"star\" $HOME \\ `x` ü", 5, 4);
        await visit.Button("Details and code").ClickAsync();
        using var folder = new TemporaryFolder();
        var dialog = visit.Page.GetByRole(AriaRole.Dialog);
        var pictures = new List<byte[]>();
        foreach (var (language, name, command) in new[] { ("curl", "run.sh", new[] { "bash", "run.sh" }), ("JavaScript", "run.mjs", ["node", "run.mjs"]), ("C#", "run.cs", ["dotnet", "run", "run.cs"]) })
        {
            await dialog.GetByRole(AriaRole.Button, new() { Name = language }).ClickAsync();
            folder.Write(name, await dialog.Locator("pre").InnerTextAsync());
            await RunAsync(folder.Root, command);
            pictures.Add(ImageCodecs.Vips.Decode(await File.ReadAllBytesAsync(folder.PathOf("picture.png")), new()).Image.Pixels);
            File.Delete(folder.PathOf("picture.png"));
        }
        Assert.All(pictures, picture => Assert.Equal(pictures[0], picture));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).ClickAsync();
        await visit.Page.GetByText("Copied.").WaitForAsync();
        visit.AssertClean();
    }

    private async Task<byte[]> PictureAsync(object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images/generations") { Content = JsonContent.Create(body) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        using var answer = await server.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task RunAsync(string folder, string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}\n{await output}\n{await errors}");
    }
}
