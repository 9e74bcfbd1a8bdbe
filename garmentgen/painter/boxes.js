/* The painter's small windows: keys, replace a class, smooth outlines. One is open at a time. */

import { BACKGROUND } from "./map.js";
import { make } from "./dom.js";

export class Boxes {
  /** painter: whose words, map and commands they use. */
  constructor(painter) {
    this.painter = painter;
    this.open = null; // name of the one on show
    this.root = make("div", { class: "gp-box", role: "dialog", tabindex: "-1", hidden: "" });
  }

  /** Show the window `name`, or close it when it is on show. */
  toggle(name) {
    if (this.open === name) return this.close();
    const { text } = this.painter;
    this.open = name;
    this.root.replaceChildren(...this[name](text));
    this.root.setAttribute("aria-label", text[name]);
    this.root.hidden = false;
    this.painter.buttons[name].setAttribute("aria-expanded", "true");
    (this.root.querySelector("select") ?? this.root).focus({ preventScroll: true });
  }

  close() {
    if (!this.open) return;
    this.painter.buttons[this.open].setAttribute("aria-expanded", "false");
    if (this.root.contains(document.activeElement)) this.painter.buttons[this.open].focus({ preventScroll: true });
    this.open = null;
    this.root.hidden = true;
  }

  help(text) {
    const { painter } = this;
    const list = make("dl", {}, ...text.helpText.flatMap(([key, what]) => [
      make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]));
    if (!painter.options.keysOn) return [list, this.buttons()];
    const letters = make("input", { type: "checkbox", class: "gp-letters", onchange: () => painter.setLetters(letters.checked) });
    letters.checked = painter.letters;
    return [make("label", { class: "gp-switch" }, letters, text.letters), list, this.buttons()];
  }

  swap(text) {
    const { painter } = this, present = painter.map.present();
    const from = this.choice(present, present.includes(painter.chosen) ? painter.chosen : present[0]);
    const to = this.choice([...painter.labels.map((label) => label.id), BACKGROUND], painter.chosen);
    return [this.row(text.from, from), this.row(text.to, to),
      this.buttons(text.replace, () => { this.close(); painter.swap(+from.value, +to.value); })];
  }

  smooth(text) {
    const { painter } = this;
    const of = this.choice(painter.map.present(), "");
    of.prepend(make("option", { value: "" }, text.everything));
    of.value = "";
    return [this.row(text.outlines, of),
      this.buttons(text.smooth, () => painter.smooth(of.value === "" ? null : +of.value))];
  }

  choice(ids, chosen) {
    const select = make("select", {}, ...ids.map((id) => make("option", { value: id }, this.painter.nameOf(id))));
    select.value = chosen;
    return select;
  }

  row(caption, control) { return make("label", { class: "gp-field" }, make("span", {}, caption), control); }

  buttons(caption, act) {
    const close = make("button", { type: "button", onclick: () => this.close() }, this.painter.text.close);
    const apply = act ? [make("button", { type: "button", class: "gp-apply", onclick: act }, caption)] : [];
    return make("div", { class: "gp-row" }, ...apply, close);
  }
}
