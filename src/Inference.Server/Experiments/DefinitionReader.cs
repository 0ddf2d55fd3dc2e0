using System.Text.Json;
using Inference.Experiments;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Turns the body of a new experiment into its definition. Arms are checked as requests are: what cannot be served is refused now, not when a request meets it.</summary>
internal sealed class DefinitionReader(Generator generator)
{
    /// <exception cref="BadRequestException">Something is wrong; the error names the field.</exception>
    public async Task<ExperimentDefinition> ReadAsync(ExperimentBody body, CancellationToken cancellationToken)
    {
        var names = (body.Arms ?? throw Missing("arms")).Select(arm => arm?.Name ?? "").ToList();
        var reference = body.Reference is null ? 0 : names.IndexOf(body.Reference);
        if (reference < 0)
            throw Invalid("reference", $"'reference' must be the name of an arm: {string.Join(", ", names.Take(DefinitionCheck.MostArms))}.");
        var definition = new ExperimentDefinition
        {
            Name = body.Name ?? throw Missing("name"),
            Arms = [.. body.Arms.Select(arm => new Arm(arm?.Name ?? "", arm?.Weight ?? 1, arm?.Options is { ValueKind: not JsonValueKind.Null } options ? options.GetRawText() : "{}"))],
            Reference = reference,
            Sticky = body.Sticky switch
            {
                null or "request" => StickyKey.Request,
                "user" => StickyKey.User,
                _ => throw Invalid("sticky", "'sticky' must be request or user."),
            },
            DefaultShare = body.DefaultShare ?? 0,
            Pairing = new(body.Pairing?.Enabled ?? false, body.Pairing?.Share ?? 1),
            Stop = StopOf(body.Stop),
        };
        if (DefinitionCheck.Problems(definition).ToArray() is { Length: > 0 } problems)
            throw new InvalidRequestException([.. problems.Select(problem => new RequestProblem(problem.Field, problem.Message))]);
        for (var i = 0; i < definition.Arms.Count; i++)
            await CheckAsync(definition.Arms[i], $"arms[{i}].options", cancellationToken);
        return definition;
    }

    private async Task CheckAsync(Arm arm, string field, CancellationToken cancellationToken)
    {
        var options = ArmOptions.Read(JsonElement.Parse(arm.Options), field);
        try
        {
            await generator.CheckOptionsAsync(options, cancellationToken);
        }
        catch (BadRequestException exception)
        {
            throw ArmOptions.Within(exception.Error, field);
        }
        catch (InvalidRequestException exception)
        {
            throw ArmOptions.Within(HttpError.For(exception)!, field);
        }
    }

    private static StopRule StopOf(StopBody? body)
    {
        var rule = new StopRule();
        return body is null ? rule : rule with
        {
            Metric = MetricOf(body.Metric) ?? rule.Metric,
            Alpha = body.Alpha ?? rule.Alpha,
            MinResults = body.MinResults ?? rule.MinResults,
            MaxResults = body.MaxResults ?? rule.MaxResults,
            OnDifference = body.OnDifference ?? rule.OnDifference,
        };
    }

    private static ComparedMetric? MetricOf(string? name)
    {
        if (name is null)
            return null;
        return Experiments.Metrics.Compared.FirstOrDefault(metric => metric.Name == name)?.Metric
            ?? throw Invalid("stop.metric", $"'stop.metric' must be {string.Join(" or ", Experiments.Metrics.Compared.Select(metric => metric.Name))}.");
    }

    private static BadRequestException Missing(string field) => new(HttpError.Invalid($"Missing required parameter: '{field}'.", field, "missing_required_parameter"));

    private static BadRequestException Invalid(string field, string message) => new(HttpError.Invalid(message, field, "invalid_value"));
}
