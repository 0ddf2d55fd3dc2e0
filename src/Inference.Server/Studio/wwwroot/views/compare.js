// Side by side: one picture by two to four methods with one seed, zoomed together, with what each took, and a vote.

import { cancel, generate, list, newRequestId } from "../api.js";
import { duration, fill, h, picture, release, scrollable } from "../dom.js";
import { checkField, selectField } from "../fields.js";
import { methodFields, methodText } from "../method.js";
import { comparisons } from "../store.js";
import { randomSeed, subjectFields } from "../subject.js";
import { LETTERS, panesClass, showResult, titleOf } from "./comparison.js";

export function mount(root, { catalog }) {
  let arms = [];
  let experiment = null;
  let running = null;
  const subject = subjectFields(catalog, { wide: true, onModel: (model) => { for (const arm of arms) arm.method.setModel(model); } });
  const together = checkField("together", "Run all at the same time", { hint: "Faster in all, but they share batches: times then say little about each." });
  const source = selectField("source", "Arms", { options: [["", "Set by hand"]], hint: "Arms of a running experiment can be compared; the vote then counts for it." });
  const problem = h("div", { class: "banner", role: "alert" });
  problem.hidden = true;
  const submit = h("button", { type: "submit", class: "button primary" }, "Compare");
  const stop = h("button", { type: "button", class: "button", on: { click: () => running?.cancel() } }, "Cancel");
  stop.hidden = true;
  const armsHost = h("div", { class: "arms" });
  const addArm = h("button", { type: "button", class: "button small", on: { click: () => add({}) } }, "Add an arm");
  const form = h("form", { class: "stack", noValidate: true, "aria-label": "Comparison" },
    h("div", { class: "card" }, subject.element),
    h("div", { class: "row between" }, h("h2", {}, "Methods"), h("div", { class: "row" }, source.element, addArm)), armsHost,
    h("div", { class: "row between" }, together.element, h("div", { class: "row" }, stop, submit)), problem);
  const results = h("section", { class: "stack", "aria-label": "Result" });
  const history = h("details", {}, h("summary", {}, "Earlier comparisons"), scrollable("Earlier comparisons", null, ""));
  root.append(h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Side by side"), h("p", {}, "One prompt and one seed by several methods. Zoom in one picture and all follow."))), form, results, history);

  function add(request, name) {
    if (arms.length >= LETTERS.length) return;
    const method = methodFields(catalog);
    const arm = { method, options: null };
    const remove = h("button", { type: "button", class: "button small quiet", "aria-label": "Remove this arm", on: { click: () => { arms = arms.filter((known) => known !== arm); layout(); } } }, "Remove");
    arm.tag = h("span", { class: "arm-tag", "aria-hidden": "true" });
    arm.heading = h("h3", { class: "grow" });
    arm.remove = remove;
    arm.given = h("p", { class: "muted" });
    arm.given.hidden = true;
    arm.element = h("section", {}, h("div", { class: "row" }, arm.tag, arm.heading, remove), arm.given, method.element);
    method.setModel(subject.model);
    method.write(request);
    arm.name = name;
    arms.push(arm);
    layout();
    return arm;
  }

  function layout() {
    arms.forEach((arm, i) => {
      arm.element.className = `card arm arm-${i}`;
      arm.tag.textContent = LETTERS[i];
      arm.heading.textContent = arm.name ?? `Method ${LETTERS[i]}`;
      arm.element.setAttribute("aria-label", `Method ${LETTERS[i]}`);
      arm.remove.hidden = arms.length <= 2 || experiment !== null;
      arm.given.hidden = arm.options === null;
      arm.method.element.hidden = arm.options !== null;
      if (arm.options) arm.given.textContent = methodText(arm.options, catalog);
    });
    addArm.hidden = arms.length >= LETTERS.length || experiment !== null;
    fill(armsHost, arms.map((arm) => arm.element));
  }

  function startAfresh() {
    experiment = null;
    arms = [];
    const steps = catalog.defaultModel.default_steps ?? 20;
    add({});
    add({ num_inference_steps: Math.max(2, Math.round(steps / 2)) });
  }

  let known = [];
  async function offerExperiments() {
    try {
      known = (await list("v1/experiments")).filter((entry) => entry.arms.length <= LETTERS.length);
    } catch {
      known = [];
    }
    const chosen = source.get();
    source.element.hidden = known.length === 0;
    source.setOptions([["", "Set by hand"], ...known.map((entry) => [entry.id, `Experiment ${entry.name}`])]);
    source.set(chosen);
  }
  source.input.addEventListener("change", () => useExperiment(known.find((entry) => entry.id === source.get())));
  function useExperiment(entry) {
    if (!entry) {
      startAfresh();
      return;
    }
    experiment = entry;
    arms = [];
    for (const arm of entry.arms) add({}, arm.name).options = arm.options;
    layout();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });

  async function run() {
    if (running) return;
    problem.hidden = true;
    subject.clearErrors();
    for (const arm of arms) arm.method.clearErrors();
    const base = { ...subject.read(), seed: subject.read().seed ?? randomSeed() };
    const ids = new Set();
    let cancelled = false;
    running = { cancel: () => { cancelled = true; for (const id of ids) cancel(id).catch((error) => fail(error)); } };
    submit.disabled = true;
    stop.hidden = false;
    const comparison = { created: Date.now(), base, experiment: experiment && { id: experiment.id, name: experiment.name }, vote: null, arms: arms.map((arm) => ({ name: arm.name ?? null, options: arm.options ?? arm.method.read() })) };
    const shown = showRunning(comparison);
    const one = async (arm, i) => {
      const id = newRequestId();
      ids.add(id);
      try {
        const body = { ...base, ...comparison.arms[i].options };
        const { pictures, report } = await generate(body, { id, onProgress: (event) => shown[i].progress(event), onPreview: (_, blob) => shown[i].preview(blob) });
        Object.assign(comparison.arms[i], { blob: pictures[0].blob, report });
        shown[i].done(comparison.arms[i]);
      } catch (error) {
        error.arm = arm;
        throw error;
      } finally {
        ids.delete(id);
      }
    };
    try {
      if (together.get()) {
        await allOrFirst(arms.map(one), () => { for (const id of ids) cancel(id).catch(() => {}); });
      } else {
        for (const [i, arm] of arms.entries()) {
          if (cancelled) throw Object.assign(new Error("Cancelled"), { status: 499 });
          await one(arm, i);
        }
      }
      await showResult(results, await comparisons.add(comparison), catalog);
    } catch (error) {
      release(results);
      fill(results, error.status === 499 ? h("p", { class: "muted", role: "status" }, "Cancelled.") : []);
      if (error.status !== 499) fail(error);
    } finally {
      running = null;
      submit.disabled = false;
      stop.hidden = true;
    }
  }

  function fail(error) {
    if (error.arm && error.arm.options === null && error.arm.method.showError(error)) return;
    if (subject.showError(error)) return;
    problem.hidden = false;
    problem.textContent = error.arm ? `${error.arm.heading.textContent}: ${error.message}` : error.message;
  }

  function showRunning(comparison) {
    release(results);
    const panes = comparison.arms.map((arm, i) => {
      const view = h("div", { class: "pane-view" });
      const note = h("span", { class: "muted num" }, "Waiting");
      const element = h("figure", { class: `pane arm-${i}` }, view, h("figcaption", {}, titleOf(arm, i, catalog), note));
      let image = null;
      const put = (blob) => {
        image?.release();
        image = picture(blob, `Method ${LETTERS[i]}`);
        fill(view, image);
      };
      return {
        element,
        progress(event) { note.textContent = event.status === "queued" ? `Waiting: ${event.position} ahead` : event.pictures[0].steps ? `Step ${event.pictures[0].step} of ${event.pictures[0].steps}` : "Running"; },
        preview: put,
        done(finished) { put(finished.blob); note.textContent = duration(finished.report.timings_ms.total); },
      };
    });
    fill(results, h("div", { class: panesClass(panes.length) }, panes.map((pane) => pane.element)));
    results.scrollIntoView({ block: "nearest" });
    return panes;
  }

  async function drawHistory() {
    const all = await comparisons.all();
    history.hidden = all.length === 0;
    fill(history.lastChild, h("table", {}, h("thead", {}, h("tr", {}, ["When", "Prompt", "Methods", "Vote", ""].map((name) => h("th", { scope: "col" }, name || h("span", { class: "visually-hidden" }, "Actions"))))),
      h("tbody", {}, all.map((item) => h("tr", {},
        h("td", { class: "num" }, new Date(item.created).toLocaleString()), h("td", {}, item.base.prompt ?? `class ${item.base.class_label}`),
        h("td", {}, item.arms.map((arm, i) => h("div", { class: "small" }, `${LETTERS[i]} · ${arm.name ?? methodText(arm.options, catalog)}`))),
        h("td", {}, item.vote === null ? "–" : item.vote === "tie" ? "equal" : item.vote),
        h("td", {}, h("div", { class: "row end" },
          h("button", { type: "button", class: "button small", on: { click: () => { showResult(results, item, catalog); results.scrollIntoView({ block: "start" }); } } }, "Show"),
          h("button", { type: "button", class: "button small quiet danger", on: { click: () => comparisons.remove(item.id) } }, "Remove"))))))));
  }
  comparisons.onChange(drawHistory);
  drawHistory();
  startAfresh();

  return {
    show: offerExperiments,
    receive({ request, experiment: wanted }) {
      if (wanted) {
        offerExperiments().then(() => { source.set(wanted.id); useExperiment(wanted); });
        return;
      }
      subject.write(request);
      experiment = null;
      source.set("");
      arms = [];
      add(request);
      add({ ...request, num_inference_steps: Math.max(1, Math.round((request.num_inference_steps ?? 20) / 2)) });
      subject.prompt.input.focus();
    },
  };
}

/** Waits for all; the first failure is thrown once the others, which are told to stop, have ended. */
async function allOrFirst(promises, stop) {
  let failure = null;
  await Promise.all(promises.map((promise) => promise.catch((error) => {
    if (failure === null) {
      failure = error;
      stop();
    }
  })));
  if (failure) throw failure;
}
