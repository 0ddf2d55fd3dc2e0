// The settings inside a PNG file: the request as JSON where this server wrote it, else the text that web UIs write.

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The request that made a picture; null where the file does not tell. Throws when it is no PNG file. */
export async function requestOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (SIGNATURE.some((value, i) => bytes[i] !== value)) throw new Error("This is no PNG file. Only PNG files carry all settings.");
  const texts = readTexts(bytes);
  if (texts.inference) {
    try {
      const request = JSON.parse(texts.inference);
      if (request && typeof request === "object" && !Array.isArray(request)) return request;
    } catch {
      // Damaged; the text may still do.
    }
  }
  return texts.parameters ? parseParameters(texts.parameters) : null;
}

// iTXt without compression and tEXt chunks (PNG specification, 11.3.3), by keyword.
function readTexts(bytes) {
  const view = new DataView(bytes.buffer);
  const latin = new TextDecoder("latin1"), utf8 = new TextDecoder();
  const texts = {};
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = latin.decode(bytes.subarray(at + 4, at + 8));
    if (type === "IEND" || length > bytes.length - at - 12) break;
    const data = bytes.subarray(at + 8, at + 8 + length);
    const end = data.indexOf(0);
    if (end > 0 && type === "tEXt") texts[latin.decode(data.subarray(0, end))] ??= latin.decode(data.subarray(end + 1));
    if (end > 0 && type === "iTXt" && data[end + 1] === 0) {
      const language = data.indexOf(0, end + 3);
      const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
      if (translated > 0) texts[latin.decode(data.subarray(0, end))] ??= utf8.decode(data.subarray(translated + 1));
    }
    at += length + 12;
  }
  return texts;
}

/** Reads the text form "prompt, Negative prompt: ..., Steps: 20, Sampler: ..., ...". */
export function parseParameters(text) {
  const lines = text.trimEnd().split("\n");
  const settings = /^Steps: /.test(lines.at(-1)) ? lines.pop() : "";
  const negativeAt = lines.findIndex((line) => line.startsWith("Negative prompt: "));
  const request = { prompt: (negativeAt < 0 ? lines : lines.slice(0, negativeAt)).join("\n") };
  if (negativeAt >= 0) request.negative_prompt = lines.slice(negativeAt).join("\n").slice("Negative prompt: ".length);
  const names = { Steps: "num_inference_steps", Sampler: "sampler", "CFG scale": "guidance_scale", Seed: "seed", Size: "size", Model: "model", "Schedule type": "schedule", Cache: "cache" };
  for (const [, name, quoted, plain] of settings.matchAll(/([A-Za-z][A-Za-z ]*): (?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:, |$)/g)) {
    const field = names[name];
    if (!field) continue;
    const value = quoted ?? plain;
    request[field] = ["num_inference_steps", "guidance_scale", "seed"].includes(field) ? Number(value) : field === "schedule" ? value.toLowerCase() : value;
  }
  return request;
}
