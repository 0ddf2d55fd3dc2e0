// Pictures and comparisons, kept in this browser (IndexedDB). Where it has none, they last as long as the page.

const NAME = "inference-studio";
const MOST = 500;

const opened = new Promise((resolve) => {
  let request;
  try {
    request = indexedDB.open(NAME, 1);
  } catch {
    resolve(null);
    return;
  }
  request.onupgradeneeded = () => {
    request.result.createObjectStore("pictures", { keyPath: "id", autoIncrement: true });
    request.result.createObjectStore("comparisons", { keyPath: "id", autoIncrement: true });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => resolve(null);
});

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Whether what is kept outlives the page. */
export const lasts = async () => (await opened) !== null;

class Shelf {
  #name;
  #memory = new Map();
  #last = 0;
  #listeners = new Set();

  constructor(name) {
    this.#name = name;
  }

  /** Tells of every change. */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** Keeps an item, the oldest making way when there are too many; returns it with its id. */
  async add(item) {
    const store = await this.#open("readwrite");
    if (!store) {
      const id = ++this.#last;
      this.#memory.set(id, { ...item, id });
      return this.#changed({ ...item, id });
    }
    const id = await done(store.add(item));
    const keys = await done(store.getAllKeys());
    for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) store.delete(key);
    return this.#changed({ ...item, id });
  }

  async put(item) {
    const store = await this.#open("readwrite");
    if (store) await done(store.put(item));
    else this.#memory.set(item.id, item);
    return this.#changed(item);
  }

  /** All items, the newest first. */
  async all() {
    const store = await this.#open("readonly");
    return (store ? await done(store.getAll()) : [...this.#memory.values()]).reverse();
  }

  async remove(id) {
    const store = await this.#open("readwrite");
    if (store) await done(store.delete(id));
    else this.#memory.delete(id);
    this.#changed();
  }

  async clear() {
    const store = await this.#open("readwrite");
    if (store) await done(store.clear());
    else this.#memory.clear();
    this.#changed();
  }

  async #open(mode) {
    const database = await opened;
    return database?.transaction(this.#name, mode).objectStore(this.#name);
  }

  #changed(item) {
    for (const listener of this.#listeners) listener();
    return item;
  }
}

export const pictures = new Shelf("pictures");
export const comparisons = new Shelf("comparisons");
