// Experiments: the list, a new one, and the report of one with plots.

import { call, json, list } from "../api.js";
import { duration, facts, fill, h, scrollable, toast } from "../dom.js";
import { numberField, selectField, showError, textField } from "../fields.js";
import { methodFields, methodText } from "../method.js";
import { intervalChart, legend, quantileChart } from "../plot.js";

const MOST_ARMS = 4;
const METRICS = {
  latency_ms: { name: "Latency", format: duration, better: "less" },
  service_ms: { name: "Time of the work alone", format: duration, better: "less" },
  evaluations: { name: "Evaluations", format: (value) => number(value), better: "less" },
  full_share: { name: "Share in full", format: (value) => number(value), better: "less" },
  psnr: { name: "PSNR to the reference, dB", format: (value) => number(value) },
  ssim: { name: "SSIM to the reference", format: (value) => number(value, 4) },
  gmsd: { name: "GMSD to the reference", format: (value) => number(value, 4) },
};
const number = (value, digits = 2) => (value === null || value === undefined ? "–" : Number(value.toFixed(digits)).toString());
const signed = (format) => (value) => (value === null || value === undefined ? "–" : value < 0 ? `−${format(-value)}` : value > 0 ? `+${format(value)}` : format(0));

export function mount(root, { catalog, open, navigate }) {
  const body = h("div", { class: "stack" });
  root.append(body);
  let shown = "";

  async function route(rest) {
    shown = rest;
    try {
      if (rest === "new") makeNew();
      else if (rest) await report(rest);
      else await overview();
    } catch (error) {
      fill(body, h("h1", {}, "Experiments"), h("p", { class: "banner", role: "alert" }, error.message), h("p", {}, h("a", { href: "#/experiments" }, "All experiments")));
    }
  }

  async function overview() {
    const all = await list("v1/experiments");
    if (shown !== "") return;
    fill(body, h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Experiments"), h("p", {}, "Methods against each other on real requests. Intervals stay valid however often you look.")),
      h("a", { class: "button primary", href: "#/experiments/new" }, "New experiment")),
    all.length === 0 ? h("div", { class: "empty" }, h("h2", {}, "No experiments yet"), h("p", {}, "Make one: for example twelve steps of one sampler against twenty of another."))
      : scrollable("Experiments", h("table", {}, h("thead", {}, h("tr", {}, ["Name", "Status", "Arms"].map((name) => h("th", { scope: "col" }, name)), ["Results", "Pairs", "Votes"].map((name) => h("th", { scope: "col", class: "num" }, name)), h("th", { scope: "col" }, "Made"))),
        h("tbody", {}, all.map((entry) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: `#/experiments/${encodeURIComponent(entry.id)}` }, entry.name)), h("td", {}, statusOf(entry)), h("td", {}, entry.arms.map((arm) => arm.name).join(", ")),
          [entry.results, entry.pairs, entry.votes].map((count) => h("td", { class: "num" }, String(count))), h("td", { class: "num" }, new Date(1000 * entry.created_at).toLocaleString())))))));
  }
  const reasons = { request: "on request", difference: "a difference was found", max_results: "enough results" };
  const statusOf = (entry) => (entry.status === "running" ? "running" : `stopped${reasons[entry.stop_reason] ? `: ${reasons[entry.stop_reason]}` : ""}`);

  function makeNew() {
    const name = textField("name", "Name", { placeholder: "fewer-steps" });
    const sticky = selectField("sticky", "Who stays with an arm", { options: [["request", "each request by itself"], ["user", "each user (field user)"]] });
    const share = numberField("default_share", "Share of other requests", { min: 0, max: 1, step: 0.05, hint: "Of requests that name no experiment, 0 to 1." });
    const pairing = numberField("pairing", "Share that is paired", { min: 0, max: 1, step: 0.05, hint: "Of requests, 0 to 1, the other arms are run as well with the same seed, behind everything else." });
    const metric = selectField("stop.metric", "Decided by", { options: ["service_ms", "latency_ms", "evaluations"].map((id) => [id, METRICS[id].name]) });
    const most = numberField("stop.max_results", "Stop after", { min: 1, step: 1, hint: "Results." });
    share.set(0); pairing.set(0.5); most.set(10000);
    const problem = h("div", { class: "banner", role: "alert" });
    problem.hidden = true;
    const host = h("div", { class: "arms" });
    let arms = [];
    const layout = () => {
      arms.forEach((arm, i) => {
        arm.element.className = `card arm arm-${i}`;
        arm.element.setAttribute("aria-label", `Arm ${i + 1}`);
        arm.heading.textContent = i === 0 ? "Arm 1, the reference" : `Arm ${i + 1}`;
        arm.remove.hidden = arms.length <= 2;
      });
      addArm.hidden = arms.length >= MOST_ARMS;
      fill(host, arms.map((arm) => arm.element));
    };
    const add = (title, request) => {
      const arm = { title: textField("name", "Name"), weight: numberField("weight", "Weight", { min: 0 }), method: methodFields(catalog), heading: h("h3", { class: "grow" }) };
      arm.remove = h("button", { type: "button", class: "button small quiet", on: { click: () => { arms = arms.filter((known) => known !== arm); layout(); } } }, "Remove");
      arm.element = h("section", {}, h("div", { class: "row" }, arm.heading, arm.remove), h("div", { class: "two" }, arm.title.element, arm.weight.element), arm.method.element);
      arm.title.set(title);
      arm.weight.set(1);
      arm.method.write(request);
      arms.push(arm);
      layout();
    };
    const addArm = h("button", { type: "button", class: "button small", on: { click: () => add(`arm-${arms.length + 1}`, {}) } }, "Add an arm");
    const steps = catalog.defaultModel.default_steps ?? 20;
    add(`steps-${steps}`, {});
    add(`steps-${Math.round(steps / 2)}`, { num_inference_steps: Math.round(steps / 2) });
    const own = [name, sticky, share, pairing, metric, most];
    const form = h("form", { class: "stack", noValidate: true, "aria-label": "New experiment" },
      h("div", { class: "workbench" }, h("div", { class: "card stack" }, own.map((field) => field.element)),
        h("div", { class: "stack" }, h("div", { class: "row between" }, h("h2", {}, "Arms"), addArm), host)),
      problem, h("div", { class: "row end" }, h("a", { class: "button", href: "#/experiments" }, "Back"), h("button", { type: "submit", class: "button primary" }, "Make experiment")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      for (const field of own) field.setError(null);
      for (const arm of arms) { arm.method.clearErrors(); arm.title.setError(null); arm.weight.setError(null); }
      try {
        const made = await json("v1/experiments", { method: "POST", body: {
          name: name.get() ?? "",
          arms: arms.map((arm) => ({ name: arm.title.get() ?? "", weight: arm.weight.get() ?? 1, options: arm.method.read() })),
          sticky: sticky.get(),
          default_share: share.get() ?? 0,
          pairing: { enabled: (pairing.get() ?? 0) > 0, share: pairing.get() > 0 ? pairing.get() : 1 },
          stop: { metric: metric.get(), max_results: most.get() },
        } });
        toast(`Experiment ${made.name} runs.`);
        navigate(`experiments/${encodeURIComponent(made.id)}`);
      } catch (error) {
        const [, index, rest] = /^arms\[(\d+)\]\.(?:options\.)?(.*)$/.exec(error.param ?? "") ?? [];
        const arm = arms[index];
        if (arm && (showError([arm.title, arm.weight], { param: rest, message: error.message }) || arm.method.showError({ param: rest, message: error.message }))) return;
        if (showError(own, error)) return;
        problem.hidden = false;
        problem.textContent = error.message;
      }
    });
    fill(body, h("div", { class: "page-head" }, h("h1", {}, "New experiment")), form);
    name.input.focus();
  }

  async function report(id) {
    const path = `v1/experiments/${encodeURIComponent(id)}`;
    const data = await json(`${path}/report`);
    if (shown !== id) return;
    const entry = data.experiment;
    const index = new Map(entry.arms.map((arm, i) => [arm.name, i]));
    const again = () => route(id);
    const act = (work, done) => async () => {
      try {
        await work();
        done();
      } catch (error) {
        toast(error.message);
      }
    };
    fill(body,
      h("div", { class: "page-head" }, h("div", {}, h("p", { class: "small" }, h("a", { href: "#/experiments" }, "Experiments")), h("h1", {}, entry.name), h("p", {}, `${statusOf(entry)} · ${entry.results} results, ${entry.pairs} pairs, ${entry.votes} votes`)),
        h("div", { class: "row" },
          h("button", { type: "button", class: "button small", on: { click: again } }, "Refresh"),
          entry.arms.length <= MOST_ARMS && h("button", { type: "button", class: "button small", on: { click: () => open("compare", { experiment: entry }) } }, "Compare and vote"),
          entry.status === "running" && h("button", { type: "button", class: "button small", on: { click: act(() => json(`${path}/stop`, { method: "POST" }), again) } }, "Stop"),
          h("button", { type: "button", class: "button small quiet danger", on: { click: () => { if (confirm(`Remove ${entry.name} with its results and votes?`)) act(() => call(path, { method: "DELETE" }), () => navigate("experiments"))(); } } }, "Remove"))),
      data.warnings.length > 0 && h("div", { class: "banner info stack tight", role: "note" }, data.warnings.map((warning) => h("p", {}, warning))),
      scrollable("Arms", h("table", {}, h("caption", {}, "Arms"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Arm"), h("th", { scope: "col" }, "Method"), ["Share", "Results", "p50", "p95", "p99", "Evaluations", "In full", "PSNR", "SSIM", "GMSD"].map((name) => h("th", { scope: "col", class: "num" }, name)))),
        h("tbody", {}, data.arms.map((arm) => {
          const made = entry.arms[index.get(arm.name)];
          const mean = arm.mean ?? {};
          return h("tr", {}, h("th", { scope: "row" }, arm.name, arm.is_reference && h("div", { class: "small muted" }, "reference")), h("td", { class: "small" }, methodText(made.options, catalog)),
            [`${Math.round(100 * made.share)} %`, arm.results, ...["p50", "p95", "p99"].map((q) => duration(arm.latency_ms?.[q]?.value)), number(mean.evaluations), number(mean.full_share), number(mean.psnr, 1), number(mean.ssim, 3), number(mean.gmsd, 3)].map((text) => h("td", { class: "num" }, String(text))));
        })))),
      h("div", { class: "charts" }, plots(data, index)),
      differences(data), votes(data));
  }

  function plots(data, index) {
    const plotted = [];
    const withLatency = data.arms.filter((arm) => arm.latency_ms?.p50?.value != null);
    if (withLatency.length > 0) plotted.push(h("section", { class: "card chart-card" }, h("h2", {}, "Latency: p50, p95, p99"),
      quantileChart(`Latency: ${withLatency.map((arm) => `${arm.name} median ${duration(arm.latency_ms.p50.value)}, 95th percentile ${duration(arm.latency_ms.p95?.value)}`).join("; ")}`,
        withLatency.map((arm) => ({ name: arm.name, index: index.get(arm.name), values: ["p50", "p95", "p99"].map((q) => arm.latency_ms[q] ?? { value: null, low: null, high: null }) })), { format: duration }),
      h("p", { class: "hint" }, "Dots from large to small: median, 95th and 99th percentile, with their intervals.")));
    for (const metric of [...new Set(data.differences.filter((row) => row.kind !== "similarity").map((row) => row.metric))]) {
      const rows = data.differences.filter((row) => row.metric === metric && row.kind !== "similarity" && row.mean !== null);
      if (rows.length === 0) continue;
      const { name, format } = METRICS[metric] ?? { name: metric, format: number };
      plotted.push(h("section", { class: "card chart-card" }, h("h2", {}, `${name}: difference to ${data.experiment.reference}`),
        intervalChart(`${name}, differences to the reference: ${rows.map((row) => sentence(row)).join("; ")}`, rows.map((row) => ({ name: `${row.arm} (${row.kind})`, value: row.mean, low: row.low, high: row.high, faint: { low: row.fixed_low, high: row.fixed_high }, index: index.get(row.arm) })), { format: signed(format) }),
        h("p", { class: "hint" }, `Left of zero is ${METRICS[metric]?.better === "less" ? "better" : "less"} than the reference. Lines hold at ${Math.round(100 * data.confidence)} % however often you look; dotted ones for a single look at a planned size.`)));
    }
    const voted = data.votes.arms.filter((arm) => arm.strength !== null);
    if (data.votes.count > 0 && voted.length > 0) plotted.push(h("section", { class: "card chart-card" }, h("h2", {}, "Votes: strength against the reference"),
      intervalChart(`Strength by votes: ${voted.map((arm) => `${arm.name} ${number(arm.strength)}`).join("; ")}`, voted.map((arm) => ({ name: arm.name, value: arm.strength, low: arm.low, high: arm.high, index: index.get(arm.name) })), { format: signed(number) }),
      h("p", { class: "hint" }, "Bradley-Terry log-odds; right of zero is preferred to the reference.")));
    if (plotted.length > 0) plotted[0].append(legend(data.experiment.arms.map((arm) => arm.name)));
    return plotted;
  }

  const sentence = (row) => {
    const { format } = METRICS[row.metric] ?? { format: number };
    return `${row.arm} ${signed(format)(row.mean)}${row.low !== null && row.high !== null ? `, from ${signed(format)(row.low)} to ${signed(format)(row.high)}` : ""}`;
  };

  function differences(data) {
    if (data.differences.length === 0) return h("p", { class: "muted" }, "No differences yet: they need results of the reference and of another arm.");
    return scrollable("Differences", h("table", {}, h("caption", {}, "Differences to the reference"),
      h("thead", {}, h("tr", {}, ["Arm", "Metric", "Kind"].map((name) => h("th", { scope: "col" }, name)), ["Number", "Mean", "From", "To"].map((name) => h("th", { scope: "col", class: "num" }, name)), h("th", { scope: "col" }, "Decided"))),
      h("tbody", {}, data.differences.map((row) => {
        const { name, format } = METRICS[row.metric] ?? { name: row.metric, format: number };
        const write = row.kind === "similarity" ? format : signed(format);
        return h("tr", {}, h("th", { scope: "row" }, row.arm), h("td", {}, name), h("td", {}, row.kind), [row.n, write(row.mean), write(row.low), write(row.high)].map((text) => h("td", { class: "num" }, String(text ?? "–"))), h("td", {}, row.significant ? "yes" : row.kind === "similarity" ? "" : "not yet"));
      }))));
  }

  function votes(data) {
    const { votes: given } = data;
    if (given.count === 0) return h("p", { class: "muted" }, "No votes yet. Compare and vote collects them.");
    return h("section", { class: "card stack" }, h("h2", {}, "Votes"), facts([["Votes", given.count], ["Ties", given.ties]]),
      scrollable("Votes", h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Arm"), ["Wins", "Losses", "Ties", "Win share"].map((name) => h("th", { scope: "col", class: "num" }, name)))),
        h("tbody", {}, given.arms.map((arm) => h("tr", {}, h("th", { scope: "row" }, arm.name),
          [arm.wins, arm.losses, arm.ties, arm.win_share === null ? "–" : `${Math.round(100 * arm.win_share)} %`].map((text) => h("td", { class: "num" }, String(text))))))), ""),
      given.note && h("p", { class: "hint" }, given.note));
  }

  return { show: route, receive() {} };
}
