using System.IO.MemoryMappedFiles;

namespace Inference.Onnx;

/// <summary>A file mapped into memory for reading: its pages are shared with every other mapping of it and cost no private memory.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    /// <exception cref="IOException">The file cannot be read or is empty.</exception>
    public MappedFile(string path)
    {
        Length = RealPath.LengthOf(path);
        if (Length == 0)
            throw new IOException($"{path} is empty.");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public long Length { get; }

    /// <summary>Bytes of the file; valid until it is disposed.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length) =>
        offset >= 0 && length >= 0 && offset + length <= Length ? new(_start + offset, length) : throw new EndOfStreamException();

    /// <summary>Address of a range that must lie in the file.</summary>
    public nint Address(long offset, long length) =>
        offset >= 0 && length >= 0 && offset + length <= Length ? (nint)(_start + offset) : throw new EndOfStreamException();

    public void Dispose()
    {
        if (_start is null)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _start = null;
        _view.Dispose();
        _file.Dispose();
    }
}
