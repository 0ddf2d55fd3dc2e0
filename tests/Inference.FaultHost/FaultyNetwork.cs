using Inference.Batching;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.FaultHost;

/// <summary>Puts faults between the server's own guard and the networks.</summary>
internal sealed class FaultyGuard(INetworkGuard guard, Faults faults) : INetworkGuard
{
    public IBatchEvaluator Guard(string model, IRenewableEvaluator network) => guard.Guard(model, new FaultyNetwork(network, faults));
}

/// <summary>A network that goes wrong when told to.</summary>
internal sealed class FaultyNetwork(IRenewableEvaluator network, Faults faults) : IRenewableEvaluator
{
    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        if (faults.Strike())
            throw new ProviderFailedException("the device was told to fail", fault: faults.Fault);
        network.Evaluate(key, rows);
        if (faults.IsNan)
            foreach (var row in rows)
                row.Output.Values.Fill(float.NaN);
    }

    public void Renew()
    {
        faults.Renewed();
        network.Renew();
    }

    public void Dispose() => network.Dispose();
}
