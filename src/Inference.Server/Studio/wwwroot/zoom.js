// One zoom for several views: what happens in one happens in all, by pointer, wheel and keyboard.

const MOST = 16;
const STEP = 1.5;

/** Links views: elements with the class pane-view whose children are moved together. */
export class LinkedZoom {
  #views = new Set();
  #scale = 1;
  #x = 0; // Of the left upper corner, in parts of the view.
  #y = 0;

  constructor(onChange) {
    this.onChange = onChange;
  }

  get scale() { return this.#scale; }

  /** Adds a view. */
  add(view) {
    this.#views.add(view);
    view.tabIndex = 0;
    view.addEventListener("wheel", (event) => {
      event.preventDefault();
      const box = view.getBoundingClientRect();
      this.zoom(event.deltaY < 0 ? STEP ** 0.5 : STEP ** -0.5, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    }, { passive: false });
    view.addEventListener("pointerdown", (event) => {
      view.setPointerCapture(event.pointerId);
      const box = view.getBoundingClientRect();
      const move = (moved) => this.pan(-moved.movementX / box.width / this.#scale, -moved.movementY / box.height / this.#scale);
      const end = () => {
        view.removeEventListener("pointermove", move);
        view.removeEventListener("pointerup", end);
        view.removeEventListener("pointercancel", end);
      };
      view.addEventListener("pointermove", move);
      view.addEventListener("pointerup", end);
      view.addEventListener("pointercancel", end);
    });
    view.addEventListener("keydown", (event) => {
      const part = 0.2 / this.#scale;
      const act = { "+": () => this.zoom(STEP), "=": () => this.zoom(STEP), "-": () => this.zoom(1 / STEP), 0: () => this.reset(), ArrowLeft: () => this.pan(-part, 0), ArrowRight: () => this.pan(part, 0), ArrowUp: () => this.pan(0, -part), ArrowDown: () => this.pan(0, part) }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    this.#apply();
  }

  clear() {
    this.#views.clear();
    this.reset();
  }

  /** Zooms around a point of the view, given in parts of it. */
  zoom(factor, x = 0.5, y = 0.5) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    this.#x += x / this.#scale - x / scale;
    this.#y += y / this.#scale - y / scale;
    this.#scale = scale;
    this.pan(0, 0);
  }

  pan(x, y) {
    const most = 1 - 1 / this.#scale;
    this.#x = Math.min(most, Math.max(0, this.#x + x));
    this.#y = Math.min(most, Math.max(0, this.#y + y));
    this.#apply();
  }

  reset() {
    this.#scale = 1;
    this.pan(0, 0);
  }

  #apply() {
    for (const view of this.#views) {
      view.classList.toggle("zoomed", this.#scale > 1.01);
      for (const child of view.children) child.style.transform = `scale(${this.#scale}) translate(${-100 * this.#x}%, ${-100 * this.#y}%)`;
    }
    this.onChange?.(this.#scale);
  }
}
