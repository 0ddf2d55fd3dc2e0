using Inference.Pipelines;

namespace Inference.Server;

/// <summary>How a request is streamed.</summary>
/// <param name="PartialImages">Previews of each picture, 0 to 3.</param>
/// <param name="Preview">What they are made by.</param>
/// <param name="PreviewEvery">Steps from one preview to the next, from 1, in place of a number of previews; null where there is one.</param>
/// <param name="Progress">Whether the place in the queue and the steps are told.</param>
internal sealed record StreamOptions(int PartialImages, PreviewKind Preview, int? PreviewEvery = null, bool Progress = false)
{
    private const int MostPartialImages = 3;

    /// <summary>Reads and checks the fields; null when the request does not stream.</summary>
    /// <param name="body">The request.</param>
    /// <param name="asBytes">Whether the Accept header asks for the bytes of a picture.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static StreamOptions? Read(ImageGenerationBody body, bool asBytes, List<RequestProblem> problems)
    {
        if (body.PartialImages is < 0 or > MostPartialImages)
            problems.Add(new("partial_images", $"'partial_images' must be from 0 to {MostPartialImages}, not {body.PartialImages}."));
        if (body.PreviewEvery < 1)
            problems.Add(new("preview_every", $"'preview_every' must be a number of steps from 1, not {body.PreviewEvery}."));
        if (body.PreviewEvery is not null && body.PartialImages > 0)
            problems.Add(new("preview_every", "'preview_every' cannot be combined with 'partial_images'."));
        var kind = PreviewKind.Projection;
        if (body.Preview is not (null or "projection"))
        {
            if (body.Preview == "vae")
                kind = PreviewKind.Vae;
            else
                problems.Add(new("preview", "'preview' must be projection or vae."));
        }
        if (body.Stream != true)
        {
            if (body.PartialImages > 0)
                problems.Add(new("partial_images", "'partial_images' needs 'stream': true."));
            if (body.Preview is not null)
                problems.Add(new("preview", "'preview' needs 'stream': true."));
            if (body.PreviewEvery is not null)
                problems.Add(new("preview_every", "'preview_every' needs 'stream': true."));
            if (body.Progress == true)
                problems.Add(new("progress", "'progress' needs 'stream': true."));
            return null;
        }
        if (asBytes)
            problems.Add(new("stream", "'stream' cannot be true when the Accept header asks for the bytes of a picture."));
        return new(Math.Clamp(body.PartialImages ?? 0, 0, MostPartialImages), kind, body.PreviewEvery, body.Progress == true);
    }
}
