// What a comparison came to: pictures that are zoomed together, their differences, what each took, and the vote.

import { json } from "../api.js";
import { differenceCanvas, pixelsOf, psnr } from "../difference.js";
import { duration, fill, h, picture, release, scrollable, toast } from "../dom.js";
import { methodText } from "../method.js";
import { comparisons } from "../store.js";
import { LinkedZoom } from "../zoom.js";

/** The names of the arms on the page. */
export const LETTERS = ["A", "B", "C", "D"];

/** The class of a frame around so many panes. */
export const panesClass = (n) => `panes${n === 3 ? " three" : n === 4 ? " four" : ""}`;
/** The line below a picture: its letter and its method. */
export const titleOf = (arm, i, catalog) => h("div", { class: "row" }, h("span", { class: "arm-tag" }, LETTERS[i]), h("strong", { class: "grow" }, arm.name ?? methodText(arm.options, catalog)));

/** Shows a comparison in an element. */
export async function showResult(results, comparison, catalog) {
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
    h("div", { class: panesClass(views.length) }, comparison.arms.map((arm, i) => h("figure", { class: `pane arm-${i}` }, views[i], h("figcaption", {}, titleOf(arm, i, catalog))))),
    table(comparison, pixels, catalog), voting(comparison));
  for (const view of views) zoom.add(view);
  draw();
}

function table(comparison, pixels, catalog) {
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
