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
}
