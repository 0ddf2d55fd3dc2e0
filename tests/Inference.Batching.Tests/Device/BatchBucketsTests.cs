namespace Inference.Batching.Tests;

public sealed class BatchBucketsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(33, 64)]
    [InlineData(65, 128)]
    public void Rows_ArePaddedToTheNextBucket(int rows, int bucket) => Assert.Equal(bucket, BatchBuckets.PowersOfTwo.Of(rows));

    [Fact]
    public void NothingIsPadded_WhereAnySizeIsAsGood() => Assert.Equal(7, BatchBuckets.Any.Of(7));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(63, 32)]
    [InlineData(64, 64)]
    [InlineData(200, 192)]
    public void Within_IsTheLargestBatchThatIsNotPaddedBeyond(int rows, int expected)
    {
        Assert.Equal(expected, BatchBuckets.PowersOfTwo.Within(rows));
        Assert.Equal(rows, BatchBuckets.Any.Within(rows));
    }
}
