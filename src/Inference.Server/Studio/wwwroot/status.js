// What the header says of the server. The metrics answer without a key and never with an error, whatever state the server is in.

import { readMetrics } from "./metrics.js";

const EVERY = 3000;

/** Keeps the status up to date while the page is visible. */
export function watchStatus(element, text) {
  const say = (state, words) => {
    if (element.dataset.state !== state || text.textContent !== words) {
      element.dataset.state = state;
      text.textContent = words;
    }
  };
  const look = async () => {
    try {
      const metrics = await readMetrics();
      const waiting = metrics.value("inference_requests_waiting"), running = metrics.value("inference_pictures_running");
      if (metrics.value("inference_ready") !== 1) say("down", "Not ready");
      else if (waiting > 0) say("busy", `${waiting} waiting`);
      else say("ready", running > 0 ? "Working" : "Ready");
    } catch {
      say("down", "Not reachable");
    }
  };
  look();
  setInterval(() => { if (document.visibilityState === "visible") look(); }, EVERY);
}
