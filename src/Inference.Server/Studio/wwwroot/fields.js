// Form fields: a label, a control, a hint and a place for what the server says is wrong with it.

import { fill, h, newId } from "./dom.js";

// Some options are a word or a number.
const NUMBER = /^-?\d+(\.\d+)?$/;

/** A field around a control. `control` has get() and set(value); what is empty is undefined. */
function field(name, label, hint, element, input, { get, set }) {
  const ids = { hint: newId("hint"), error: newId("error") };
  const hintText = h("span", { class: "hint", id: ids.hint }, hint ?? "");
  hintText.hidden = !hint;
  const error = h("span", { class: "error", id: ids.error });
  error.hidden = true;
  input.id ||= newId("field");
  input.setAttribute("aria-describedby", `${ids.hint} ${ids.error}`);
  const root = h("div", { class: "field" }, h("label", { class: "label", for: input.id }, label), element, hintText, error);
  return {
    name, element: root, input, get, set,
    setHint(text) { hintText.textContent = text ?? ""; hintText.hidden = !text; },
    setError(text) {
      error.textContent = text ?? "";
      error.hidden = !text;
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    },
    set hidden(value) { root.hidden = value; },
    get hidden() { return root.hidden; },
  };
}

/** Text of one line, or of several. */
export function textField(name, label, { rows, hint, placeholder, maxLength } = {}) {
  const input = rows ? h("textarea", { rows, placeholder: placeholder ?? "", spellcheck: true }) : h("input", { type: "text", placeholder: placeholder ?? "" });
  if (maxLength) input.maxLength = maxLength;
  return field(name, label, hint, input, input, { get: () => input.value || undefined, set: (value) => { input.value = value ?? ""; } });
}

/** A number, with a slider where it has a customary range. */
export function numberField(name, label, { min, max, step, slider, hint, placeholder } = {}) {
  const input = h("input", { type: "number", inputMode: "decimal", placeholder: placeholder ?? "" });
  const limit = (least, most) => { input.min = least ?? ""; input.max = most ?? ""; };
  limit(min, max);
  input.step = step ?? "any";
  let element = input;
  if (slider) {
    const range = h("input", { type: "range", min: slider[0], max: slider[1], step: step ?? "any", tabIndex: -1, "aria-hidden": "true" });
    range.addEventListener("input", () => { input.value = range.value; input.dispatchEvent(new Event("input", { bubbles: true })); });
    const follow = () => { range.value = input.value === "" ? slider[0] : input.value; };
    input.addEventListener("input", follow);
    element = h("div", { class: "paired" }, range, input);
    element.follow = follow;
  }
  const result = field(name, label, hint, element, input, {
    get: () => (input.value === "" || Number.isNaN(input.valueAsNumber) ? undefined : input.valueAsNumber),
    set: (value) => { input.value = value ?? ""; element.follow?.(); },
  });
  result.limit = limit;
  return result;
}

/** One of several values. Options are [value, label] pairs, or { group, options }. */
export function selectField(name, label, { options = [], hint } = {}) {
  const input = h("select", {});
  const result = field(name, label, hint, input, input, {
    get: () => input.value || undefined,
    set: (value) => {
      input.value = value ?? "";
      if (input.selectedIndex < 0) input.selectedIndex = 0;
    },
  });
  const option = ([value, text]) => h("option", { value }, text);
  result.setOptions = (list) => {
    const before = input.value;
    fill(input, list.map((entry) => (Array.isArray(entry) ? option(entry) : entry.options.length > 0 && h("optgroup", { label: entry.group }, entry.options.map(option)))));
    result.set(before);
  };
  result.setOptions(options);
  return result;
}

/** Yes or no. */
export function checkField(name, label, { hint } = {}) {
  const input = h("input", { type: "checkbox", id: newId("field") });
  const text = h("label", { class: "check", for: input.id }, input, label);
  const note = h("span", { class: "hint" }, hint ?? "");
  note.hidden = !hint;
  return { name, element: h("div", { class: "field" }, text, note), input, get: () => input.checked || undefined, set: (value) => { input.checked = value === true; }, setError() {} };
}

/** Controls for options as the server describes them: samplers', cache policies' and the like. What is left at its default is not sent. */
export function optionFields(prefix) {
  const root = h("div", { class: "stack tight" });
  let entries = [];
  const make = (option) => {
    const name = `${prefix}.${option.name}`;
    const label = option.name.replaceAll("_", " ");
    const range = option.minimum !== null || option.maximum !== null ? ` ${option.minimum ?? "any"} to ${option.maximum ?? "any"}.` : "";
    const defaultText = option.default === null ? "" : ` Default ${option.default}.`;
    if (option.allowed) return selectField(name, label, { options: [["", `default (${option.default})`], ...option.allowed.map((value) => [value, value])], hint: option.description });
    if (typeof option.default === "boolean") return selectField(name, label, { options: [["", `default (${option.default ? "on" : "off"})`], ["true", "on"], ["false", "off"]], hint: option.description });
    if (typeof option.default === "string") return textField(name, label, { hint: option.description + defaultText, placeholder: option.default });
    return numberField(name, label, { min: option.minimum, max: option.maximum, step: option.integer ? 1 : "any", hint: option.description + range, placeholder: option.default ?? "" });
  };
  return {
    element: root,
    get fields() { return entries.map((entry) => entry.control); },
    get count() { return entries.length; },
    setOptions(options) {
      entries = options.map((option) => ({ option, control: make(option) }));
      fill(root, entries.map((entry) => entry.control.element));
    },
    read() {
      const values = {};
      for (const { option, control } of entries) {
        const value = control.get();
        if (value !== undefined) values[option.name] = typeof option.default === "boolean" ? value === "true" : typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
      }
      return Object.keys(values).length > 0 ? values : undefined;
    },
    write(values) {
      for (const { option, control } of entries) control.set(values?.[option.name] === undefined ? undefined : String(values[option.name]));
    },
  };
}

/** Shows an error at the field it is about; returns whether there is one. */
export function showError(fields, error) {
  // The field itself, an option by its own name, or the field that the path begins with.
  const name = error.param ?? "";
  const at = fields.find((candidate) => candidate.name === name) ?? (name && fields.find((candidate) => candidate.name.endsWith(`.${name}`))) ?? fields.find((candidate) => candidate.name === name.split(/[.[]/)[0]);
  if (!at || at.hidden) return false;
  at.setError(error.message);
  const closed = at.element.closest("details:not([open])");
  if (closed) closed.open = true;
  at.input.focus();
  return true;
}
