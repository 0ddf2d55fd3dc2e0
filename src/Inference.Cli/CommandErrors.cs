using Inference.Batching;
using Inference.LoadTest;
using Inference.Onnx;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>A command cannot do what it was asked; the message is for the user.</summary>
internal sealed class CommandException(string message) : Exception(message);

/// <summary>Turns expected failures into one line on standard error and an exit code.</summary>
internal static class CommandErrors
{
    public const int Failure = 1;
    public const int Cancelled = 130;

    public static async Task<int> RunAsync(Func<Task> command)
    {
        try
        {
            await command();
            return 0;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("cancelled");
            return Cancelled;
        }
        catch (InvalidRequestException invalid)
        {
            foreach (var problem in invalid.Problems)
                await Console.Error.WriteLineAsync($"error: {problem.Message}");
            return Failure;
        }
        catch (LoadTestException invalid)
        {
            foreach (var problem in invalid.Problems)
                await Console.Error.WriteLineAsync($"error: {problem}");
            return Failure;
        }
        catch (Exception exception) when (exception is CommandException or ModelFolderException or ModelUnavailableException or GraphException or PrecisionException or TokenizerException or ImageCodecException
            or ProviderUnavailableException or GenerationFailedException or AnalysisException or VariantException or EvaluationException or SamplingOptionException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return Failure;
        }
    }
}
