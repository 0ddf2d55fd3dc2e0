namespace Inference.Cli;

/// <summary>Prompts for searches without a file of prompts: the even ones are searched with, the odd ones held out.</summary>
internal static class TunePrompts
{
    public static IReadOnlyList<string> Default { get; } =
    [
        "a red apple on a blue background", "a cat on a green background", "a castle on white, 3d render", "a fish on a teal background", "a house in the snow", "a rocket on a purple background",
        "a yellow banana on white", "a guitar, 3d render", "a butterfly on a pink background", "a blue bus on white", "a candle on a black background", "a strawberry on a yellow background",
        "a penguin in the snow", "a sailboat on a blue background", "a cactus on an orange background, 3d render", "a donut on a green background",
    ];
}
