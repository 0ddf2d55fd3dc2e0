using Inference.FaultHost;
using Inference.Pipelines;
using Inference.Server;
using Microsoft.Extensions.DependencyInjection;

// The real server whose networks break when they are told to, a line of standard input each; every line is answered.
var faults = new Faults();
var commands = new Thread(() =>
{
    while (Console.ReadLine() is { } line)
        Console.WriteLine(faults.Obey(line));
})
{ IsBackground = true };
commands.Start();
return await ServerProgram.RunAsync(args, services => services.AddSingleton<INetworkGuard>(provider => new FaultyGuard(provider.GetRequiredService<DeviceGuard>(), faults)));
