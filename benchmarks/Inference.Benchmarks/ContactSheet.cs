using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Ten pictures of the embedded model side by side, seeds 0 to 9.</summary>
internal static class ContactSheet
{
    private const int Columns = 5;

    private static readonly string[] Prompts =
    [
        "a red apple on a blue background", "a house in the snow", "a blue car on white", "a hamburger on a teal background, 3d render", "a rocket on a purple background",
        "a sunflower on a green background", "a penguin in the snow", "a guitar on a yellow background, flat style", "a strawberry on white, 3d render", "a sailboat on an orange background",
    ];

    public static async Task WriteAsync(string file)
    {
        using var local = new LocalPipeline();
        var images = new List<RgbImage>();
        for (var i = 0; i < Prompts.Length; i++)
        {
            images.Add((await local.Pipeline.GenerateAsync(new() { Prompt = Prompts[i], Seed = i }, new(), null, default)).Images[0].Image);
            Console.WriteLine($"{i / Columns + 1}.{i % Columns + 1}  {Prompts[i]}");
        }
        await File.WriteAllBytesAsync(file, ImageCodecs.Vips.Encode(ImageGrid.Tile(images, Columns), ImageEncoding.Png(9)));
    }
}
