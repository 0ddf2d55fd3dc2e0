using System.Globalization;
using System.Text;

namespace Inference.Pipelines;

/// <summary>How a picture was made, in the text form that web UIs write into PNG files under <c>parameters</c>.</summary>
internal static class PictureParameters
{
    public static string Format(GenerationRequest request, GenerationSettings settings, long seed)
    {
        var text = new StringBuilder(request.Prompt);
        if (!string.IsNullOrEmpty(request.NegativePrompt))
            text.Append("\nNegative prompt: ").Append(request.NegativePrompt);
        return text.Append(CultureInfo.InvariantCulture, $"\nSteps: {settings.Steps}, Sampler: {settings.Sampler}, CFG scale: {settings.GuidanceScale}, Seed: {seed}, Size: {settings.Size}, Model: {settings.Model}")
            .Append(settings.Cache is null ? "" : $", Cache: {settings.Cache}").Append(settings.Parallel is null ? "" : $", Parallel: {settings.Parallel}").ToString();
    }
}
