namespace Inference.Cli;

/// <summary>Prompts for searches without a file of prompts: the even ones are searched with, the odd ones held out.</summary>
internal static class TunePrompts
{
    private static readonly string[] Things =
    [
        "a red apple", "a cat", "a castle", "a fish", "a house", "a rocket", "a yellow banana", "a guitar", "a butterfly", "a blue bus", "a candle", "a strawberry", "a penguin", "a sailboat", "a cactus", "a donut",
        "an airplane", "a balloon", "a bee", "a book", "a camera", "a carrot", "a crown", "a dolphin", "an elephant", "a cloud", "a green car", "a bird", "a diamond gem", "a duck", "a bell", "an avocado",
    ];

    // Each thing comes twice, at other places; even things are searched with, odd ones held out.
    private static readonly string[] Places = ["on a blue background", "on white", "in the snow", "on an orange background, 3d render"];

    public static IReadOnlyList<string> Default { get; } = [.. Enumerable.Range(0, 2 * Things.Length).Select(i => $"{Things[i % Things.Length]} {Places[(i / 2 + i / Things.Length) % Places.Length]}")];
}
