using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// Turns requests into plans for one model. Choosing another sampler than the model's behaves like diffusers'
/// <c>OtherScheduler.from_config(scheduler.config)</c>: settings that both classes have carry over, a flow model stays one,
/// and nothing is clipped that was not.
/// </summary>
/// <param name="model">The scheduler configuration that the model was published with.</param>
public sealed class SamplingPlanner(SchedulerConfig model)
{
    private readonly IDiffusersScheduler _own = DiffusersSchedulers.Find(model.ClassName)!;

    /// <summary>The process of the model.</summary>
    public NoiseProcess Process { get; } = DiffusersSchedulers.Find(model.ClassName) is { } own
        ? own.Process(SchedulerSettings.Of(own, model.Values))
        : throw new ArgumentException("The configuration names an unknown class.", nameof(model));

    /// <summary>What kind of few-step model this is; null for models that are integrated.</summary>
    public FewStepModel? FewStep => _own.FewStep;

    /// <summary>The samplers that make sense for the model.</summary>
    public IEnumerable<SamplerDescriptor> Samplers =>
        SamplerRegistry.All.Where(sampler => sampler.Processes.Contains(Process) && (FewStep is null || FewStepModel.Allows(sampler)));

    /// <summary>Checks guidance by two evaluations, with and without the prompt, against the kind of model.</summary>
    /// <exception cref="SamplingOptionException">A value is out of range, or the model cannot be guided so; the message names the kind of model.</exception>
    public void Check(GuidanceOptions guidance)
    {
        guidance.Validate();
        FewStep?.Check(guidance);
    }

    /// <exception cref="SamplingOptionException">An option is unknown, out of range or does not fit the model; the message says what is allowed.</exception>
    public SamplingPlan Plan(SamplingOptions options)
    {
        try
        {
            return Checked(RequestChecks.Validated(options));
        }
        catch (SchedulerConfigException exception)
        {
            throw new SamplingOptionException("sampler", exception.Message);
        }
    }

    /// <summary>The diffusers class whose noise levels a run uses.</summary>
    /// <param name="sampler">Id, alias or class name as in <see cref="SamplingOptions.Sampler"/>; null: the model's own.</param>
    /// <exception cref="SamplingOptionException">There is no such sampler, or it does not fit the model.</exception>
    public string SchedulerClassOf(string? sampler) => Choose(sampler).Scheduler.ClassName;

    private SamplingPlan Checked(SamplingOptions options)
    {
        var (scheduler, chosen) = Choose(options.Sampler);
        var values = CarriedOver(scheduler);
        if (chosen is not null)
            values = values.SetItems(chosen.Settings.Select(setting => KeyValuePair.Create(setting.Key, (object?)setting.Value)));
        if (options.Spacing is { } spacing)
            values = WithSpacing(scheduler, values, spacing);

        // Options named like a setting take part in choosing the sampler and the levels.
        var given = options.SamplerOptions ?? ImmutableDictionary<string, object>.Empty;
        foreach (var setting in scheduler.Settings.Where(setting => setting.Kind != SettingKind.Numbers))
            if (given.TryGetValue(setting.Name, out var value))
                values = With(values, setting, setting.Name, SamplerOptionReader.Normalized(value));
        var settings = SchedulerSettings.Of(scheduler, values);
        var sampler = chosen ?? StandIn(scheduler, settings);

        if (FewStep is { } kind && !FewStepModel.Allows(sampler))
            throw new SamplingOptionException("sampler",
                $"Sampler '{options.Sampler ?? sampler.Id}' combines evaluations of several steps, which makes no sense for a few-step model ({kind.Name}). Allowed: {Allowed}.");
        RequestChecks.OrderWithinSteps(sampler, given, Steps(options));

        if (options.DistilledShare != 1 && scheduler is not LcmScheduler)
            throw new SamplingOptionException("start", $"{scheduler.ClassName} has no distilled timesteps to take a share of.");
        var run = scheduler.Run(settings, Request(options));
        var optionValues = SamplerOptionReader.Read(sampler, given, settings, run);
        var integrator = sampler.Create(optionValues);
        RequestChecks.PredictionFits(run, sampler);
        var clipping = sampler.ClipsItself ? null : run.Clipping;
        return new(sampler, clipping is null ? integrator : new ClippingSampler(integrator, clipping), PartialRun.Of(run, options), run.Prediction)
        {
            Unclipped = integrator,
            Clipping = clipping,
        };
    }

