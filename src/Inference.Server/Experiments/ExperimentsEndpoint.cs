using Inference.Experiments;

namespace Inference.Server;

/// <summary><c>/v1/experiments</c>: compare settings on the requests that come.</summary>
internal static class ExperimentsEndpoint
{
    private const string Route = "/v1/experiments";
    private const int MostUser = 256;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Route, CreateAsync).WithName("createExperiment").WithSummary("Makes an experiment; its arms are checked as requests are.")
            .Accepts<ExperimentBody>("application/json").Produces<ExperimentResponse>(201).Produces<OpenAiErrorResponse>(400).Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(409)
            .Produces<OpenAiErrorResponse>(429).Produces<OpenAiErrorResponse>(503);
        routes.MapGet(Route, List).WithName("listExperiments").WithSummary("Lists the experiments, the newest first.").Produces<ExperimentList>().Produces<OpenAiErrorResponse>(503);
        routes.MapGet(Route + "/{id}", Get).WithName("getExperiment").WithSummary("An experiment.").Produces<ExperimentResponse>().Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(503);
        routes.MapDelete(Route + "/{id}", DeleteAsync).WithName("deleteExperiment").WithSummary("Removes an experiment with its results and votes.")
            .Produces(204).Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(503);
        routes.MapPost(Route + "/{id}/stop", StopAsync).WithName("stopExperiment").WithSummary("Stops an experiment; requests that name it run its reference arm from then on.")
            .Produces<ExperimentResponse>().Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(503);
        routes.MapPost(Route + "/{id}/votes", VoteAsync).WithName("voteInExperiment").WithSummary("Takes somebody's choice between two arms' pictures: winner and loser, or tie.")
            .Accepts<VoteBody>("application/json").Produces<VoteResponse>(201).Produces<OpenAiErrorResponse>(400).Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(503);
        routes.MapGet(Route + "/{id}/report", Report).WithName("reportExperiment").WithSummary("What an experiment has shown so far; as HTML with 'format=html' or Accept: text/html.")
            .Produces<ExperimentReportResponse>(200, "application/json", "text/html").Produces<OpenAiErrorResponse>(400).Produces<OpenAiErrorResponse>(404).Produces<OpenAiErrorResponse>(503);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, Generator generator, DefinitionReader reader, ExperimentTable table)
    {
        generator.EnsureServing();
        var body = await RequestBody.ReadAsync(context.Request, ServerJson.Default.ExperimentBody, context.RequestAborted);
        var added = await table.AddAsync(await reader.ReadAsync(body, context.RequestAborted), context.RequestAborted);
        context.Response.Headers.Location = $"{Route}/{added.Experiment.Id}";
        return TypedResults.Json(ExperimentResponse.Of(added.Experiment, default), ServerJson.Default.ExperimentResponse, statusCode: StatusCodes.Status201Created);
    }

    private static IResult List(ExperimentTable table) =>
        TypedResults.Json(new ExperimentList("list", [.. table.All.Select(known => Describe(known, table))]), ServerJson.Default.ExperimentList);

    private static IResult Get(string id, ExperimentTable table) => TypedResults.Json(Describe(table.Find(id, "id"), table), ServerJson.Default.ExperimentResponse);

    private static async Task<IResult> DeleteAsync(string id, ExperimentTable table, CancellationToken cancellationToken)
    {
        await table.RemoveAsync(table.Find(id, "id"), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> StopAsync(string id, ExperimentTable table, CancellationToken cancellationToken)
    {
        var known = table.Find(id, "id");
        await table.StopAsync(known, StopReason.Request, cancellationToken);
        return TypedResults.Json(Describe(known, table), ServerJson.Default.ExperimentResponse);
    }

    private static async Task<IResult> VoteAsync(string id, HttpContext context, ExperimentTable table, TimeProvider time)
    {
        var known = table.Find(id, "id");
        var body = await RequestBody.ReadAsync(context.Request, ServerJson.Default.VoteBody, context.RequestAborted);
        if (body.User?.Length > MostUser)
            throw Invalid("user", $"'user' must have at most {MostUser} characters.");
        await table.Store.AddAsync(id, Read(body, known.Definition, time.GetUtcNow()), context.RequestAborted);
        return TypedResults.Json(
            new VoteResponse("vote", id, body.Winner, body.Loser, body.Tie, table.Store.Counts(id).Votes), ServerJson.Default.VoteResponse, statusCode: StatusCodes.Status201Created);
    }

    private static IResult Report(string id, string? format, HttpContext context, ExperimentTable table)
    {
        if (format is not (null or "json" or "html"))
            throw Invalid("format", "'format' must be json or html.");
        var known = table.Find(id, "id");
        var report = ReportComposer.Compose(known.Experiment, table.Store.Results(id), table.Store.Votes(id));
        if (format != "html" && (format is not null || !PrefersHtml(context.Request)))
            return TypedResults.Json(ExperimentReportResponse.Of(report, table.Store.Counts(id)), ServerJson.Default.ExperimentReportResponse);
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
        return TypedResults.Text(ReportPage.Render(report), "text/html; charset=utf-8");
    }

    private static bool PrefersHtml(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return Quality("text", "html") is var html && html > 0 && html >= Quality("application", "json");

        // Only what is named counts: */* is what programs send.
        double Quality(string type, string subtype) =>
            accepted.Where(media => media.Type.Equals(type, StringComparison.OrdinalIgnoreCase) && media.SubType.Equals(subtype, StringComparison.OrdinalIgnoreCase)).Select(media => media.Quality ?? 1).DefaultIfEmpty(0).Max();
    }

    private static Vote Read(VoteBody body, ExperimentDefinition definition, DateTimeOffset now)
    {
        if (body.Tie is { } tie)
        {
            if (body.Winner is not null || body.Loser is not null)
                throw Invalid("tie", "'tie' cannot be given beside 'winner' and 'loser'.");
            if (tie.Length != 2 || tie[0] == tie[1])
                throw Invalid("tie", "'tie' must be the names of two arms.");
            return new(Index(tie[0], "tie", definition), Index(tie[1], "tie", definition), VoteChoice.Tie, now, body.User);
        }
        var (winner, loser) = (Index(body.Winner, "winner", definition), Index(body.Loser, "loser", definition));
        return winner == loser ? throw Invalid("loser", "'loser' must be another arm than 'winner'.") : new(winner, loser, VoteChoice.First, now, body.User);
    }

    private static int Index(string? name, string field, ExperimentDefinition definition)
    {
        for (var i = 0; i < definition.Arms.Count; i++)
            if (definition.Arms[i].Name == name)
                return i;
        throw Invalid(field, $"'{field}' must {(field == "tie" ? "have names of arms" : "be the name of an arm")}: {string.Join(", ", definition.Arms.Select(arm => arm.Name))}.");
    }

    private static ExperimentResponse Describe(RunningExperiment known, ExperimentTable table) => ExperimentResponse.Of(known.Experiment, table.Store.Counts(known.Experiment.Id));

    private static BadRequestException Invalid(string field, string message) => new(HttpError.Invalid(message, field, "invalid_value"));
}
