namespace Inference.Sampling;

/// <summary>
/// The noise of <c>torch.manual_seed(seed)</c> followed by <c>torch.randn</c> of the latent's size on the CPU, bit for bit as on a machine with
/// AVX2: draw n is the n-th such call. diffusers and ComfyUI draw their noise so.
/// </summary>
/// <param name="seed">The seed; torch's generator uses its low 32 bits.</param>
public sealed class TorchCpuNoise(ulong seed) : INoise
{
    private readonly TorchCpuGenerator _generator = new();
    private int _next = -1;
    private int _length;

    public void Fill(int draw, Latent destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        var values = destination.Values;
        // The generator stands where the last draw ended; going back, or another size, means replaying from the seed.
        if (_next < 0 || draw < _next || values.Length != _length)
        {
            _generator.Seed(seed);
            (_next, _length) = (0, values.Length);
        }
        for (; _next < draw; _next++)
            _generator.Skip(_length);
        _generator.Normal(values);
        _next++;
    }
}
