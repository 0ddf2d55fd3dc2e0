using System.Buffers.Binary;
using System.Text;

namespace Inference.Pipelines.Tests;

public sealed class VipsImageCodecTests
{
    private const string Text = "ein roter Apfel, \u00E4\u00F6\u00FC \u65E5\u672C\u8A9E \U0001F431\nSteps: 20, Sampler: DPM++ 2M";

    private static readonly VipsImageCodec _codec = new();
    private static readonly ImageLimits _limits = new();

    public static TheoryData<ImageEncoding> Lossless => [ImageEncoding.Png(0), ImageEncoding.Png(3), ImageEncoding.Png(9), ImageEncoding.WebP(100)];

    public static TheoryData<ImageEncoding> Every => [ImageEncoding.Png(), ImageEncoding.Jpeg(), ImageEncoding.WebP(), ImageEncoding.WebP(100)];

    [Theory]
    [MemberData(nameof(Lossless))]
    public void RoundTrip_Lossless_KeepsEveryPixel(ImageEncoding encoding)
    {
        var image = TestImages.Gradient();
        var decoded = _codec.Decode(_codec.Encode(image, encoding), _limits);
        Assert.Equal((encoding.Format, image.Width, image.Height), (decoded.Format, decoded.Image.Width, decoded.Image.Height));
        Assert.Equal(image.Pixels, decoded.Image.Pixels);
        Assert.Null(decoded.Parameters);
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void RoundTrip_Lossy_QualityMatters(ImageFormat format)
    {
        var image = TestImages.Gradient(128, 96);
        var low = _codec.Encode(image, format == ImageFormat.Jpeg ? ImageEncoding.Jpeg(5) : ImageEncoding.WebP(5));
        var high = _codec.Encode(image, format == ImageFormat.Jpeg ? ImageEncoding.Jpeg(95) : ImageEncoding.WebP(95));
        Assert.True(low.Length < high.Length);

        var decoded = _codec.Decode(high, _limits);
        Assert.Equal(format, decoded.Format);
        Assert.InRange(TestImages.Psnr(image, decoded.Image), 36, double.MaxValue);
        Assert.True(TestImages.Psnr(image, _codec.Decode(low, _limits).Image) < TestImages.Psnr(image, decoded.Image));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Encode_NonAsciiParameters_ReadBack(ImageEncoding encoding)
    {
        var image = TestImages.Gradient();
        var file = _codec.Encode(image, encoding, Text);
        Assert.Equal(Text, _codec.ReadParameters(file));
        var decoded = _codec.Decode(file, _limits);
        Assert.Equal(Text, decoded.Parameters);
        Assert.Equal(_codec.Decode(_codec.Encode(image, encoding), _limits).Image.Pixels, decoded.Image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Encode_NoParameters_NoneFound(ImageEncoding encoding) =>
        Assert.Null(_codec.ReadParameters(_codec.Encode(TestImages.Gradient(), encoding)));

    [Fact]
    public void Encode_Request_IsATextOfItsOwn_InPngAlone()
    {
        var file = _codec.Encode(TestImages.Gradient(), ImageEncoding.Png(), Text, """{"seed":7}""");
        Assert.Equal(Text, _codec.ReadParameters(file));
        Assert.True(file.AsSpan().IndexOf("iTXtinference\0\0\0\0\0{\"seed\":7}"u8) > 0);
        Assert.Equal(_codec.Encode(TestImages.Gradient(), ImageEncoding.Jpeg(), Text), _codec.Encode(TestImages.Gradient(), ImageEncoding.Jpeg(), Text, """{"seed":7}"""));
    }

    [Fact]
    public void Encode_Png_HasOneInternationalTextChunkAfterTheHeader()
    {
        var chunks = TestImages.Chunks(_codec.Encode(TestImages.Gradient(), ImageEncoding.Png(), Text));
        Assert.Equal(("IHDR", "iTXt"), (chunks[0].Type, chunks[1].Type));
        Assert.Equal((8, 2), (chunks[0].Data[8], chunks[0].Data[9]));
        Assert.Equal([.. "parameters\0\0\0\0\0"u8, .. Encoding.UTF8.GetBytes(Text)], chunks[1].Data);
        Assert.DoesNotContain(chunks.Skip(2), c => c.Type is "iTXt" or "tEXt" or "zTXt");
    }

    // Readers such as piexif take UserComment as UTF-16 in the file's byte order after the code UNICODE.
    [Fact]
    public void Encode_JpegAndWebP_HoldTheUserCommentAsUtf16()
    {
        foreach (var encoding in (ReadOnlySpan<ImageEncoding>)[ImageEncoding.Jpeg(), ImageEncoding.WebP()])
        {
            var file = _codec.Encode(TestImages.Gradient(), encoding, Text).AsSpan();
            var tiff = file.IndexOf("MM\0*"u8);
            Assert.True(tiff > 0);
            var comment = file.IndexOf("UNICODE\0"u8) + 8;
            Assert.Equal(Text, Encoding.BigEndianUnicode.GetString(file.Slice(comment, 2 * Text.Length)));
            var tag = file.IndexOf((ReadOnlySpan<byte>)[0x92, 0x86, 0x00, 0x07]);
            Assert.Equal(8 + (2 * Text.Length), BinaryPrimitives.ReadInt32BigEndian(file[(tag + 4)..]));
            Assert.Equal(comment - 8 - tiff, BinaryPrimitives.ReadInt32BigEndian(file[(tag + 8)..]));
        }
    }

    [Fact]
    public void Encode_ParametersTooLongForExif_SaysSo()
    {
        var text = new string('x', 40_000);
        foreach (var encoding in (ReadOnlySpan<ImageEncoding>)[ImageEncoding.Jpeg(), ImageEncoding.WebP()])
        {
            var error = Assert.Throws<ImageCodecException>(() => _codec.Encode(TestImages.Gradient(), encoding, text));
            Assert.Contains("at most 65000", error.Message);
        }
        Assert.Equal(text, _codec.ReadParameters(_codec.Encode(TestImages.Gradient(), ImageEncoding.Png(), text)));
    }

    [Fact]
    public void Encode_LongestExifParameters_ReadBack()
    {
        var text = new string('x', 32_400);
        Assert.Equal(text, _codec.Decode(_codec.Encode(TestImages.Gradient(), ImageEncoding.Jpeg(), text), _limits).Parameters);
        Assert.Equal(text, _codec.Decode(_codec.Encode(TestImages.Gradient(), ImageEncoding.WebP(), text), _limits).Parameters);
    }

    [Fact]
    public void Encode_TooWideForWebP_SaysSo() => Assert.Contains(
        "20000 x 1",
        Assert.Throws<ImageCodecException>(() => _codec.Encode(TestImages.Gradient(20_000, 1), ImageEncoding.WebP())).Message);

    [Fact]
    public void Encode_EightThreads_GivesTheSameFiles()
    {
        var image = TestImages.Gradient(96, 96);
        ImageEncoding[] encodings = [ImageEncoding.Png(), ImageEncoding.Jpeg(), ImageEncoding.WebP(), ImageEncoding.WebP(100)];
        var expected = Array.ConvertAll(encodings, e => _codec.Encode(image, e, Text));
        Parallel.For(0, 160, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var file = _codec.Encode(image, encodings[i % encodings.Length], Text);
            Assert.Equal(expected[i % encodings.Length], file);
            Assert.Equal(image.Width, _codec.Decode(file, _limits).Image.Width);
        });
    }

    [Fact]
    public void ImageEncoding_OutOfRange_NamesTheFieldAndTheRange()
    {
        Assert.Contains("from 0 to 9", Assert.Throws<ArgumentOutOfRangeException>("compression", () => ImageEncoding.Png(10)).Message);
        Assert.Contains("from 1 to 100", Assert.Throws<ArgumentOutOfRangeException>("quality", () => ImageEncoding.Jpeg(0)).Message);
        Assert.Contains("from 1 to 100", Assert.Throws<ArgumentOutOfRangeException>("quality", () => ImageEncoding.WebP(101)).Message);
    }

    [Fact]
    public void RgbImage_PixelsThatDoNotFit_Throw() =>
        Assert.Throws<ArgumentException>("pixels", () => new RgbImage(2, 2, new byte[11]));
}
