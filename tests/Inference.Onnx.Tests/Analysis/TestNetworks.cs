using Inference.TestKit;

namespace Inference.Onnx.Tests;

/// <summary>Networks of the test pipelines and the embedded model.</summary>
internal static class TestNetworks
{
    public static string PathOf(string name) => name == "pictogram-128"
        ? Repository.PathOf("models", name, "transformer", "model.onnx")
        : Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines", name, name is "sd15" or "sdxl" or "lcm" or "sd21v" or "sd15-fp16" ? "unet" : "transformer", "model.onnx");
}
