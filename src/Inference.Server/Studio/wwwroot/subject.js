// The fields that say what a picture shows: prompt, model, size, seed.

import { h, icon } from "./dom.js";
import { numberField, selectField, showError, textField } from "./fields.js";
import { compact } from "./method.js";

const DICE = ["M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z", "M8 8h.01M16 8h.01M12 12h.01M8 16h.01M16 16h.01"];
const LARGEST_RANDOM = 2 ** 31;

/** A seed as the server would draw it. */
export const randomSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % LARGEST_RANDOM;

/**
 * Makes the fields for a catalog.
 * @param onModel told of the model that is chosen
 * @param wide whether there is room for two columns
 * @param count whether several pictures may be asked for
 */
export function subjectFields(catalog, { onModel, wide = false, count = false } = {}) {
  let model = catalog.defaultModel;
  const prompt = textField("prompt", "Prompt", { rows: 3, placeholder: "a red apple on a blue background" });
  const negative = textField("negative_prompt", "Negative prompt", { rows: 2, placeholder: "What should not appear" });
  const label = numberField("class_label", "Class", { min: 0, step: 1 });
  const models = selectField("model", "Model");
  const sizes = selectField("size", "Size");
  const sizeText = textField("size", "Size", { placeholder: "WIDTHxHEIGHT" });
  const number = numberField("n", "Pictures", { min: 1, step: 1 });
  const seed = numberField("seed", "Seed", { min: 0, step: 1, placeholder: "random" });
  const dice = h("button", { type: "button", class: "icon-button", title: "Draw a seed", "aria-label": "Draw a seed", on: { click: () => { seed.set(randomSeed()); seed.setError(null); } } }, icon(...DICE));
  const input = seed.input;
  const row = h("div", { class: "with-button" });
  input.replaceWith(row);
  row.append(input, dice);

  models.setOptions(catalog.models.map((entry) => [entry.id, entry.status === "failed" ? `${entry.id} (failed)` : entry.status === "ready" ? entry.id : `${entry.id} (loads when used)`]));
  models.set(model.id);
  const all = [prompt, negative, label, models, sizes, sizeText, number, seed];

  // Sizes are a list, or a rule in words where there are too many.
  const fixed = () => model.sizes?.every((size) => /^\d+x\d+$/.test(size)) === true;
  const setModel = (next) => {
    model = next;
    models.setHint(model.error ?? model.notes?.[0]);
    sizes.hidden = !fixed();
    sizeText.hidden = fixed();
    if (fixed()) sizes.setOptions(model.sizes.map((size) => [size, size.replace("x", " × ")]));
    else sizeText.setHint(model.sizes ? `Allowed: ${model.sizes[0]}` : "Empty for the model's own.");
    prompt.input.maxLength = negative.input.maxLength = model.limits.max_prompt_length;
    number.limit(1, model.limits.max_count);
    const classes = model.classes > 0;
    label.hidden = !classes;
    label.limit(0, classes ? model.classes - 1 : undefined);
    prompt.hidden = negative.hidden = classes;
    onModel?.(model);
  };
  const choose = (name) => {
    models.set(catalog.model(name).id);
    setModel(catalog.model(name));
  };
  models.input.addEventListener("change", () => setModel(catalog.model(models.get())));
  number.set(1);
  number.hidden = !count;
  const size = h("div", {}, sizes.element, sizeText.element);
  const said = [prompt.element, negative.element, label.element];
  const chosen = [models.element, count ? h("div", { class: "two" }, size, number.element) : size, seed.element];
  const element = wide
    ? h("div", { class: "columns" }, h("div", { class: "stack" }, said), h("div", { class: "stack" }, chosen))
    : h("div", { class: "stack" }, said, chosen);
  element.addEventListener("input", (event) => { for (const known of all) if (known.input === event.target) known.setError(null); });
  setModel(model);
  return {
    element, prompt,
    get model() { return model; },
    read: () => compact({
      prompt: prompt.hidden ? undefined : prompt.get(),
      negative_prompt: negative.hidden ? undefined : negative.get(),
      class_label: label.hidden ? undefined : label.get(),
      model: model.id,
      size: fixed() ? sizes.get() : sizeText.get(),
      n: count ? number.get() : undefined,
      seed: seed.get(),
    }),
    write(request) {
      choose(request.model);
      prompt.set(request.prompt);
      negative.set(request.negative_prompt);
      label.set(request.class_label);
      (fixed() ? sizes : sizeText).set(request.size);
      number.set(request.n ?? 1);
      seed.set(request.seed);
    },
    setSeed: (value) => seed.set(value),
    clearErrors() { for (const known of all) known.setError(null); },
    showError: (error) => showError(all.filter((known) => !known.hidden), error),
  };
}
