namespace Inference.Benchmarks;

/// <summary>The prompts of the caching figures; prompt i has seed i.</summary>
internal static class CachingPrompts
{
    private static readonly string[] Things =
        ["a red apple", "a house", "a blue car", "a hamburger", "a rocket", "a sunflower", "a penguin", "a guitar", "a strawberry", "a sailboat", "a cat", "a green tree", "a pizza", "a bicycle", "a key", "an umbrella"];

    private static readonly string[] Places = ["on a blue background", "on white, 3d render"];

    public static IReadOnlyList<string> All { get; } = [.. Places.SelectMany(place => Things.Select(thing => $"{thing} {place}"))];
}