    // The class that gives the levels, and the sampler where the request names one rather than a class.
    private (IDiffusersScheduler Scheduler, SamplerDescriptor? Sampler) Choose(string? name)
    {
        if (name is null)
            return (_own, null);
        if (DiffusersSchedulers.Find(name) is { } named)
            return (Counterpart(named.ClassName, name), null);
        var sampler = SamplerRegistry.Find(name) ?? throw new SamplingOptionException(
            "sampler", $"Sampler '{name}' is unknown. Allowed: {string.Join(", ", SamplerRegistry.All.Select(known => known.Id))}.");
        return sampler.Processes.Contains(Process) ? (Counterpart(sampler.Scheduler, name), sampler) : throw Unfit(name);
    }

    private IDiffusersScheduler Counterpart(string className, string name) =>
        DiffusersSchedulers.Find(className)!.Counterpart(Process) is { } counterpart ? DiffusersSchedulers.Find(counterpart)! : throw Unfit(name);

    private SamplingOptionException Unfit(string name) => new(
        "sampler",
        $"Sampler '{name}' cannot be used with this model ({model.ClassName}, {Process}). Allowed: " +
        $"{Allowed}.");

    private string Allowed => string.Join(", ", Samplers.Select(sampler => sampler.Id));

    private static int Steps(SamplingOptions options) => options.Timesteps?.Count ?? options.Sigmas?.Count ?? options.Steps;

    private ImmutableDictionary<string, object?> CarriedOver(IDiffusersScheduler scheduler)
    {
        var values = model.Values;
        if (scheduler == _own)
            return values;
        // Some classes clip predictions to ±1 unless told not to. A model whose own scheduler knows no clipping was not made for it: latents go beyond.
        if (!values.ContainsKey("clip_sample"))
            values = values.SetItem("clip_sample", false);
        if (Process != NoiseProcess.Flow)
            return values;
        // The shift has two names, and the multistep classes have to be told that the model is a flow.
        var shift = values.GetValueOrDefault("shift") ?? values.GetValueOrDefault("flow_shift") ?? 1.0;
        return values.SetItem("shift", shift).SetItem("flow_shift", shift).SetItem("use_flow_sigmas", true).SetItem("prediction_type", Predictions.Flow.Name);
    }

    private static ImmutableDictionary<string, object?> WithSpacing(IDiffusersScheduler scheduler, ImmutableDictionary<string, object?> values, string spacing)
    {
        var setting = scheduler.Settings.FirstOrDefault(setting => setting.Name == "timestep_spacing")
            ?? throw new SamplingOptionException("spacing", $"{scheduler.ClassName} has no choice of spacing.");
        return With(values, setting, "spacing", spacing);
    }

    private static ImmutableDictionary<string, object?> With(ImmutableDictionary<string, object?> values, Setting setting, string parameter, object value) =>
        setting.Problem(value) is { } problem
            ? throw new SamplingOptionException(parameter, $"{parameter} {problem}.")
            : values.SetItem(setting.Name, value);

    private static SamplerDescriptor StandIn(IDiffusersScheduler scheduler, SchedulerSettings settings) =>
        scheduler.Samplers.Select(SamplerRegistry.Get)
            .FirstOrDefault(sampler => sampler.Settings.All(setting => Equals(settings[setting.Key], setting.Value)))
        ?? throw new SchedulerConfigException($"{scheduler.ClassName} is not supported with these settings: " +
            $"{string.Join(", ", SamplerRegistry.Get(scheduler.Samplers[0]).Settings.Keys.Select(key => $"{key} = {settings[key]}"))}.");

    private RunRequest Request(SamplingOptions options)
    {
        if (options.FlowShift is not null && Process != NoiseProcess.Flow)
            throw new SamplingOptionException("flow_shift", "Only flow models have a shift.");
        return new(Steps(options))
        {
            Ramp = Ramp(options),
            FlowShift = options.FlowShift,
            DistilledShare = options.DistilledShare,
            PictureShift = options.FlowShift is null && Process == NoiseProcess.Flow ? DynamicShift.Of(model.Values, options.ImageTokens) : null,
            Timesteps = options.Timesteps?.ToArray(),
            Sigmas = options.Sigmas?.ToArray(),
        };
    }

    private static RampChoice? Ramp(SamplingOptions options)
    {
        var name = options.Schedule ?? (options.Sampler is { } sampler ? SamplerRegistry.FindAlias(sampler)?.Schedule : null);
        var ramp = name is null ? (SigmaRamp?)null : SigmaRampNames.Parse(name);
        if (options.Rho is not null && ramp is not (SigmaRamp.Karras or SigmaRamp.PolyExponential))
            throw new SamplingOptionException("rho", "rho belongs to the schedules karras, polynomial and polyexponential: name one of them, or leave it out.");
        // Levels that are given are not spread again, whatever the sampler's name implies.
        return ramp is { } kind && options.Timesteps is null && options.Sigmas is null ? new RampChoice(kind, options.Rho) : null;
    }
}
