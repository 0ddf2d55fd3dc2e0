using System.CommandLine;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary><c>inference parallel-methods</c>: the methods that take several steps side by side, with their options.</summary>
internal static class ParallelMethodsCommand
{
    public static Command Create()
    {
        var command = new Command("parallel-methods", "Lists the methods that take several steps side by side.");
        command.SetAction((_, _) => CommandErrors.RunAsync(() =>
        {
            foreach (var method in ParallelMethods.All)
            {
                Console.WriteLine($"{method.Id}: {method.Name} ({method.Source}); samplers {string.Join(", ", method.Samplers)}");
                OptionTable.Write(method.Options);
            }
            return Task.CompletedTask;
        }));
        return command;
    }
}
