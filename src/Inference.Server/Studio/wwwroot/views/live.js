// Live: what the server is doing now, from its metrics.

import { duration, fill, h } from "../dom.js";
import { gained, quantile, readMetrics } from "../metrics.js";
import { barChart, legend, lineChart } from "../plot.js";

const EVERY = 1000;
const SPAN = 120;
const RECENT = 60;
const STAGES = ["queue", "text", "denoise", "decode", "encode"];
const OUTCOMES = { 200: "done", 400: "refused: bad request", 404: "refused: no such model", 429: "refused: too busy", 499: "cancelled", 503: "unavailable", 504: "deadline missed" };

export function mount(root) {
  const pause = h("button", { type: "button", class: "button small", "aria-pressed": "false", on: { click: () => setPaused(!paused) } }, "Pause");
  const note = h("p", { class: "banner info" });
  note.hidden = true;
  const tiles = h("div", { class: "tiles" });
  const charts = h("div", { class: "charts" });
  root.append(h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Live"), h("p", {}, "What the server does now, read from its metrics every second.")), pause), note, tiles, charts);

  const samples = [];
  let timer = null, paused = false, visible = false;

  async function look() {
    try {
      samples.push(await readMetrics());
      while (samples.length > 2 && samples.at(-1).at - samples[0].at > SPAN * 1000 + 5000) samples.shift();
      note.hidden = true;
      draw();
    } catch (error) {
      note.hidden = false;
      note.textContent = `The metrics cannot be read: ${error.message}`;
    }
    schedule();
  }
  function schedule() {
    clearTimeout(timer);
    if (visible && !paused) timer = setTimeout(look, EVERY);
  }
  function setPaused(value) {
    paused = value;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Resume" : "Pause";
    if (!paused) look();
    else clearTimeout(timer);
  }

  function draw() {
    const now = samples.at(-1);
    const then = samples.find((sample) => now.at - sample.at <= RECENT * 1000) ?? samples[0];
    const seconds = Math.max(0.001, (now.at - then.at) / 1000);
    const delta = (name) => now.value(name) - then.value(name);
    const rate = (name) => delta(name) / seconds;
    const latencies = gained(now.histogram("inference_request_duration_seconds"), then.histogram("inference_request_duration_seconds"));
    const ever = now.histogram("inference_request_duration_seconds");
    const busy = Math.min(1, rate("inference_device_busy_seconds_total"));
    const batches = delta("inference_batch_rows_count");

    fill(tiles,
      stat("Running", now.value("inference_pictures_running"), "pictures"),
      stat("Waiting", now.value("inference_requests_waiting"), "requests"),
      stat("Work ahead", duration(1000 * now.value("inference_queued_work_seconds")), "predicted"),
      stat("Rows a batch", batches > 0 ? (delta("inference_batch_rows_sum") / batches).toFixed(1) : "–", "last minute"),
      stat("Device busy", `${Math.round(100 * busy)} %`, "last minute"),
      stat("Pictures", rate("inference_pictures_total").toFixed(2), "a second"),
      stat("p95 latency", duration(1000 * (quantile(latencies, 0.95) ?? quantile(ever, 0.95) ?? NaN)), quantile(latencies, 0.95) === null ? "since the start" : "last minute"));

    const ago = (sample) => (now.at - sample.at) / 1000;
    const gauge = (name) => ({ points: samples.map((sample) => [ago(sample), sample.value(name)]) });
    const step = (value) => ({ points: samples.slice(1).map((sample, i) => [ago(sample), value(sample, samples[i])]) });
    const mean = (name) => step((sample, before) => {
      const count = sample.value(`${name}_count`) - before.value(`${name}_count`);
      return count > 0 ? (sample.value(`${name}_sum`) - before.value(`${name}_sum`)) / count : null;
    });
    const at = (q) => ({
      points: samples.slice(1).map((sample) => {
        const start = samples.find((other) => sample.at - other.at <= 15000);
        return [ago(sample), quantile(gained(sample.histogram("inference_request_duration_seconds"), start.histogram("inference_request_duration_seconds")), q)];
      }),
    });
    const rows = gained(now.histogram("inference_batch_rows"), then.histogram("inference_batch_rows"));
    const outcomes = [...now.by("inference_requests_total", "status")].sort(([a], [b]) => Number(a) - Number(b));
    const stages = STAGES.map((stage) => {
      const of = (name) => now.value(name, (labels) => labels.stage === stage);
      const count = of("inference_stage_duration_seconds_count");
      return { stage, mean: count > 0 ? of("inference_stage_duration_seconds_sum") / count : 0 };
    });

    fill(charts,
      card("Queue", lineChart(`Queue over ${SPAN} seconds; now ${now.value("inference_pictures_running")} pictures run and ${now.value("inference_requests_waiting")} requests wait`,
        [gauge("inference_pictures_running"), gauge("inference_requests_waiting")], { span: SPAN, least: 2, format: whole }), legend(["pictures running", "requests waiting"])),
      card("Latency", lineChart("Latency of finished requests, median and 95th percentile of 15 seconds", [at(0.5), at(0.95)], { span: SPAN, format: (s) => duration(1000 * s), least: 0.5 }), legend(["median", "95th percentile"])),
      card("Rows a batch", lineChart("Mean rows of network batches", [mean("inference_batch_rows")], { span: SPAN, format: whole, least: 4 })),
      card("Batches by rows, last minute", barChart(`Network batches of the last minute by their rows: ${rows.filter((bucket) => bucket.count > 0).map((bucket) => `up to ${bucket.bound} rows ${bucket.count}`).join(", ") || "none"}`,
        rows.map((bucket, i) => ({ name: nameOf(rows, i), value: bucket.count })), { format: whole })),
      card("Device busy", lineChart(`Share of time that the device computes; ${Math.round(100 * busy)} percent over the last minute`,
        [step((sample, before) => Math.min(1, (sample.value("inference_device_busy_seconds_total") - before.value("inference_device_busy_seconds_total")) / ((sample.at - before.at) / 1000)))], { span: SPAN, format: (value) => `${Math.round(100 * value)} %`, least: 1 })),
      h("section", { class: "card chart-card" }, h("h2", {}, "Where time goes, mean since the start"), bars(stages.map(({ stage, mean: value }) => [stage, value, duration(1000 * value)]))),
      h("section", { class: "card chart-card" }, h("h2", {}, "Outcomes since the start"), outcomes.length === 0 ? h("p", { class: "muted" }, "No request has ended yet.")
        : bars(outcomes.map(([status, count]) => [`${status} ${OUTCOMES[status] ?? (Number(status) >= 500 ? "failed" : "refused")}`, count, String(count)]))));
  }

  const whole = (value) => (Number.isInteger(value) ? String(value) : "");
  const nameOf = (rows, i) => (rows[i].bound === Infinity ? `>${rows[i - 1]?.bound ?? 0}` : i === 0 || rows[i].bound - rows[i - 1].bound <= 1 ? String(rows[i].bound) : `${rows[i - 1].bound + 1}–${rows[i].bound}`);
  const stat = (name, value, unit) => h("div", { class: "stat" }, h("span", { class: "name" }, name), h("span", { class: "value" }, String(value)), h("span", { class: "name" }, unit));
  const card = (title, ...children) => h("section", { class: "card chart-card" }, h("h2", {}, title), children);

  return {
    show() { visible = true; if (!paused) look(); },
    hide() { visible = false; clearTimeout(timer); },
    receive() {},
  };
}

/** Bars with their values: [name, value, text]. */
function bars(rows) {
  const most = Math.max(1e-9, ...rows.map(([, value]) => value));
  return h("div", { class: "bars" }, rows.map(([name, value, text]) => [h("span", {}, name), h("meter", { min: 0, max: most, value, "aria-label": name }), h("span", { class: "num" }, text)]));
}
