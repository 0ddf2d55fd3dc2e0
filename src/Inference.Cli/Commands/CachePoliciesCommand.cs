using System.CommandLine;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary><c>inference cache-policies</c>: the feature cache policies with their options.</summary>
internal static class CachePoliciesCommand
{
    public static Command Create()
    {
        var command = new Command("cache-policies", "Lists the feature cache policies.");
        command.SetAction((_, _) => CommandErrors.RunAsync(() =>
        {
            foreach (var policy in CachePolicies.All)
            {
                Console.WriteLine($"{policy.Id}: {policy.Name} ({policy.Source})");
                OptionTable.Write(policy.Options);
            }
            return Task.CompletedTask;
        }));
        return command;
    }
}
