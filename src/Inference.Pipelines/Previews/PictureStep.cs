using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A step that a picture finished. Its state may change as soon as the observer returns: capture what is wanted of it.</summary>
public readonly ref struct PictureStep
{
    private readonly PreviewRenderer _renderer;
    private readonly ImageSize _size;
    private readonly Latent _state;
    private readonly Latent _clean;

    internal PictureStep(int image, int step, int steps, PreviewRenderer renderer, ImageSize size, NoiseLevel level, Latent state, Latent clean) =>
        (Image, Step, Steps, _renderer, _size, Level, _state, _clean) = (image, step, steps, renderer, size, level, state, clean);

    /// <summary>Index of the picture in its request.</summary>
    public int Image { get; }

    /// <summary>Steps finished, from 1.</summary>
    public int Step { get; }

    /// <summary>Steps in all.</summary>
    public int Steps { get; }

    /// <summary>The level that the step leads to.</summary>
    public NoiseLevel Level { get; }

    /// <summary>Copies the state reached, and the clean data that was predicted before it.</summary>
    public (float[] State, float[] Clean) CaptureLatents() => (_state.Values.ToArray(), _clean.Values.ToArray());

    /// <summary>Copies the clean picture predicted at this step, for rendering later.</summary>
    public PicturePreview Capture() => new(_renderer, _size, _clean);
}
