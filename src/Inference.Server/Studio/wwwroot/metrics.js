// The server's metrics: Prometheus text, read into series, and what is asked of them.

import { apiBase } from "./api.js";

/** Reads the metrics now. */
export async function readMetrics() {
  const response = await fetch(new URL("metrics", apiBase()));
  if (!response.ok) throw new Error(`Metrics: status ${response.status}.`);
  return new Metrics(parse(await response.text()), performance.now());
}

/** Prometheus text as a map from names to [{ labels, value }]. */
export function parse(text) {
  const series = new Map();
  for (const line of text.split("\n")) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, name, value] of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
    if (!series.has(match[1])) series.set(match[1], []);
    series.get(match[1]).push({ labels, value: match[3] === "+Inf" ? Infinity : Number(match[3]) });
  }
  return series;
}

/** The metrics at one time. */
export class Metrics {
  constructor(series, at) {
    this.series = series;
    this.at = at;
  }

  /** Sum over the series of a name; 0 where there are none. */
  value(name, where = () => true) {
    return (this.series.get(name) ?? []).reduce((sum, entry) => sum + (where(entry.labels) ? entry.value : 0), 0);
  }

  /** Values by one label, summed over the others. */
  by(name, label) {
    const values = new Map();
    for (const entry of this.series.get(name) ?? []) values.set(entry.labels[label], (values.get(entry.labels[label]) ?? 0) + entry.value);
    return values;
  }

  /** Counts of a histogram by upper bound, each bucket by itself, ascending. */
  histogram(name, where) {
    const cumulative = new Map();
    for (const entry of this.series.get(`${name}_bucket`) ?? [])
      if (!where || where(entry.labels)) {
        const bound = entry.labels.le === "+Inf" ? Infinity : Number(entry.labels.le);
        cumulative.set(bound, (cumulative.get(bound) ?? 0) + entry.value);
      }
    let before = 0;
    return [...cumulative].sort(([a], [b]) => a - b).map(([bound, count]) => {
      const own = count - before;
      before = count;
      return { bound, count: own };
    });
  }
}

/** What a histogram gained from one time to another. */
export function gained(now, then) {
  const before = new Map(then.map((bucket) => [bucket.bound, bucket.count]));
  return now.map(({ bound, count }) => ({ bound, count: Math.max(0, count - (before.get(bound) ?? 0)) }));
}

/** A quantile of a histogram by linear interpolation within its bucket, as Prometheus estimates it; null when it is empty. */
export function quantile(buckets, q) {
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (total === 0) return null;
  let left = q * total, lower = 0;
  for (const { bound, count } of buckets) {
    if (left <= count && count > 0) return Number.isFinite(bound) ? lower + (bound - lower) * (left / count) : lower;
    left -= count;
    lower = Number.isFinite(bound) ? bound : lower;
  }
  return lower;
}
