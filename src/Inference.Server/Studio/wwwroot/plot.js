// Plots as SVG: marks carry classes, colours come from the style sheet.

import { h, svg } from "./dom.js";

const WIDEST = 560, HEIGHT = 180, AROUND = 66;
const MARGIN = { left: 50, right: 12, top: 8, bottom: 22 };
// Narrow screens get narrower plots, not smaller letters.
const size = () => {
  const width = Math.max(240, Math.min(WIDEST, innerWidth - AROUND));
  return { width, inner: { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom } };
};

/** A round number at or above a value, for the end of an axis. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value * 0.999999);
}

const frame = (label, width, ...children) => svg("svg", { class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label }, children);

function axisY(top, format, { width, inner }) {
  return [0, 0.5, 1].map((share) => {
    const y = MARGIN.top + inner.height * (1 - share);
    return [svg("line", { class: "axis", x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y }), svg("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, format(top * share))];
  });
}

/**
 * Lines over time, the last moment at the right.
 * @param series [{ points: [[seconds ago, value or null], ...] }]; a null interrupts the line
 * @param span seconds shown
 */
export function lineChart(label, series, { span, format = (value) => String(value), least = 0 }) {
  const { width, inner } = size();
  const top = roundUp(Math.max(least, ...series.flatMap((entry) => entry.points.map(([, value]) => value ?? 0))));
  const x = (ago) => MARGIN.left + inner.width * (1 - Math.min(ago, span) / span);
  const y = (value) => MARGIN.top + inner.height * (1 - value / top);
  const path = (points) => {
    let pen = "M", d = "";
    for (const [ago, value] of points) {
      if (value === null || ago > span) { pen = "M"; continue; }
      d += `${pen}${x(ago).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    }
    return d;
  };
  return frame(label, width, axisY(top, format, { width, inner }),
    svg("text", { x: MARGIN.left, y: HEIGHT - 5 }, `${span} s ago`), svg("text", { x: width - MARGIN.right, y: HEIGHT - 5, "text-anchor": "end" }, "now"),
    series.map((entry, i) => svg("path", { class: `line s${i}`, d: path(entry.points) })));
}

/** Bars: [{ name, value }]. */
export function barChart(label, bars, { format = (value) => String(value) } = {}) {
  const { width, inner } = size();
  const top = roundUp(Math.max(0, ...bars.map((bar) => bar.value)));
  const slot = inner.width / Math.max(1, bars.length);
  return frame(label, width, axisY(top, format, { width, inner }), bars.map((bar, i) => {
    const height = inner.height * (bar.value / top);
    const left = MARGIN.left + slot * i + slot * 0.16;
    return [svg("rect", { class: "f0", x: left, y: MARGIN.top + inner.height - height, width: slot * 0.68, height, rx: Math.min(3, height / 2) }),
      svg("text", { x: left + slot * 0.34, y: HEIGHT - 5, "text-anchor": "middle" }, bar.name)];
  }));
}

// A letter takes about seven units.
const shorten = (name, room) => (7 * name.length > room ? `${name.slice(0, Math.floor(room / 7) - 1)}…` : name);

/** Estimates with intervals around zero: [{ name, value, low, high, index, faint }]; `faint` is a second, weaker interval. */
export function intervalChart(label, rows, { format = (value) => String(value) }) {
  const { width } = size();
  const rowHeight = 34, left = Math.min(170, 0.36 * width), right = 24;
  const numbers = rows.flatMap((row) => [row.value, row.low, row.high, row.faint?.low ?? null, row.faint?.high ?? null]).filter((value) => value !== null && Number.isFinite(value));
  const bound = roundUp(Math.max(1e-9, ...numbers.map(Math.abs)));
  const height = rows.length * rowHeight + 30;
  const x = (value) => left + (width - left - right) * ((Math.max(-bound, Math.min(bound, value)) + bound) / (2 * bound));
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    svg("line", { class: "zero", x1: x(0), x2: x(0), y1: 4, y2: height - 22 }),
    [-bound, 0, bound].map((value) => svg("text", { x: x(value), y: height - 6, "text-anchor": "middle" }, format(value))),
    rows.map((row, i) => {
      const y = 18 + i * rowHeight;
      return [svg("text", { x: left - 14, y: y + 4, "text-anchor": "end" }, shorten(row.name, left)),
        row.faint && row.faint.low !== null && row.faint.high !== null && svg("line", { class: `line s${row.index % 4}`, x1: x(row.faint.low), x2: x(row.faint.high), y1: y, y2: y, opacity: 0.4, "stroke-dasharray": "2 4" }),
        row.low !== null && row.high !== null && svg("line", { class: `line s${row.index % 4}`, x1: x(row.low), x2: x(row.high), y1: y, y2: y }),
        row.value !== null && svg("circle", { class: `f${row.index % 4}`, cx: x(row.value), cy: y, r: 5 })];
    }));
}

/** Quantiles of several arms on one axis: [{ name, values: [{ value, low, high }], index }]. */
export function quantileChart(label, rows, { format = (value) => String(value) }) {
  const { width } = size();
  const rowHeight = 38, left = Math.min(170, 0.36 * width), right = 24;
  const numbers = rows.flatMap((row) => row.values.flatMap((entry) => [entry.value, entry.high])).filter((value) => value !== null && Number.isFinite(value));
  const top = roundUp(Math.max(1e-9, ...numbers));
  const height = rows.length * rowHeight + 30;
  const x = (value) => left + (width - left - right) * (Math.min(value, top) / top);
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    [0, 0.5, 1].map((share) => [svg("line", { class: "axis", x1: x(top * share), x2: x(top * share), y1: 4, y2: height - 22 }), svg("text", { x: x(top * share), y: height - 6, "text-anchor": "middle" }, format(top * share))]),
    rows.map((row, i) => {
      const y = 20 + i * rowHeight;
      return [svg("text", { x: left - 14, y: y + 4, "text-anchor": "end" }, shorten(row.name, left)),
        row.values.filter((entry) => entry.value !== null).map((entry, j) => [
          entry.low !== null && entry.high !== null && svg("line", { class: `line s${row.index % 4}`, x1: x(entry.low), x2: x(entry.high), y1: y, y2: y, opacity: 0.45 }),
          svg("circle", { class: `f${row.index % 4}`, cx: x(entry.value), cy: y, r: 6 - 1.5 * j })])];
    }));
}

/** The names of the lines of a plot. */
export const legend = (names) => h("ul", { class: "legend" }, names.map((name, i) => h("li", { class: `arm-${i % 4}` }, h("span", { class: "swatch", "aria-hidden": "true" }), name)));
