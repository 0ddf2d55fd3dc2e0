namespace Inference.Pipelines.Tests;

/// <summary>Grey pictures by formula, of which the similarities are known from programs in other languages.</summary>
internal static class ReferencePictures
{
    public static RgbImage Busy(int width, int height) => Grey(width, height, BusyAt);

    public static RgbImage BusyDistorted(int width, int height) => Grey(width, height, (x, y) => BusyAt(x, y) + (x * 11 + y * y * 13) % 41 - 20);

    public static RgbImage Smooth(int width, int height) => Grey(width, height, SmoothAt);

    public static RgbImage SmoothDistorted(int width, int height) => Grey(width, height, (x, y) => SmoothAt(x, y) + (x * 31 + y * 17) % 23 - 11);

    public static RgbImage Grey(int width, int height, Func<int, int, int> value)
    {
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                pixels.AsSpan(3 * (y * width + x), 3).Fill((byte)Math.Clamp(value(x, y), 0, 255));
        return new(width, height, pixels);
    }

    private static int BusyAt(int x, int y) => (x * x * 3 + y * 5 + x * y * 7) % 256;

    private static int SmoothAt(int x, int y) => (int)(127.5 + 100 * Math.Sin(x / 5.0) * Math.Cos(y / 7.0));
}
