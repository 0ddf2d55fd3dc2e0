using System.CommandLine;
using System.Globalization;
using Inference.LoadTest;

namespace Inference.Cli;

/// <summary>Arguments of <c>inference loadtest</c>; every mistake is named at once.</summary>
internal sealed class LoadTestArguments
{
    private readonly Argument<string> _url = new("url") { Description = "Server, its /v1, or the whole address of images/generations." };
    private readonly Option<double?> _rate = new("--rate") { Description = "Requests a second (1 when nothing is given); with --find-rate the first one tried." };
    private readonly Option<string> _arrivals = new("--arrivals") { Description = "poisson: independent, as users come; constant: equal gaps.", DefaultValueFactory = _ => "poisson" };
    private readonly Option<string?> _ramp = new("--ramp") { Description = "FROM..TO: Poisson arrivals whose rate moves in a straight line over the duration." };
    private readonly Option<string?> _trace = new("--trace") { Description = "File with one arrival a line, seconds from the start." };
    private readonly Option<int?> _concurrency = new("--concurrency") { Description = "CLOSED loop: so many clients, each waiting for its answer. Hides the waiting of users who come on their own; reports say so." };
    private readonly Option<bool> _findRate = new("--find-rate") { Description = "Searches the highest rate that keeps the --slo; the duration is that of one probe." };
    private readonly Option<string?> _slo = new("--slo") { Description = "Objective like 2s@p95: so many percent of all requests within the time, failures as misses." };
    private readonly Option<string?> _mix = new("--mix") { Description = "JSON file of weighted requests; one picture with the server's own settings when missing." };
    private readonly Option<string?> _duration = new("--duration") { Description = "Time in which requests are sent, like 60s or 5m (60s; a trace: all of it)." };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "Longest time of one request.", DefaultValueFactory = _ => "60s" };
    private readonly Option<long> _seed = new("--seed") { Description = "Of arrivals and mix: equal seeds, equal requests at equal times.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _model = new("--model") { Description = "Model of requests whose mix names none." };
    private readonly Option<string?> _keyVariable = new("--api-key-env") { Description = "Environment variable that holds a bearer token." };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder of report.json, report.md and report.html (loadtest- and the time)." };

    private readonly List<string> _problems = [];

    public LoadTestArguments() => _arrivals.AcceptOnlyFromAmong("poisson", "constant");

    public void AddTo(Command command)
    {
        command.Arguments.Add(_url);
        foreach (var option in new Option[] { _rate, _arrivals, _ramp, _trace, _concurrency, _findRate, _slo, _mix, _duration, _timeout, _seed, _model, _keyVariable, _output })
            command.Options.Add(option);
    }

    /// <exception cref="LoadTestException">Something is wrong; all of it is named.</exception>
    public LoadTestPlan Read(ParseResult parsed, TimeProvider time)
    {
        CheckTogether(parsed);
        var given = Duration(parsed, _duration);
        var duration = given ?? TimeSpan.FromSeconds(60);
        var timeout = Duration(parsed, _timeout) ?? TimeSpan.FromSeconds(60);
        var slo = Objective(parsed);
        var endpoint = Try(() => TargetAddress.Parse(parsed.GetRequiredValue(_url)));
        var load = Try(() => Load(parsed, duration, given));
        var mix = Try(() => parsed.GetValue(_mix) is { } path ? Mix.Load(path) : Mix.Default);
        var search = slo is not null && parsed.GetValue(_findRate) ? Try(() => new RateSearchOptions { Slo = slo, Probe = duration, FirstRate = parsed.GetValue(_rate) ?? 1 }.Validated()) : null;
        var key = Key(parsed);
        if (_problems.Count > 0)
            throw new LoadTestException([.. _problems.Distinct()]);
        return new(
            new() { Endpoint = endpoint!, Timeout = timeout, ApiKey = key }, load!, rate => Loads.Open(At(parsed, rate, duration)), search,
            parsed.GetValue(_model) is { Length: > 0 } model ? mix!.WithModel(model) : mix!, slo, parsed.GetValue(_seed),
            parsed.GetValue(_output) ?? $"loadtest-{time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
    }

    private void CheckTogether(ParseResult parsed)
    {
        var loads = new Option[] { _rate, _ramp, _trace, _concurrency }.Where(option => parsed.GetResult(option) is not null).Select(option => option.Name).ToList();
        if (loads.Count > 1)
            _problems.Add($"{string.Join(" and ", loads)} exclude each other: one load a run");
        if (parsed.GetValue(_findRate) && loads.Any(name => name != _rate.Name))
            _problems.Add($"--find-rate sets the rates itself: {string.Join(" and ", loads.Where(name => name != _rate.Name))} cannot be used with it");
        if (parsed.GetValue(_findRate) && parsed.GetValue(_slo) is null)
            _problems.Add("--find-rate needs an objective: --slo 2s@p95");
        if (parsed.GetResult(_arrivals) is { Implicit: false } && loads.Any(name => name != _rate.Name))
            _problems.Add($"--arrivals is for --rate and --find-rate, not for {loads.First(name => name != _rate.Name)}");
    }

    private ILoad Load(ParseResult parsed, TimeSpan duration, TimeSpan? given)
    {
        if (parsed.GetValue(_concurrency) is { } clients)
            return Loads.Closed(clients, duration);
        if (parsed.GetValue(_trace) is { } path)
            return Loads.Open(Arrivals.Trace(path, given));
        if (parsed.GetValue(_ramp) is not { } ramp)
            return Loads.Open(At(parsed, parsed.GetValue(_rate) ?? 1, duration));
        return Units.TryParseRange(ramp, out var range)
            ? Loads.Open(Arrivals.Ramp(range.From, range.To, duration))
            : throw new LoadTestException($"--ramp must be two rates like 1..8, not '{ramp}'");
    }

    private IArrivals At(ParseResult parsed, double rate, TimeSpan duration) =>
        parsed.GetRequiredValue(_arrivals) == "constant" ? Arrivals.Constant(rate, duration) : Arrivals.Poisson(rate, duration);

    private TimeSpan? Duration(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        if (Units.TryParseDuration(text, out var duration))
            return duration;
        _problems.Add($"{option.Name} must be a duration above 0 and at most 24h like 500ms, 60s or 5m, not '{text}'");
        return null;
    }

    private Slo? Objective(ParseResult parsed)
    {
        if (parsed.GetValue(_slo) is not { } text)
            return null;
        if (!Slo.TryParse(text, out var slo))
            _problems.Add($"--slo must be a time and a percentile like 2s@p95, not '{text}'");
        return slo;
    }

    private string? Key(ParseResult parsed)
    {
        if (parsed.GetValue(_keyVariable) is not { } name)
            return null;
        var key = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrWhiteSpace(key) || key.Any(char.IsControl))
            _problems.Add($"the environment variable {name} of --api-key-env is not set, or holds no token");
        return key;
    }

    private T? Try<T>(Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (LoadTestException exception)
        {
            _problems.AddRange(exception.Problems);
            return null;
        }
    }
}
