namespace Inference.Onnx;

/// <summary>Numbers the blocks of a stream: attention begins a new one once the block has had its feed-forward network, and a fused branch is a block.</summary>
internal sealed class BlockCounter
{
    private int _block = -1;
    private bool _isComplete = true;

    /// <summary>The block of the stream's next branch.</summary>
    public int Next(BranchKind kind)
    {
        if (kind == BranchKind.Fused || (_isComplete && kind != BranchKind.FeedForward) || _block < 0)
            _block++;
        _isComplete = kind is BranchKind.FeedForward or BranchKind.Fused;
        return _block;
    }
}
