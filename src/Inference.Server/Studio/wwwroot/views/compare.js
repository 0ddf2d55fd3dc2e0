// Side by side: one picture by two to four methods with one seed, zoomed together, with what each took, and a vote.

import { cancel, generate, json, list, newRequestId } from "../api.js";
import { differenceCanvas, pixelsOf, psnr } from "../difference.js";
import { duration, fill, h, picture, release, scrollable, toast } from "../dom.js";
import { checkField, selectField } from "../fields.js";
import { methodFields, methodText } from "../method.js";
import { comparisons } from "../store.js";
import { randomSeed, subjectFields } from "../subject.js";
import { LinkedZoom } from "../zoom.js";

const LETTERS = ["A", "B", "C", "D"];

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
      showResult(await comparisons.add(comparison));
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
      const element = h("figure", { class: `pane arm-${i}` }, view, h("figcaption", {}, titleOf(arm, i), note));
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

  const panesClass = (n) => `panes${n === 3 ? " three" : n === 4 ? " four" : ""}`;
  const titleOf = (arm, i) => h("div", { class: "row" }, h("span", { class: "arm-tag" }, LETTERS[i]), h("strong", { class: "grow" }, arm.name ?? methodText(arm.options, catalog)));

  async function showResult(comparison) {
    const pixels = await Promise.all(comparison.arms.map((arm) => pixelsOf(arm.blob)));
    release(results);
    const zoom = new LinkedZoom((scale) => { level.textContent = `${scale.toFixed(1)} ×`; });
    const level = h("span", { class: "num" }, "1.0 ×");
    const gain = h("input", { type: "range", min: 1, max: 20, value: 5, "aria-label": "Amplification of differences" });
    const gainText = h("span", { class: "num" }, "5 ×");
    const toggle = h("button", { type: "button", class: "button small", "aria-pressed": "false" }, "Difference to A");
    const views = comparison.arms.map((arm, i) => h("div", { class: "pane-view", role: "application", "aria-label": `Method ${LETTERS[i]}, zoom with + and -, move with arrow keys` }));
    const draw = () => {
      const difference = toggle.getAttribute("aria-pressed") === "true";
      gainRow.hidden = !difference;
      comparison.arms.forEach((arm, i) => {
        release(views[i]);
        const canvas = difference && i > 0 ? differenceCanvas(pixels[0], pixels[i], Number(gain.value)) : null;
        canvas?.setAttribute("role", "img");
        canvas?.setAttribute("aria-label", `Difference of ${LETTERS[i]} to A`);
        fill(views[i], canvas ?? picture(arm.blob, `Method ${LETTERS[i]}: ${methodText(arm.options, catalog)}`));
      });
      zoom.pan(0, 0);
    };
    const gainRow = h("label", { class: "range" }, "Amplify", gain, gainText);
    toggle.addEventListener("click", () => { toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true")); draw(); });
    gain.addEventListener("input", () => { gainText.textContent = `${gain.value} ×`; draw(); });

    fill(results,
      h("div", { class: "toolbar" },
        h("div", { class: "row", role: "group", "aria-label": "Zoom" },
          h("button", { type: "button", class: "button small", "aria-label": "Zoom out", on: { click: () => zoom.zoom(1 / 1.5) } }, "−"), level,
          h("button", { type: "button", class: "button small", "aria-label": "Zoom in", on: { click: () => zoom.zoom(1.5) } }, "+"),
          h("button", { type: "button", class: "button small", on: { click: () => zoom.reset() } }, "Whole picture")),
        h("div", { class: "row" }, gainRow, toggle)),
      h("div", { class: panesClass(views.length) }, comparison.arms.map((arm, i) => h("figure", { class: `pane arm-${i}` }, views[i], h("figcaption", {}, titleOf(arm, i))))),
      table(comparison, pixels), voting(comparison));
    for (const view of views) zoom.add(view);
    draw();
  }

  function table(comparison, pixels) {
    const reference = comparison.arms[0].report.timings_ms.denoise;
    return scrollable("What each method took", h("table", {}, h("caption", {}, `“${comparison.base.prompt ?? `class ${comparison.base.class_label}`}”, seed ${comparison.base.seed}`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Method"), ["Time", "Denoising", "Against A", "Evaluations", "Rows", "In full", "PSNR to A"].map((name) => h("th", { scope: "col", class: "num" }, name)))),
      h("tbody", {}, comparison.arms.map((arm, i) => {
        const image = arm.report.images[0];
        const likeness = i === 0 ? null : psnr(pixels[0], pixels[i]);
        return h("tr", {}, h("th", { scope: "row" }, `${LETTERS[i]} · ${arm.name ?? methodText(arm.options, catalog)}`),
          [duration(arm.report.timings_ms.total), duration(arm.report.timings_ms.denoise), i === 0 ? "–" : `${(reference / arm.report.timings_ms.denoise).toFixed(2)} × as fast`, image.evaluations, image.rows,
            image.cache ? `${Math.round(100 * image.cache.full_share)} %` : "100 %", i === 0 ? "–" : likeness === null ? "other size" : likeness === Infinity ? "equal" : `${likeness.toFixed(1)} dB`].map((text) => h("td", { class: "num" }, String(text))));
      }))));
  }

  function voting(comparison) {
    const host = h("section", { class: "card stack", "aria-label": "Vote" });
    const names = comparison.arms.map((_, i) => LETTERS[i]);
    const draw = () => fill(host,
      h("h2", {}, comparison.vote === null ? "Which is best?" : comparison.vote === "tie" ? "You found them equally good." : `You chose ${comparison.vote}.`),
      h("p", { class: "muted small" }, comparison.experiment ? `The vote counts for the experiment “${comparison.experiment.name}”.` : "The vote is kept with this comparison in this browser."),
      h("div", { class: "row" }, [...names, "tie"].map((name) => h("button", { type: "button", class: "button", disabled: comparison.vote !== null && comparison.experiment !== null, "aria-pressed": String(comparison.vote === name), on: { click: () => vote(name) } }, name === "tie" ? "Equally good" : `${name} is best`))));
    const vote = async (name) => {
      try {
        if (comparison.experiment) await send(comparison, name);
        comparison.vote = name;
        await comparisons.put(comparison);
        draw();
        toast("Vote kept.");
      } catch (error) {
        toast(error.message);
      }
    };
    draw();
    return host;
  }

  // The best wins against each of the others; a tie of several is a tie of each with the first.
  async function send(comparison, name) {
    const path = `v1/experiments/${encodeURIComponent(comparison.experiment.id)}/votes`;
    const nameOf = (i) => comparison.arms[i].name;
    const pairs = name === "tie"
      ? comparison.arms.slice(1).map((_, i) => ({ tie: [nameOf(0), nameOf(i + 1)] }))
      : comparison.arms.map((_, i) => i).filter((i) => LETTERS[i] !== name).map((i) => ({ winner: nameOf(LETTERS.indexOf(name)), loser: nameOf(i) }));
    for (const body of pairs) await json(path, { method: "POST", body });
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
          h("button", { type: "button", class: "button small", on: { click: () => { showResult(item); results.scrollIntoView({ block: "start" }); } } }, "Show"),
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
