using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Ten pictures of the embedded model side by side, seeds 0 to 9, each 128 x 128 with a margin.</summary>
internal static class ContactSheet
{
    private const int Columns = 5;
    private const int Margin = 8;

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
        await File.WriteAllBytesAsync(file, ImageCodecs.Vips.Encode(Tile(images), ImageEncoding.Png(9)));
    }

    private static RgbImage Tile(IReadOnlyList<RgbImage> images)
    {
        var (cellWidth, cellHeight) = (images[0].Width + Margin, images[0].Height + Margin);
        var (width, height) = (Columns * cellWidth + Margin, (images.Count + Columns - 1) / Columns * cellHeight + Margin);
        var pixels = new byte[3 * width * height];
        Array.Fill(pixels, (byte)255);
        for (var i = 0; i < images.Count; i++)
            for (var y = 0; y < images[i].Height; y++)
                images[i].Pixels.AsSpan(3 * y * images[i].Width, 3 * images[i].Width)
                    .CopyTo(pixels.AsSpan(3 * ((i / Columns * cellHeight + Margin + y) * width + i % Columns * cellWidth + Margin)));
        return new(width, height, pixels);
    }
}
