// The frame around the pages: navigation, theme, server status, key dialog, pictures that are dropped.

import { fill, h, icon, toast } from "./dom.js";
import { onKeyNeeded } from "./api.js";
import { loadCatalog } from "./catalog.js";
import { watchStatus } from "./status.js";

const pages = [
  { id: "generate", title: "Generate", load: () => import("./views/generate.js") },
  { id: "gallery", title: "Gallery", load: () => import("./views/gallery.js") },
  { id: "compare", title: "Compare", load: () => import("./views/compare.js") },
  { id: "live", title: "Live", load: () => import("./views/live.js") },
  { id: "experiments", title: "Experiments", load: () => import("./views/experiments.js") },
];

const host = document.getElementById("view");
const mounted = new Map();
let current = null;

const context = {
  /** What the server can do; resolves when its models are loaded. */
  catalog: null,
  navigate: (path) => { location.hash = `#/${path}`; },
  /** Opens a page and hands it something: the settings of a picture, arms to compare. */
  open: async (page, message) => {
    context.navigate(page);
    const view = await show(page, "");
    await view.receive(message);
  },
};

/** Shows a page, which is made once and kept. */
async function show(id, rest) {
  const page = pages.find((known) => known.id === id) ?? pages[0];
  current = page.id;
  document.title = `${page.title} · Inference Studio`;
  for (const link of document.querySelectorAll("#tabs a")) {
    if (link.dataset.page === page.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!mounted.has(page.id)) mounted.set(page.id, mount(page));
  const entry = await mounted.get(page.id);
  // Another page may have been asked for meanwhile.
  for (const [other, promise] of mounted) if (other !== current) promise.then((view) => { view.element.hidden = true; view.hide?.(); }, () => {});
  if (current === page.id) {
    entry.element.hidden = false;
    entry.show?.(rest);
  }
  return entry;
}

async function mount(page) {
  host.querySelector(`[data-failed="${page.id}"]`)?.remove();
  const element = h("div", { class: "page" });
  host.append(element);
  try {
    const [module] = await Promise.all([page.load(), context.catalog]);
    return { element, ...(await module.mount(element, { ...context, catalog: await context.catalog })) };
  } catch (error) {
    mounted.delete(page.id);
    element.dataset.failed = page.id;
    fill(element, h("p", { class: "banner", role: "alert" }, `This page cannot be shown: ${error.message}`));
    throw error;
  }
}

function route() {
  const [, id = "generate", ...rest] = location.hash.split("/");
  show(pages.some((page) => page.id === id) ? id : "generate", rest.map(decodeURIComponent).join("/")).catch((error) => toast(error.message));
}

// Theme: as the system has it, light, dark.
const themes = [
  { id: "system", title: "Theme: as the system", paths: ["M12 3a9 9 0 1 0 0 18z", "M12 3a9 9 0 0 1 0 18"] },
  { id: "light", title: "Theme: light", paths: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"] },
  { id: "dark", title: "Theme: dark", paths: ["M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z"] },
];
const themeButton = document.getElementById("theme");
function applyTheme(id) {
  const theme = themes.find((known) => known.id === id) ?? themes[0];
  if (theme.id === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.id;
  fill(themeButton, icon(...theme.paths));
  themeButton.title = theme.title;
  themeButton.setAttribute("aria-label", `${theme.title}. Change`);
  return theme;
}
let theme = applyTheme(localStorage.getItem("inference.theme"));
themeButton.addEventListener("click", () => {
  theme = applyTheme(themes[(themes.indexOf(theme) + 1) % themes.length].id);
  localStorage.setItem("inference.theme", theme.id);
});

// Keys: one dialog, however many calls ask for it.
const keyDialog = document.getElementById("key-dialog");
const keyInput = document.getElementById("key-input");
const keyText = document.getElementById("key-text");
const keyTextFirst = keyText.textContent;
let asking = null;
onKeyNeeded((code) => asking ??= new Promise((resolve) => {
  keyText.textContent = code === "invalid_api_key" ? "The server does not know this key. It is kept in this tab only." : keyTextFirst;
  keyInput.value = "";
  keyDialog.returnValue = "";
  keyDialog.showModal();
  keyDialog.addEventListener("close", () => {
    asking = null;
    resolve(keyDialog.returnValue === "given" ? keyInput.value.trim() : null);
  }, { once: true });
}));
keyDialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  keyDialog.close("given");
});
document.getElementById("key-cancel").addEventListener("click", () => keyDialog.close(""));

// A picture that is dropped anywhere restores its settings.
let entered = 0;
const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragenter", (event) => { if (hasFile(event)) { entered++; document.body.classList.add("drop"); } });
addEventListener("dragleave", (event) => { if (hasFile(event) && --entered <= 0) { entered = 0; document.body.classList.remove("drop"); } });
addEventListener("dragover", (event) => { if (hasFile(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  entered = 0;
  document.body.classList.remove("drop");
  restore(event.dataTransfer.files[0]);
});

/** Restores the settings of a picture file on the page that generates. */
async function restore(file) {
  try {
    const { requestOf } = await import("./png.js");
    const request = await requestOf(file);
    if (!request) throw new Error(`${file.name} does not say how it was made.`);
    await context.open("generate", { request });
    toast(`Settings of ${file.name} restored.`);
  } catch (error) {
    toast(error.message);
  }
}
context.restoreFile = restore;

fill(document.getElementById("tabs"), pages.map((page) => h("a", { href: `#/${page.id}`, "data-page": page.id }, page.title)));
const notice = h("div", {});
host.append(notice);
context.catalog = loadCatalog(() => fill(notice, h("div", { class: "empty" }, h("h2", {}, "Models are being loaded"), h("p", {}, "This page goes on by itself."))));
context.catalog.then(() => notice.remove(), (error) => fill(notice, h("div", { class: "banner", role: "alert" }, error.message, " ", h("button", { class: "button small", type: "button", on: { click: () => location.reload() } }, "Try again"))));
watchStatus(document.getElementById("status"), document.getElementById("status-text"));
addEventListener("hashchange", route);
context.catalog.then(route, () => {});
