// The fields that say how a picture is computed: sampler, schedule, steps, guidance, caching. Used wherever such settings are chosen.

import { h, newId } from "./dom.js";
import { numberField, optionFields, selectField, showError } from "./fields.js";

const SLIDER_STEPS = 60;
const SLIDER_GUIDANCE = 15;

/** Makes the fields for a catalog; `onChange` is told of every change. */
export function methodFields(catalog, { onChange } = {}) {
  let model = catalog.defaultModel;
  const steps = numberField("num_inference_steps", "Steps", { min: 1, step: 1, slider: [1, SLIDER_STEPS] });
  const guidance = numberField("guidance_scale", "Guidance", { min: 0, step: 0.5, slider: [0, SLIDER_GUIDANCE], hint: "How closely the prompt is followed; 1 is off." });
  const sampler = selectField("sampler", "Sampler");
  const samplerOptions = optionFields("sampler_options");
  const schedule = selectField("schedule", "Schedule");
  const rho = numberField("rho", "Rho", { min: 0, hint: "Exponent of the schedule." });
  const cache = selectField("cache", "Caching");
  const cacheOptions = optionFields("cache");
  const parallel = selectField("parallel", "Parallel in time");
  const parallelOptions = optionFields("parallel");

  const fold = (options, text) => {
    const root = h("details", { id: newId("options") }, h("summary", {}, text), options.element);
    return { root, update: (list) => { options.setOptions(list); root.hidden = list.length === 0; } };
  };
  const samplerFold = fold(samplerOptions, "Sampler options");
  const cacheFold = fold(cacheOptions, "Caching options");
  const parallelFold = fold(parallelOptions, "Parallel options");
  const element = h("div", { class: "stack" }, steps.element, guidance.element, sampler.element, samplerFold.root, schedule.element, rho.element, cache.element, cacheFold.root, parallel.element, parallelFold.root);

  const describeSampler = () => {
    const chosen = catalog.sampler(sampler.get());
    samplerFold.update(chosen?.options ?? []);
    sampler.setHint(chosen ? `${chosen.source}. ${chosen.evaluations_per_step === 1 ? "One evaluation" : `${chosen.evaluations_per_step} evaluations`} a step${chosen.stochastic ? ", adds noise" : ""}.` : "The scheduler that the model was published with.");
  };
  const describeSchedule = () => {
    const chosen = catalog.schedule(schedule.get());
    schedule.setHint(chosen?.description);
    rho.hidden = chosen?.takes_rho !== true;
  };
  // A preset is the value "preset:NAME"; policies are their ids.
  const presetOf = (value) => (value?.startsWith("preset:") ? value.slice(7) : undefined);
  const describeCache = () => {
    const value = cache.get();
    const preset = presetOf(value);
    const policy = preset ? undefined : catalog.policy(value);
    cacheFold.update(policy?.options ?? []);
    cache.setHint(preset ? catalog.presetsOf(model).find((known) => known.id === preset)?.description : policy ? `${policy.source}.` : "Every step is computed in full.");
  };
  const describeParallel = () => {
    const chosen = catalog.parallelMethods.find((method) => method.id === parallel.get());
    parallelFold.update(chosen?.options ?? []);
    parallel.setHint(chosen ? `${chosen.source}. For ${chosen.samplers.map((id) => catalog.sampler(id)?.name ?? id).join(", ")}.` : "Steps follow each other.");
  };

  const choose = () => {
    const deterministic = [], stochastic = [];
    for (const entry of catalog.samplersOf(model)) (entry.stochastic ? stochastic : deterministic).push([entry.id, entry.name]);
    sampler.setOptions([["", "Model's own"], { group: "Deterministic", options: deterministic }, { group: "Adding noise", options: stochastic }]);
    schedule.setOptions([["", "Model's own"], ...catalog.schedules.map((entry) => [entry.id, entry.id])]);
    cache.setOptions([["", "Off"],
      { group: "Presets", options: catalog.presetsOf(model).map((preset) => [`preset:${preset.id}`, preset.label]) },
      { group: "Policies", options: catalog.policies.map((policy) => [policy.id, policy.name]) }]);
    parallel.setOptions([["", "Off"], ...catalog.parallelMethods.map((method) => [method.id, method.name])]);
    parallel.hidden = catalog.parallelMethods.length === 0;
    describeSampler(); describeSchedule(); describeCache(); describeParallel();
  };
  const defaults = () => {
    steps.set(model.default_steps ?? undefined);
    guidance.set(model.default_guidance_scale ?? undefined);
  };

  sampler.input.addEventListener("change", describeSampler);
  schedule.input.addEventListener("change", describeSchedule);
  cache.input.addEventListener("change", describeCache);
  parallel.input.addEventListener("change", describeParallel);
  element.addEventListener("input", (event) => {
    for (const known of all()) if (known.input === event.target) known.setError(null);
    onChange?.();
  });
  const all = () => [steps, guidance, sampler, ...samplerOptions.fields, schedule, rho, cache, ...cacheOptions.fields, parallel, ...parallelOptions.fields];

  const result = {
    element,
    /** Fits choices and limits to a model; steps and guidance become its defaults where they still are those of the model before. */
    setModel(next) {
      const untouched = steps.get() === (model.default_steps ?? undefined) && guidance.get() === (model.default_guidance_scale ?? undefined);
      model = next;
      steps.limit(1, model.limits.max_steps);
      guidance.limit(0, model.limits.max_guidance_scale);
      choose();
      if (untouched || steps.get() === undefined) defaults();
    },
    /** The request fields that are set. */
    read() {
      const options = cacheOptions.read();
      const preset = presetOf(cache.get());
      const parallelValues = parallelOptions.read();
      return compact({
        num_inference_steps: steps.get(),
        guidance_scale: guidance.get(),
        sampler: sampler.get(),
        sampler_options: samplerOptions.read(),
        schedule: schedule.get(),
        rho: rho.hidden ? undefined : rho.get(),
        cache_preset: preset,
        cache: preset || !cache.get() ? undefined : options ? { policy: cache.get(), ...options } : cache.get(),
        parallel: parallel.get() ? { method: parallel.get(), ...parallelValues } : undefined,
      });
    },
    /** Shows the fields of a request; what it does not have becomes the model's default. */
    write(request) {
      defaults();
      if (request.num_inference_steps !== undefined) steps.set(request.num_inference_steps);
      if (request.guidance_scale !== undefined) guidance.set(request.guidance_scale);
      sampler.set(catalog.sampler(request.sampler)?.id);
      schedule.set(catalog.schedule(request.schedule)?.id);
      const policy = typeof request.cache === "string" ? request.cache : request.cache?.policy;
      cache.set(request.cache_preset ? `preset:${request.cache_preset}` : catalog.policy(policy)?.id);
      parallel.set(request.parallel?.method);
      describeSampler(); describeSchedule(); describeCache(); describeParallel();
      samplerOptions.write(request.sampler_options);
      rho.set(request.rho);
      cacheOptions.write(typeof request.cache === "object" ? request.cache : undefined);
      parallelOptions.write(request.parallel);
    },
    clearErrors() { for (const known of all()) known.setError(null); },
    showError: (error) => showError(all(), error.param === "cache_preset" ? { param: "cache", message: error.message } : error),
  };
  result.setModel(model);
  return result;
}

/** The method of a request in a few words. */
export function methodText(request, catalog) {
  const parts = [];
  const sampler = catalog.sampler(request.sampler);
  parts.push(sampler?.name ?? request.sampler ?? "model's own sampler");
  if (request.num_inference_steps !== undefined) parts.push(`${request.num_inference_steps} steps`);
  if (request.guidance_scale !== undefined) parts.push(`guidance ${request.guidance_scale}`);
  if (request.schedule) parts.push(request.schedule);
  if (request.cache_preset) parts.push(`caching ${request.cache_preset}`);
  if (request.cache) parts.push(`caching ${request.cache.policy ?? request.cache}`);
  if (request.parallel) parts.push(request.parallel.method);
  return parts.join(", ");
}

/** An object without the properties that are undefined. */
export const compact = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
