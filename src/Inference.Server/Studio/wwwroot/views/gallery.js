// Gallery: the pictures that this browser keeps, with everything that made them.

import { duration, facts, fill, h, picture, release, toast } from "../dom.js";
import { methodText } from "../method.js";
import { copy, snippets } from "../snippets.js";
import { lasts, pictures } from "../store.js";

export async function mount(root, { catalog, open, restoreFile }) {
  const search = h("input", { type: "search", class: "search", placeholder: "Search prompts, models, samplers", "aria-label": "Search" });
  const file = h("input", { type: "file", accept: "image/png", class: "visually-hidden", id: "restore-file", on: { change: () => { if (file.files[0]) restoreFile(file.files[0]); file.value = ""; } } });
  const count = h("p", { class: "small muted num", role: "status" });
  const grid = h("ul", { class: "gallery" });
  const empty = h("div", { class: "empty" }, h("h2", {}, "No pictures yet"), h("p", {}, "What you generate is kept here, in this browser only."));
  root.append(
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Gallery"), h("p", {}, (await lasts()) ? "Kept in this browser only, the newest 500." : "This browser keeps nothing: pictures last until the page is closed.")),
      h("div", { class: "row" }, search, file, h("label", { class: "button", for: file.id }, "Restore from PNG"), h("button", { type: "button", class: "button quiet", on: { click: clear } }, "Clear all"))),
    count, grid, empty);

  const dialog = h("dialog", { class: "dialog wide", "aria-label": "Picture" });
  root.append(dialog);
  dialog.addEventListener("close", () => { release(dialog); fill(dialog); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  let drawn = 0;
  async function draw() {
    const turn = ++drawn;
    const all = await pictures.all();
    if (turn !== drawn) return;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = all.filter((item) => words.every((word) => textOf(item).includes(word)));
    release(grid);
    fill(grid, shown.map((item) => h("li", {}, h("button", { type: "button", on: { click: () => detail(item) } },
      picture(item.blob, "", { loading: "lazy" }),
      h("span", { class: "caption" }, h("span", {}, titleOf(item)), h("span", { class: "small muted num" }, methodOf(item)))))));
    empty.hidden = all.length > 0;
    count.textContent = all.length === 0 ? "" : words.length === 0 ? `${all.length} ${all.length === 1 ? "picture" : "pictures"}` : `${shown.length} of ${all.length}`;
  }
  const titleOf = (item) => item.request.prompt ?? `class ${item.request.class_label}`;
  const methodOf = (item) => `${item.report.steps} steps, ${catalog.sampler(item.report.sampler)?.name ?? item.report.sampler}`;
  const textOf = (item) => `${titleOf(item)} ${item.request.negative_prompt ?? ""} ${item.report.model} ${methodText(item.request, catalog)} ${methodOf(item)} ${item.request.seed}`.toLowerCase();

  async function clear() {
    if (confirm("Remove all pictures from this browser?")) await pictures.clear();
  }

  function detail(item) {
    const { request, report } = item;
    const image = report.images[0];
    const url = URL.createObjectURL(item.blob);
    const name = `${titleOf(item).toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40) || "picture"}-${request.seed}.${item.blob.type.split("/")[1]}`;
    const code = h("pre", { class: "code", tabIndex: 0, "aria-label": "Code" });
    const choose = (chosen) => {
      code.textContent = chosen.of(request);
      for (const button of languages.children) button.setAttribute("aria-pressed", String(button.textContent === chosen.name));
    };
    const languages = h("div", { class: "row", role: "group", "aria-label": "Language" }, snippets.map((snippet) => h("button", { type: "button", class: "button small", on: { click: () => choose(snippet) } }, snippet.name)));
    const shown = h("img", { src: url, alt: titleOf(item) });
    shown.release = () => URL.revokeObjectURL(url);
    fill(dialog, h("div", { class: "stack" },
      h("div", { class: "row between top-aligned" }, h("h2", { class: "grow" }, titleOf(item)), h("button", { type: "button", class: "button small", on: { click: () => dialog.close() } }, "Close")),
      h("div", { class: "picture-detail" }, shown, h("div", { class: "stack" },
        facts([
          ["Negative", request.negative_prompt], ["Model", report.model], ["Size", request.size], ["Seed", request.seed], ["Sampler", catalog.sampler(report.sampler)?.name ?? report.sampler],
          ["Schedule", request.schedule], ["Steps", report.steps], ["Guidance", report.guidance_scale], ["Preset", request.cache_preset],
          ["Caching", image.cache && `${image.cache.policy}, ${Math.round(100 * image.cache.full_share)} % of the rows in full`],
          ["Parallel", image.parallel && `${image.parallel.method}, ${image.parallel.rounds} rounds`], ["Evaluations", image.evaluations], ["Rows a batch", image.mean_batch_rows.toFixed(1)],
          ["Time", `${duration(report.timings_ms.total)} (queue ${duration(report.timings_ms.queue)}, denoising ${duration(report.timings_ms.denoise)}, decoding ${duration(report.timings_ms.decode)})`],
          ["Made", new Date(item.created).toLocaleString()],
        ]),
        h("div", { class: "row" },
          h("button", { type: "button", class: "button primary small", on: { click: () => { dialog.close(); open("generate", { request }); } } }, "Use settings"),
          h("button", { type: "button", class: "button small", on: { click: () => { dialog.close(); open("compare", { request }); } } }, "Compare methods"),
          h("a", { class: "button small", href: url, download: name }, "Download"),
          h("button", { type: "button", class: "button small quiet danger", on: { click: async () => { await pictures.remove(item.id); dialog.close(); toast("Removed."); } } }, "Remove")),
        h("section", { class: "stack tight", "aria-label": "As code" },
          h("div", { class: "row between" }, languages, h("button", { type: "button", class: "button small", on: { click: () => copy(code.textContent).then(() => toast("Copied."), (error) => toast(error.message)) } }, "Copy")),
          code)))));
    choose(snippets[0]);
    dialog.showModal();
  }

  search.addEventListener("input", draw);
  pictures.onChange(draw);
  await draw();
  return {
    async receive({ id }) {
      const item = (await pictures.all()).find((known) => known.id === id);
      if (item) detail(item);
    },
  };
}
