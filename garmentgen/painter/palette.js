/* The classes: a list to search, one tab stop. */

import { make, rove } from "./dom.js";
import { TEXT } from "./texts.js";

export class Palette {
  /** onChoose(id): a class was taken; onDone(): the search is over, the focus may go back to the canvas. */
  constructor(root, labels, onChoose, onDone) {
    this.labels = labels;
    this.onChoose = onChoose;
    this.onDone = onDone;
    this.search = make("input", { class: "gp-search", type: "search", autocomplete: "off", spellcheck: "false" });
    this.list = make("div", { class: "gp-classes", role: "listbox" });
    this.empty = make("div", { class: "gp-none", role: "status" });
    root.append(this.search, this.list, this.empty);
    this.items = new Map();
    this.groups = [];
    for (const label of labels) this.add(label);
    this.update = rove(this.list, ".gp-class");
    this.search.addEventListener("input", () => this.filter());
    this.search.addEventListener("keydown", (event) => this.key(event));
    this.filter();
  }

  add(label) {
    let group = this.groups.find((known) => known.name === label.group);
    if (!group) {
      const title = make("div", { class: "gp-group", "aria-hidden": "true" });
      const box = make("div", { class: "gp-members", role: "group" }, title);
      group = { name: label.group, zh: label.group_zh, title, box, items: [] };
      this.groups.push(group);
      this.list.append(box);
    }
    const name = make("span", { class: "gp-name" });
    const item = make("button", { class: "gp-class", type: "button", role: "option", "data-id": label.id,
      onclick: () => this.onChoose(label.id) },
      make("span", { class: "gp-swatch", style: "background:" + label.color }), name);
    item.nameNode = name;
    group.box.append(item);
    this.items.set(label.id, item);
    group.items.push({ label, item });
  }

  filter() {
    const words = this.search.value.trim().toLowerCase();
    const hit = ({ id, name, name_zh }) => (name + " " + name_zh).toLowerCase().includes(words) || String(id) === words;
    for (const group of this.groups) {
      const whole = (group.name + " " + group.zh).toLowerCase().includes(words);
      for (const { label, item } of group.items) item.hidden = !whole && !hit(label);
      group.box.hidden = group.items.every(({ item }) => item.hidden);
    }
    this.empty.hidden = this.groups.some(({ box }) => !box.hidden);
    this.update();
  }

  key(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    const found = [...this.items].find(([, item]) => !item.hidden);
    const chosen = event.key === "Enter" && this.search.value.trim() && found ? found[0] : null;
    this.search.value = "";
    this.filter(); // before the choice, so that it is scrolled to in the whole list
    if (chosen !== null) this.onChoose(chosen);
    this.onDone();
  }

  mark(chosen, present) {
    for (const [id, item] of this.items) {
      item.setAttribute("aria-selected", id === chosen);
      item.classList.toggle("gp-present", present.has(id));
    }
    if (!this.list.contains(document.activeElement)) this.update(this.items.get(chosen));
  }

  /** Scroll the list alone, never the page, until a class is seen. */
  reveal(id) {
    const item = this.items.get(id);
    if (!item || item.hidden) return;
    const box = this.list.getBoundingClientRect(), own = item.getBoundingClientRect();
    if (own.top < box.top || own.bottom > box.bottom) this.list.scrollTop += own.top - box.top - box.height / 2;
    if (own.left < box.left || own.right > box.right) this.list.scrollLeft += own.left - box.left - box.width / 2;
  }

  setLang(lang) {
    const t = TEXT[lang];
    this.search.placeholder = t.search;
    this.search.setAttribute("aria-label", t.search);
    this.list.setAttribute("aria-label", t.classes);
    this.empty.textContent = t.none;
    for (const { title, box, name, zh } of this.groups) {
      title.textContent = lang === "zh" ? zh : name;
      box.setAttribute("aria-label", title.textContent);
    }
    for (const { id, name, name_zh } of this.labels) {
      this.items.get(id).nameNode.textContent = lang === "zh" ? name_zh : name;
      this.items.get(id).title = name + " · " + name_zh;
    }
  }
}
