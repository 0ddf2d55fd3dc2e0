namespace Inference.LoadTest.Tests;

/// <summary>A test of real time, which needs an idle machine: runs only when INFERENCE_REAL_TIME is 1, because timings never gate a build.</summary>
public sealed class RealTimeFactAttribute : FactAttribute
{
    public RealTimeFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("INFERENCE_REAL_TIME") != "1")
            Skip = "Needs an idle machine: INFERENCE_REAL_TIME=1 dotnet test tests/Inference.LoadTest.Tests -c Release --filter Category=RealTime";
    }
}
