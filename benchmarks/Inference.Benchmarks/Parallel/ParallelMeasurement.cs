namespace Inference.Benchmarks;

/// <summary>What one setting gave: means over the prompts, but for the speed.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Iterations">Passes of the method; steps of a plain run.</param>
/// <param name="Rounds">Groups evaluated one after the other.</param>
/// <param name="Evaluations">Evaluations of the guided denoiser.</param>
/// <param name="Psnr">PSNR to the plain run of as many steps, dB; infinite for itself.</param>
/// <param name="Accuracy">PSNR to the nearly exact run, dB.</param>
/// <param name="Milliseconds">Denoising time here, the median.</param>
/// <param name="Batching">Milliseconds on a device of 6 ms + 0.2 ms a row.</param>
/// <param name="Flat">Milliseconds on a device that takes 6 ms for up to 64 rows.</param>
internal sealed record ParallelMeasurement(
    ParallelSetting Setting, double Iterations, double Rounds, double Evaluations, double Psnr, double Accuracy, double Milliseconds, double Batching, double Flat);
