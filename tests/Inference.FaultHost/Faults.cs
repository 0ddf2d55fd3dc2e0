using Inference.Batching;

namespace Inference.FaultHost;

/// <summary>What the networks do wrong. Set by commands, read by the device thread.</summary>
internal sealed class Faults
{
    private readonly ManualResetEventSlim _free = new(true);
    private int _failures;
    private int _milliseconds;
    private int _fault;
    private volatile bool _isNan;
    private int _renewals;

    /// <summary>Whether outputs are not numbers.</summary>
    public bool IsNan => _isNan;

    /// <summary>Carries out a command: <c>fail N</c> evaluations, <c>memory N</c> the same for want of memory, <c>stick</c>, <c>slow MS</c>, <c>nan</c>, <c>hang</c>, <c>heal</c>, <c>renewals</c>.</summary>
    /// <returns>The answer.</returns>
    public string Obey(string command)
    {
        switch (command.Split(' '))
        {
            case ["fail", var count]:
                Volatile.Write(ref _failures, int.Parse(count));
                break;
            case ["memory", var times]:
                Volatile.Write(ref _fault, (int)DeviceFault.OutOfMemory);
                Volatile.Write(ref _failures, int.Parse(times));
                break;
            case ["stick"]:
                Volatile.Write(ref _fault, (int)DeviceFault.Sticking);
                Volatile.Write(ref _failures, int.MaxValue);
                break;
            case ["slow", var milliseconds]:
                Volatile.Write(ref _milliseconds, int.Parse(milliseconds));
                break;
            case ["nan"]:
                _isNan = true;
                break;
            case ["hang"]:
                _free.Reset();
                break;
            case ["heal"]:
                (_failures, _milliseconds, _isNan, _fault) = (0, 0, false, 0);
                _free.Set();
                break;
            case ["renewals"]:
                return $"done: renewals {Volatile.Read(ref _renewals)}";
            default:
                return $"unknown: {command}";
        }
        return $"done: {command}";
    }

    /// <summary>What is wrong when an evaluation fails.</summary>
    public DeviceFault Fault => (DeviceFault)Volatile.Read(ref _fault);

    /// <summary>Waits as an evaluation is told to.</summary>
    /// <returns>Whether it fails.</returns>
    public bool Strike()
    {
        Thread.Sleep(Volatile.Read(ref _milliseconds));
        _free.Wait();
        return Volatile.Read(ref _failures) > 0 && Interlocked.Decrement(ref _failures) >= 0;
    }

    public void Renewed() => Interlocked.Increment(ref _renewals);
}
