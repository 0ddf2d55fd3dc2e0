// Elements from data. Text becomes text nodes and never HTML, whoever wrote it.

const SVG = "http://www.w3.org/2000/svg";
let ids = 0;

/** An element. Of the properties, `on` has listeners; the others are set as properties where there is one and as attributes otherwise. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "class") element.className = value;
    else if (name === "for") element.htmlFor = value;
    else if (name.startsWith("aria-") || name.startsWith("data-") || !(name in element)) element.setAttribute(name, value);
    else element[name] = value;
  }
  append(element, children);
  return element;
}

/** An SVG element; properties are attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null) element.setAttribute(name, value);
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) if (child !== undefined && child !== null && child !== false) element.append(child);
}

/** Puts new children in place of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** An id that no other element has. */
export const newId = (stem) => `${stem}-${++ids}`;

/** A list of facts: pairs of a name and a value; pairs without a value are left out. */
export const facts = (pairs) => h("dl", { class: "facts" },
  pairs.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([name, value]) => [h("dt", {}, name), h("dd", { class: "num" }, value instanceof Node ? value : String(value))]));

/** A table in a frame that scrolls, by keyboard too, where the screen is too narrow for it. */
export const scrollable = (label, table, frame = "card") => h("div", { class: `${frame} table-scroll`, role: "region", "aria-label": label, tabIndex: 0 }, table);

/** A line icon from the paths of its strokes. */
export const icon = (...paths) => svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, paths.map((d) => svg("path", { d })));

/** A link to a blob, which is given back when the element is removed by `release`. */
export function picture(blob, alt, properties = {}) {
  const url = URL.createObjectURL(blob);
  const image = h("img", { src: url, alt, ...properties });
  image.release = () => URL.revokeObjectURL(url);
  return image;
}

/** Gives back the blobs of the pictures below an element. */
export function release(element) {
  for (const image of element.querySelectorAll("img")) image.release?.();
}

/** Milliseconds for people. */
export const duration = (ms) => (ms === null || ms === undefined || Number.isNaN(ms) ? "–" : ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60000).toFixed(1)} min`);

/** A short message that goes away by itself; screen readers say it. */
export function toast(text) {
  const element = h("div", { class: "toast" }, text);
  const host = document.getElementById("toasts");
  host.append(element);
  while (host.children.length > 3) host.firstChild.remove();
  setTimeout(() => element.remove(), 5000);
}
