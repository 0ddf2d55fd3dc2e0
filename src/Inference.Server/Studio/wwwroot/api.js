// The server's API: one way to call it, its errors as exceptions, its event streams as callbacks.

const KEY = "inference.key";
// Enough to watch a picture come about; each costs the server its encoding.
const MOST_PREVIEWS = 16;
const USUAL_STEPS = 20;

/** An answer that is no success: OpenAI's error object with its status. */
export class ApiError extends Error {
  constructor(status, error, retryAfter) {
    super(error?.message ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = error?.code ?? null;
    this.param = error?.param ?? null;
    this.retryAfter = retryAfter;
  }
}

let askForKey = async () => null;

/** Says how a key is asked for; resolves to null when none is given. */
export const onKeyNeeded = (ask) => { askForKey = ask; };

/** Whether calls bear a key. */
export const hasKey = () => sessionStorage.getItem(KEY) !== null;

/** The address below which the API lies: the folder above this file's. */
export const apiBase = () => new URL("../", import.meta.url).href;

/** An id for a request. crypto.randomUUID is only there on secure origins. */
export const newRequestId = () => `studio_${[...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

/** Calls the server; asks for a key when one is missing and tries again. */
export async function call(path, { method = "GET", body, headers = {}, signal } = {}) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    const response = await reach(path, {
      method,
      signal,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }), ...(key ? { authorization: `Bearer ${key}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    const error = new ApiError(response.status, (await response.json().catch(() => null))?.error, Number(response.headers.get("retry-after")) || null);
    if (response.status !== 401) throw error;
    const given = await askForKey(error.code);
    if (!given) throw error;
    sessionStorage.setItem(KEY, given);
  }
}

async function reach(path, options) {
  try {
    return await fetch(new URL(path, apiBase()), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { message: "The server cannot be reached." });
  }
}

/** The JSON of an answer. */
export const json = async (path, options) => (await call(path, options)).json();

/** The items of one of the server's lists. */
export const list = async (path) => (await json(path)).data;

/**
 * Generates pictures, watching them come about.
 * @param body fields of POST /v1/images/generations
 * @param watch onProgress(event), onPreview(index, blob, event); both optional
 * @returns pictures as [{ blob, event }] in order, and the accounting
 */
export async function generate(body, { id, signal, onProgress, onPreview } = {}) {
  const response = await call("v1/images/generations", {
    method: "POST",
    body: { ...body, stream: true, progress: true, preview_every: Math.max(1, Math.ceil((body.num_inference_steps ?? USUAL_STEPS) / MOST_PREVIEWS)) },
    headers: { "x-request-id": id ?? newRequestId() },
    signal,
  });
  const pictures = [];
  for await (const { name, data } of events(response.body)) {
    if (name === "image_generation.progress") onProgress?.(data);
    else if (name === "image_generation.partial_image") onPreview?.(data.image_index, blobOf(data.b64_json, data.output_format), data);
    else if (name === "image_generation.completed") pictures[data.image_index] = { blob: blobOf(data.b64_json, data.output_format), event: data };
    else if (name === "error") throw new ApiError(data.error.code === "cancelled" ? 499 : 500, data.error);
  }
  if (pictures.length === 0) throw new ApiError(0, { message: "The server ended the stream without a picture." });
  return { pictures, report: pictures[0].event.inference };
}

/** Cancels a generation by its id; one that is over already is left alone. */
export const cancel = (id) => call(`v1/images/generations/${encodeURIComponent(id)}`, { method: "DELETE" }).catch((error) => { if (error.status !== 404) throw error; });

/** Server-sent events of a body (WHATWG HTML, section 9.2). */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (data) yield { name: lines.find((line) => line.startsWith("event: "))?.slice(7), data: JSON.parse(data) };
    }
  }
}

function blobOf(base64, format) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: `image/${format}` });
}
