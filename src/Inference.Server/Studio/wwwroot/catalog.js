// What the server says it can do. Every choice and limit of the studio comes from here.

import { list } from "./api.js";

/** Asks the server until its models are loaded. */
export async function loadCatalog(onWaiting) {
  for (;;) {
    const models = await list("v1/models");
    if (models.some((model) => model.status !== "failed")) {
      const [samplers, schedules, policies, parallelMethods] = await Promise.all([list("v1/samplers"), list("v1/schedules"), list("v1/cache-policies"), list("v1/parallel-methods")]);
      return new Catalog(models, samplers, schedules, policies, parallelMethods);
    }
    onWaiting?.(models);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

class Catalog {
  constructor(models, samplers, schedules, policies, parallelMethods) {
    Object.assign(this, { models, samplers, schedules, policies, parallelMethods });
  }

  /** The model of a name; the default one without a name. */
  model(name) {
    return this.models.find((model) => model.id === name) ?? this.defaultModel;
  }

  get defaultModel() {
    return this.models.find((model) => model.is_default) ?? this.models[0];
  }

  sampler(name) {
    return this.samplers.find((sampler) => sampler.id === name || sampler.aliases.includes(name));
  }

  /** The samplers of a model; all of them while it is not loaded and nothing is known of it. */
  samplersOf(model) {
    return model.samplers ? this.samplers.filter((sampler) => model.samplers.includes(sampler.id)) : this.samplers;
  }

  schedule(name) {
    return this.schedules.find((schedule) => schedule.id === name || schedule.aliases.includes(name));
  }

  /** Caching presets of a model, as far as the server has calibrated any. */
  presetsOf(model) {
    const presets = new Map();
    for (const preset of model.cache_presets ?? []) {
      const measured = preset.psnr_db === null ? "as without caching" : `${preset.psnr_db.toFixed(1)} dB to the plain run at ${preset.steps} steps`;
      if (!presets.has(preset.name)) presets.set(preset.name, { id: preset.name, label: preset.name, measured: [] });
      presets.get(preset.name).measured.push(measured);
    }
    return [...presets.values()].map((preset) => ({ ...preset, description: `Measured: ${preset.measured.join("; ")}.` }));
  }

  policy(name) {
    return this.policies.find((policy) => policy.id === name || policy.aliases.includes(name));
  }
}
