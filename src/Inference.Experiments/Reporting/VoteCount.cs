using MathNet.Numerics.Distributions;

namespace Inference.Experiments;

/// <summary>Counts votes and fits strengths to them.</summary>
internal static class VoteCount
{
    public static VoteSummary Of(ExperimentDefinition definition, IReadOnlyList<Vote> votes)
    {
        var n = definition.Arms.Count;
        var wins = new double[n, n];
        var (won, lost, tied) = (new int[n], new int[n], new int[n]);
        foreach (var vote in votes)
            if (vote.Choice == VoteChoice.First)
            {
                wins[vote.First, vote.Second]++;
                won[vote.First]++;
                lost[vote.Second]++;
            }
            else
            {
                wins[vote.First, vote.Second] += 0.5;
                wins[vote.Second, vote.First] += 0.5;
                tied[vote.First]++;
                tied[vote.Second]++;
            }
        var fit = BradleyTerry.Fit(wins, definition.Reference);
        var z = Normal.InvCDF(0, 1, 1 - definition.Stop.Alpha / 2);
        var note = fit is not null ? null
            : votes.Count == 0 ? "There are no votes."
            : "Votes do not determine strengths yet: an arm, or a group of arms, has won or lost all its votes against the rest, or has none.";
        return new(votes.Count, votes.Count(vote => vote.Choice == VoteChoice.Tie), [.. Enumerable.Range(0, n).Select(arm => Of(arm))], note);

        ArmVotes Of(int arm)
        {
            var all = won[arm] + lost[arm] + tied[arm];
            var strength = fit?[arm];
            return new(
                won[arm], lost[arm], tied[arm], strength?.Value, strength?.Value - z * strength?.StandardError, strength?.Value + z * strength?.StandardError,
                all == 0 ? null : (won[arm] + 0.5 * tied[arm]) / all);
        }
    }
}
