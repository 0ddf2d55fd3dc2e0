// Generate: settings on one side, the picture coming about on the other.

import { cancel, generate, newRequestId } from "../api.js";
import { duration, fill, h, picture, release, toast } from "../dom.js";
import { selectField } from "../fields.js";
import { methodFields, methodText } from "../method.js";
import { pictures } from "../store.js";
import { subjectFields } from "../subject.js";

const EXAMPLES = ["a red apple on a blue background", "a penguin in the snow", "a sailboat"];
const SHOWN = 12;

export function mount(root, { catalog, open }) {
  const method = methodFields(catalog);
  const subject = subjectFields(catalog, { onModel: (model) => method.setModel(model), count: true });
  const format = selectField("output_format", "Format", { options: [["png", "PNG, carries its settings"], ["webp", "WebP"], ["jpeg", "JPEG"]] });
  // Fields that a restored picture brought along and that have no control here.
  let extra = {};
  const extraNote = h("p", { class: "hint" });
  extraNote.hidden = true;

  const problem = h("div", { class: "banner", role: "alert" });
  problem.hidden = true;
  const submit = h("button", { type: "submit", class: "button primary" }, "Generate");
  const stop = h("button", { type: "button", class: "button", on: { click: () => running?.cancel() } }, "Cancel");
  stop.hidden = true;
  const form = h("form", { class: "controls", noValidate: true, "aria-label": "Settings" },
    h("div", { class: "card" }, subject.element, h("div", { class: "actions" }, submit, stop), problem),
    h("div", { class: "card" }, h("h2", {}, "Method"), method.element, format.element, extraNote));

  const announcer = h("p", { class: "visually-hidden", role: "status" });
  const surface = h("div", { class: "stage-pictures single" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const line = h("p", { class: "small muted num" });
  const progress = h("div", { class: "progress-line" }, bar, line);
  progress.hidden = true;
  const after = h("div", { class: "stack tight" });
  const recent = h("div", { class: "recent", role: "group", "aria-label": "Latest pictures" });
  root.append(h("h1", { class: "visually-hidden" }, "Generate"),
    h("div", { class: "workbench" }, form, h("section", { class: "stage", "aria-label": "Picture" }, surface, progress, after, recent, announcer)));

  const invite = () => fill(surface, h("div", { class: "stage-empty" }, h("h2", {}, "What should it draw?"),
    h("p", {}, "Write a prompt and press Generate, or drop a PNG here to restore its settings."),
    h("div", { class: "row" }, EXAMPLES.map((text) => h("button", { type: "button", class: "button small", on: { click: () => { subject.prompt.set(text); form.requestSubmit(); } } }, text)))));

  let running = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  async function run() {
    if (running) return;
    subject.clearErrors();
    method.clearErrors();
    problem.hidden = true;
    const body = { ...extra, ...subject.read(), ...method.read(), ...(format.get() === "png" ? {} : { output_format: format.get() }) };
    const id = newRequestId();
    const tiles = Array.from({ length: Math.max(1, body.n ?? 1) }, tile);
    running = { cancel: () => { line.textContent = "Cancelling"; stop.disabled = true; cancel(id).catch((error) => fail(error)); } };
    submit.disabled = true;
    stop.hidden = false;
    stop.disabled = false;
    release(surface);
    fill(after);
    surface.className = `stage-pictures${tiles.length === 1 ? " single" : ""}`;
    fill(surface, tiles.map((known) => known.element));
    progress.hidden = false;
    bar.removeAttribute("value");
    say("Sent");
    try {
      const result = await generate(body, {
        id,
        onProgress: (event) => follow(event, tiles),
        onPreview: (index, blob, event) => tiles[index].preview(blob, event),
      });
      await finish(body, result);
    } catch (error) {
      release(surface);
      if (error.status === 499) {
        say("Cancelled");
        fill(surface, h("div", { class: "stage-empty" }, h("h2", {}, "Cancelled"), h("p", {}, "Nothing was kept of this run.")));
      } else {
        invite();
        fail(error);
      }
    } finally {
      running = null;
      submit.disabled = false;
      stop.hidden = true;
      progress.hidden = true;
    }
  }

  function follow(event, tiles) {
    if (event.status === "queued") {
      bar.removeAttribute("value");
      say(event.position > 0 ? `Waiting: ${event.position} ahead, about ${duration(event.starts_in_ms)}` : "Waiting: next");
      return;
    }
    const parts = event.pictures.map((entry) => (entry.steps ? entry.step / entry.steps : 0));
    bar.value = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    const known = event.pictures.filter((entry) => entry.steps);
    if (known.length === 0) say("Running");
    else if (known.every((entry) => entry.step >= entry.steps)) say("Decoding");
    else say(`Step ${Math.min(...event.pictures.map((entry) => entry.step))} of ${known[0].steps}`, "Running");
    event.pictures.forEach((entry, i) => tiles[i]?.step(entry));
  }

  // What is seen changes with every step; what is said aloud only when something new begins.
  function say(text, aloud = text) {
    line.textContent = text;
    const plain = aloud.split(":")[0];
    if (announcer.textContent !== plain) announcer.textContent = plain;
  }

  function fail(error) {
    announcer.textContent = "";
    if (subject.showError(error) || method.showError(error)) return;
    problem.hidden = false;
    problem.textContent = error.retryAfter ? `${error.message} Try again in ${error.retryAfter} s.` : error.message;
  }

  async function finish(body, { pictures: made, report }) {
    const kept = [];
    for (const [i, { blob }] of made.entries()) {
      const image = report.images[i];
      kept.push(await pictures.add({ created: Date.now(), blob, request: requestOf(body, image.seed, report), report: { ...report, images: [image] } }));
    }
    say(`Done: ${duration(report.timings_ms.total)}`, `Done, ${made.length === 1 ? "one picture" : `${made.length} pictures`}`);
    showKept(kept);
    showRecent();
  }

  // One request a picture: it gives this picture again.
  function requestOf(body, seed, report) {
    const { n, output_format: _, ...rest } = body;
    return { ...rest, model: report.model, seed };
  }

  function showKept(kept) {
    release(surface);
    surface.className = `stage-pictures${kept.length === 1 ? " single" : ""}`;
    fill(surface, kept.map((item) => h("button", { type: "button", class: "tile", "aria-label": `Open: ${item.request.prompt ?? `class ${item.request.class_label}`}, seed ${item.request.seed}`, on: { click: () => open("gallery", { id: item.id }) } },
      picture(item.blob, ""), kept.length > 1 && h("span", { class: "tile-label" }, `seed ${item.request.seed}`))));
    const { report } = kept[0];
    const image = report.images[0];
    const again = kept[0];
    fill(after,
      h("p", { class: "small muted num" }, [`seed ${again.request.seed}`, methodText({ ...again.request, sampler: report.sampler, num_inference_steps: report.steps, guidance_scale: report.guidance_scale }, catalog),
        `${image.evaluations} evaluations`, `${image.mean_batch_rows.toFixed(1)} rows a batch`, image.cache ? `${Math.round(100 * image.cache.full_share)} % computed in full` : "", image.parallel ? `${image.parallel.rounds} rounds` : "", duration(report.timings_ms.total)].filter(Boolean).join(" · ")),
      report.warnings.map((warning) => h("p", { class: "small" }, `Note: ${warning}`)),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", on: { click: () => { subject.setSeed(again.request.seed); toast(`Seed ${again.request.seed} is set.`); } } }, "Keep this seed"),
        h("button", { type: "button", class: "button small", on: { click: () => open("compare", { request: again.request }) } }, "Compare methods"),
        h("button", { type: "button", class: "button small", on: { click: () => open("gallery", { id: again.id }) } }, "Details and code")));
  }

  async function showRecent() {
    const latest = (await pictures.all()).slice(0, SHOWN);
    release(recent);
    recent.hidden = latest.length === 0;
    fill(recent, latest.map((item) => h("button", { type: "button", "aria-label": `Open: ${item.request.prompt ?? "picture"}`, on: { click: () => open("gallery", { id: item.id }) } }, picture(item.blob, ""))));
  }

  invite();
  showRecent();
  pictures.onChange(showRecent);

  return {
    receive({ request }) {
      const known = ["prompt", "negative_prompt", "class_label", "model", "size", "n", "seed", "num_inference_steps", "guidance_scale", "sampler", "sampler_options", "schedule", "rho", "cache", "cache_preset", "parallel", "strength"];
      extra = Object.fromEntries(Object.entries(request).filter(([name]) => !known.includes(name)));
      const names = Object.keys(extra);
      extraNote.hidden = names.length === 0;
      fill(extraNote, `Also kept from the picture: ${names.join(", ")}. `, h("button", { type: "button", class: "button small", on: { click: () => { extra = {}; extraNote.hidden = true; } } }, "Forget"));
      subject.clearErrors();
      method.clearErrors();
      problem.hidden = true;
      subject.write(request);
      method.write(request);
      subject.prompt.input.focus();
    },
  };
}

/** A place for a picture that is being made. */
function tile() {
  const label = h("span", { class: "tile-label" });
  label.hidden = true;
  const element = h("div", { class: "tile pending" }, label);
  let image = null;
  return {
    element,
    step(entry) {
      label.hidden = !entry.steps;
      label.textContent = entry.steps ? `${entry.step} / ${entry.steps}` : "";
    },
    preview(blob, event) {
      const next = picture(blob, `Preview after step ${event.step} of ${event.steps}`);
      if (image) {
        image.release();
        image.replaceWith(next);
      } else {
        element.prepend(next);
      }
      image = next;
    },
  };
}
