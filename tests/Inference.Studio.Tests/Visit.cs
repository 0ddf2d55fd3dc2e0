using Microsoft.Playwright;

namespace Inference.Studio.Tests;

/// <summary>A visit of the studio in a browser that remembers nothing, and all that the page asks for and complains about meanwhile.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private Visit(IBrowserContext context, IPage page, Uri address) => (_context, Page, Address) = (context, page, address);

    public IPage Page { get; }

    public Uri Address { get; }

    /// <summary>Answers that came, in order.</summary>
    public List<IResponse> Responses { get; } = [];

    /// <summary>Requests of other hosts.</summary>
    public List<string> Strangers { get; } = [];

    /// <summary>Errors and warnings of the console, and exceptions.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Visit> BeginAsync(IBrowserContext context, Uri address)
    {
        context.SetDefaultTimeout(60_000);
        var visit = new Visit(context, await context.NewPageAsync(), address);
        visit.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                visit._complaints.Add(message.Text);
        };
        visit.Page.PageError += (_, error) => visit._complaints.Add(error);
        visit.Page.Response += (_, response) => visit.Responses.Add(response);
        visit.Page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.Scheme is not ("blob" or "data") && url.Authority != address.Authority)
                visit.Strangers.Add(request.Url);
        };
        return visit;
    }

    /// <summary>Opens a page of the studio and waits until it is there.</summary>
    public async Task OpenAsync(string page = "generate")
    {
        await Page.GotoAsync($"{Address}#/{page}");
        await Page.Locator("#view > .page:not([hidden]) h1").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    /// <summary>A control of the page that is shown, by its label.</summary>
    public ILocator Field(string label) => Shown.GetByLabel(label, new() { Exact = true });

    /// <summary>A button of the page that is shown.</summary>
    public ILocator Button(string name) => Shown.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>The page that is shown.</summary>
    public ILocator Shown => Page.Locator("#view > .page:not([hidden])");

    /// <summary>Generates a picture on the page that generates, and waits for it.</summary>
    public async Task GenerateAsync(string prompt, int seed, int steps)
    {
        await Field("Prompt").FillAsync(prompt);
        await Field("Seed").FillAsync(seed.ToString());
        await Field("Steps").FillAsync(steps.ToString());
        await Button("Generate").ClickAsync();
        await Button("Details and code").WaitForAsync();
    }

    /// <summary>Nothing left the host, and the page complained of nothing.</summary>
    public void AssertClean()
    {
        Assert.Empty(Strangers);
        Assert.Empty(_complaints);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
