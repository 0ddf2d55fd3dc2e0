namespace Inference.Batching;

/// <summary>
/// Deficit round robin (Shreedhar &amp; Varghese 1995, SIGCOMM, section 3) with device time as the currency, over lanes of all keys: the time of a batch is
/// dealt in equal quanta to the lanes that had work, and paid for by the lanes whose rows ran, by rows. Who is owed the most goes first, so a
/// wide group waits for as many turns of others as it takes itself, and neither wide nor narrow groups starve.
/// </summary>
internal static class FairShare
{
    /// <summary>Orders lanes: most owed first, then the one that arrived first.</summary>
    public static int Compare<TOwner>(LaneTicket<TOwner> a, LaneTicket<TOwner> b)
    {
        var byDeficit = b.Deficit.CompareTo(a.Deficit);
        return byDeficit != 0 ? byDeficit : a.Arrival.CompareTo(b.Arrival);
    }

    /// <summary>Settles a batch that has run.</summary>
    /// <param name="batch">The lanes whose rows ran.</param>
    /// <param name="queues">All queues; their waiting lanes had work too.</param>
    /// <param name="milliseconds">What the batch took.</param>
    public static void Settle<TOwner>(List<LaneTicket<TOwner>> batch, List<KeyQueue<TOwner>> queues, double milliseconds)
    {
        var (rows, working) = (0, batch.Count);
        foreach (var ticket in batch)
            rows += ticket.Rows;
        foreach (var queue in queues)
            working += queue.WaitingLanes;
        var quantum = milliseconds / working;
        foreach (var queue in queues)
            foreach (var group in queue.Groups)
                foreach (var ticket in group.Lanes)
                    ticket.Deficit += quantum;
        foreach (var ticket in batch)
        {
            var price = milliseconds * ticket.Rows / rows;
            // Lanes that always run together settle nothing between them: without bounds a wide one would sink ever deeper below a narrow one,
            // and starve once they have to take turns. Debt is bounded by what was just used, credit by one batch.
            ticket.Deficit = Math.Clamp(ticket.Deficit + quantum - price, -price, milliseconds);
        }
    }
}
