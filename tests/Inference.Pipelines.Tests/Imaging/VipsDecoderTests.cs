using System.Text;

namespace Inference.Pipelines.Tests;

/// <summary>Files from outside: other kinds, damaged ones, bombs, and unusual but valid ones.</summary>
public sealed class VipsDecoderTests
{
    private static readonly VipsImageCodec _codec = new();
    private static readonly ImageLimits _limits = new();

    public static TheoryData<string, byte[]> Foreign => new()
    {
        { "empty", [] },
        { "one byte", [0x89] },
        { "text", "hello"u8.ToArray() },
        { "svg", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><rect width=\"8\" height=\"8\"/></svg>"u8.ToArray() },
        { "gif", Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7") },
        { "ppm", "P6 1 1 255\nabc"u8.ToArray() },
        { "pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"u8.ToArray() },
        { "tiff", Tiff() },
    };

    public static TheoryData<ImageEncoding> Every => [ImageEncoding.Png(), ImageEncoding.Jpeg(), ImageEncoding.WebP(), ImageEncoding.WebP(100)];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Decode_OtherKinds_Refused(string kind, byte[] file)
    {
        var error = Assert.Throws<ImageCodecException>(() => _codec.Decode(file, _limits));
        Assert.Contains(kind == "empty" ? "empty" : "not a PNG, JPEG or WebP", error.Message);
        Assert.Null(_codec.ReadParameters(file));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Decode_Truncated_Refused(ImageEncoding encoding)
    {
        var file = _codec.Encode(TestImages.Gradient(64, 64), encoding, "parameters");
        foreach (var length in new[] { 16, file.Length / 2, file.Length * 9 / 10 })
            Assert.Contains("damaged", Assert.Throws<ImageCodecException>(() => _codec.Decode(file.AsSpan(0, length), _limits)).Message);
    }

    // Damage may hit what does not matter; nothing but the typed error may come out.
    [Theory]
    [MemberData(nameof(Every))]
    public void DecodeAndRead_DamagedAnywhere_OnlyTheTypedError(ImageEncoding encoding)
    {
        var file = _codec.Encode(TestImages.Gradient(24, 24), encoding, "some parameters");
        for (var at = 0; at < file.Length; at++)
        {
            var damaged = (byte[])file.Clone();
            damaged[at] ^= 0xFF;
            _ = _codec.ReadParameters(damaged);
            _ = _codec.ReadParameters(file.AsSpan(0, at));
            if (at % 7 == 0)
                _ = Record(() => _codec.Decode(damaged, _limits));
        }

        static object? Record(Func<object> decode)
        {
            try
            {
                return decode();
            }
            catch (ImageCodecException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Decode_HeaderBomb_RefusedByLimitBeforePixels()
    {
        var bomb = TestImages.Png(60_000, 60_000, 8, 2, new byte[1000]);
        var error = await Task.Run(() => Assert.Throws<ImageCodecException>(() => _codec.Decode(bomb, _limits)))
            .WaitAsync(TimeSpan.FromSeconds(2));
        Assert.Contains("60000 x 60000", error.Message);
    }

    [Fact]
    public void Decode_TextBomb_DropsTheText()
    {
        var keyword = "parameters\0\0"u8.ToArray();
        byte[] text = [.. keyword, .. TestImages.Deflate(new byte[200 << 20])];
        var bomb = TestImages.Png(1, 1, 8, 2, [0, 1, 2, 3], ("zTXt", text));
        var before = GC.GetTotalAllocatedBytes();
        Assert.Null(_codec.ReadParameters(bomb));
        var decoded = _codec.Decode(bomb, _limits);
        Assert.Null(decoded.Parameters);
        Assert.Equal([1, 2, 3], decoded.Image.Pixels);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 10 << 20);
    }

    [Fact]
    public void Decode_BeyondALimit_NamesIt()
    {
        var file = _codec.Encode(TestImages.Gradient(40, 30), ImageEncoding.Png());
        Assert.Contains("at most 39 a side", Refused(new ImageLimits { MaxSide = 39 }));
        Assert.Contains("at most 1199 in all", Refused(new ImageLimits { MaxPixels = 1199 }));
        Assert.Contains("at most 10 are", Refused(new ImageLimits { MaxBytes = 10 }));
        Assert.Equal(40, _codec.Decode(file, new ImageLimits { MaxSide = 40, MaxPixels = 1200, MaxBytes = file.Length }).Image.Width);

        string Refused(ImageLimits limits) => Assert.Throws<ImageCodecException>(() => _codec.Decode(file, limits)).Message;
    }

    [Fact]
    public void Decode_GreyDeepAndTransparent_BecomeRgbOverWhite()
    {
        Assert.Equal([100, 100, 100, 200, 200, 200], _codec.Decode(TestImages.Png(2, 1, 8, 0, [0, 100, 200]), _limits).Image.Pixels);
        Assert.Equal([1, 2, 200], _codec.Decode(TestImages.Png(1, 1, 16, 2, [0, 1, 0, 2, 0, 200, 0]), _limits).Image.Pixels);
        Assert.Equal([255, 255, 255, 7, 7, 7], _codec.Decode(TestImages.Png(2, 1, 8, 4, [0, 100, 0, 7, 255]), _limits).Image.Pixels);
        var transparent = TestImages.Png(3, 1, 8, 6, [0, 10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 255, 128]);
        Assert.Equal([10, 20, 30, 255, 255, 255, 127, 177, 255], _codec.Decode(transparent, _limits).Image.Pixels);
    }

    [Fact]
    public void Decode_SidewaysJpeg_TurnsItUpright()
    {
        var file = _codec.Encode(TestImages.Gradient(48, 32), ImageEncoding.Jpeg(95));
        // TIFF with the one tag Orientation = 6: turn by 90 degrees clockwise.
        byte[] exif = [.. "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0"u8];
        byte[] sideways = [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. file.AsSpan(2)];
        var upright = _codec.Decode(sideways, _limits).Image;
        Assert.Equal((32, 48), (upright.Width, upright.Height));

        // The red gradient that ran to the right now runs down.
        Assert.True(upright.Pixels[^3] > 200 && upright.Pixels[0] < 50);
    }

    [Fact]
    public void ReadParameters_CommentsOfOtherTools_Read()
    {
        Assert.Equal("caf\u00E9", _codec.ReadParameters(
            TestImages.Png(1, 1, 8, 2, [0, 1, 2, 3], ("tEXt", Encoding.Latin1.GetBytes("parameters\0caf\u00E9")))));

        byte[] littleEndian = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x69, 0x87, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0,
            1, 0, 0x86, 0x92, 7, 0, 12, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, .. "UNICODE\0"u8, .. Encoding.Unicode.GetBytes("\u65E5\u672C")];
        Assert.Equal("\u65E5\u672C", ExifText.Read(littleEndian));
    }

    [Fact]
    public void ReadParameters_IfdThatPointsAtItself_Ends()
    {
        byte[] loop = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 8];
        Assert.Null(ExifText.Read(loop));
    }

    // One black pixel, uncompressed.
    private static byte[] Tiff() =>
    [
        .. "II*\0"u8, 8, 0, 0, 0, 5, 0,
        0, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0,
        6, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x11, 1, 4, 0, 1, 0, 0, 0, 74, 0, 0, 0,
        0x17, 1, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
}
