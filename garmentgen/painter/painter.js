/* The garment label painter: plain ES modules, no build step, no dependency, no request to anywhere.
 * garmentgen/painter/__init__.py puts the files together into one text where one is wanted.
 *
 *   const painter = mountPainter(element, {
 *     labels,      // [{id, name, name_zh, group, group_zh, color: "#rrggbb"}, ...], ids 0 .. n-1
 *     size,        // side of the square map in pixels
 *     value,       // optional: the map to start with, RLE JSON
 *     lang,        // "en" or "zh"
 *     chosen,      // optional: id of the class in the brush at the start
 *     keysOn,      // optional: the document, for keys wherever no text is typed; else they work inside the painter
 *     onChange,    // optional: (value, what) after each finished step; what is "stroke", "undo", "clear" ...
 *     onView,      // optional: ({scale, x, y}) when the user zoomed or panned, see setView
 *     onUndo, onRedo, // optional: the page keeps the history, the painter none; see setHistory
 *     onImport,    // optional: (File) when the user picks or drops a picture; without it there is no such button
 *     onExport,    // optional: () instead of saving the map as a PNG from here
 *   })
 *   painter.getValue()           the map as RLE JSON
 *   painter.setValue(value)      show another map, one step of the painter's own history; no onChange
 *   painter.getIds()             the ids, a Uint8Array that follows the painting; only to be read
 *   painter.setHistory({undo, redo})  is there a step back, a step forth? Lights the buttons when the page keeps the history
 *   painter.setView({scale, x, y})    scale 1 shows all; x, y is the point at the left top corner in shares of the map; no onView
 *   painter.setLang("zh")        names and tooltips in the other language
 *   painter.setUnderlay(url)     a picture beneath the labels, or null; seen when the labels are not opaque
 *   painter.setOpacity(percent)  of the labels
 *   painter.choose(id)           take a class into the brush
 *   painter.destroy()
 *
 * The value: {"w": 256, "h": 256, "runs": [id, count, id, count, ...]}, rows from the top, 255 = background.
 * The ids live in one Uint8Array. The canvas only shows them and is never read back.
 */

import { Boxes } from "./boxes.js";
import { LabelCanvas } from "./canvas.js";
import { Drawing } from "./drawing.js";
import { icon, make, rgb, rove, writes } from "./dom.js";
import { Keys } from "./keys.js";
import { BACKGROUND, MapDocument, decodeMap, encodeMap } from "./map.js";
import { smoothEdges } from "./outlines.js";
import { Palette } from "./palette.js";
import { Pointer } from "./pointer.js";
import { TEXT } from "./texts.js";

const TOOLS = ["brush", "bucket", "eraser", "picker", "rect", "polygon", "curve", "select"];

const LETTERS = "garmentgen.letters";

function lettersWanted() {
  try { return localStorage.getItem(LETTERS) !== "false"; } catch { return true; }
}

class Painter {
  constructor(element, options) {
    this.options = options;
    this.labels = options.labels;
    this.size = options.size;
    this.map = new MapDocument(options.size, options.value, !options.onUndo);
    this.tool = "brush";
    this.chosen = options.chosen ?? this.map.present()[0] ?? this.labels[0].id;
    this.former = this.chosen;
    this.diameter = Math.max(2, Math.round(options.size / 16));
    this.mirror = this.inside = false;
    this.letters = lettersWanted(); // single-letter keys
    this.hover = null;   // the brush, map pixels
    this.byKeys = false; // moved there by arrow keys
    this.drawing = new Drawing(this);
    this.build(element);
    this.pointer = new Pointer(this);
    this.keys = new Keys(this, options.keysOn ?? this.root);
    this.setLang(options.lang === "zh" ? "zh" : "en");
    this.setOpacity(100);
    this.setHistory({ undo: false, redo: false });
    this.setTool("brush");
    this.palette.reveal(this.chosen);
  }

  // ---- building

  build(element) {
    this.root = make("div", { class: "gp-painter", tabindex: "-1" });
    const side = make("div", { class: "gp-side" });
    this.stage = make("div", { class: "gp-stage" });
    this.current = make("span", { class: "gp-current" });
    this.under = make("span", { class: "gp-under" });
    this.voice = make("div", { class: "gp-voice", role: "status", "aria-live": "polite" });
    this.mini = make("img", { class: "gp-mini", alt: "", hidden: "" }); // narrow screens: the underlay seen by itself
    this.palette = new Palette(side, this.labels, (id) => this.choose(id), () => this.canvas.overlay.focus({ preventScroll: true }));
    this.canvas = new LabelCanvas(this.stage, this.size, this.labels, () => this.draw());
    this.boxes = new Boxes(this);
    this.stage.append(this.boxes.root);
    this.buildToolbars();
    const status = make("div", { class: "gp-status" }, this.current, this.under, this.views);
    this.root.append(side, make("div", { class: "gp-main" }, this.edits, this.strokes, this.stage, this.buildSliders(), status, this.mini), this.voice);
    element.replaceChildren(this.root);
    this.canvas.overlay.setAttribute("role", "application");
    this.stage.addEventListener("dragover", (event) => event.preventDefault());
    this.stage.addEventListener("drop", (event) => { event.preventDefault(); this.importFile(event.dataTransfer.files[0]); });
    if (!this.options.keysOn) this.root.addEventListener("pointerenter", () => this.takeFocus());
  }

  buildToolbars() {
    this.buttons = {};
    const button = (name, action) => {
      this.buttons[name] = make("button", { class: "gp-tool", type: "button", "data-tool": name, onclick: action }, icon(name));
      return this.buttons[name];
    };
    const group = (...nodes) => make("div", { class: "gp-tools" }, ...nodes);
    const bar = (name, ...groups) => make("div", { class: "gp-" + name, role: "toolbar" }, ...groups);
    const box = (name) => {
      const opener = button(name, () => { if (opener.getAttribute("aria-disabled") !== "true") this.boxes.toggle(name); });
      opener.setAttribute("aria-expanded", "false");
      return opener;
    };
    this.file = make("input", { type: "file", accept: "image/*", hidden: "", onchange: () => this.importFile(this.file.files[0]) });
    const files = [button("save", () => this.exportMap())];
    if (this.options.onImport) files.unshift(button("open", () => this.file.click()), this.file);
    this.strokes = bar("strokes", group(...TOOLS.map((name) => button(name, () => this.setTool(name)))),
      group(button("mirror", () => this.toggle("mirror")), button("inside", () => this.toggle("inside"))));
    this.edits = bar("edits", group(button("undo", () => this.undo()), button("redo", () => this.redo()), button("clear", () => this.clear()),
      box("swap"), box("smooth")), group(...files), group(box("help")));
    this.percent = make("span", { class: "gp-percent", "aria-hidden": "true" });
    this.views = bar("views", button("zoomOut", () => this.zoom(1 / 1.5)), this.percent, button("zoomIn", () => this.zoom(1.5)),
      button("fit", () => this.look({ scale: 1, x: 0, y: 0 })), button("actual", () => this.zoomActual()));
    for (const toolbar of [this.strokes, this.edits, this.views]) rove(toolbar, ".gp-tool");
  }

  buildSliders() {
    const slider = (name, min, max, value, oninput) => {
      const input = make("input", { type: "range", min, max, value, "data-slider": name, oninput });
      const caption = make("span", { class: "gp-caption" }), number = make("output", {}, String(value));
      this[name + "Slider"] = { input, caption, number };
      return make("label", { class: "gp-slider" }, caption, input, number);
    };
    return make("div", { class: "gp-sliders" },
      slider("size", 1, Math.round(this.size / 4), this.diameter, (event) => this.setDiameter(+event.target.value)),
      slider("opacity", 0, 100, 100, (event) => this.setOpacity(+event.target.value)));
  }

  setLang(lang) {
    this.lang = lang;
    const t = (this.text = TEXT[lang]), { overlay } = this.canvas;
    this.boxes.close();
    this.palette.setLang(lang);
    for (const [name, button] of Object.entries(this.buttons)) {
      button.title = t[name];
      button.setAttribute("aria-label", t[name]);
    }
    for (const bar of ["strokes", "edits", "views"]) this[bar].setAttribute("aria-label", t[bar]);
    for (const name of ["size", "opacity"]) {
      this[name + "Slider"].caption.textContent = t[name];
      this[name + "Slider"].input.setAttribute("aria-label", t[name]);
    }
    overlay.setAttribute("aria-label", t.canvas);
    overlay.setAttribute("aria-roledescription", t.application);
    overlay.setAttribute("aria-description", t.describe);
    this.refresh();
  }

  nameOf(id) {
    if (id === BACKGROUND) return this.text.background;
    const { name, name_zh } = this.labels[id];
    return this.lang === "zh" ? name_zh : name;
  }

  // ---- showing

  refresh() {
    this.draw();
    const present = new Set(this.map.present()), brush = this.tool === "eraser" ? BACKGROUND : this.chosen;
    this.current.replaceChildren(...this.shown(brush));
    this.palette.mark(this.tool === "eraser" ? null : this.chosen, present);
    if (this.map.keeps) this.setHistory({ undo: this.map.past.length > 0, redo: this.map.future.length > 0 });
    this.enable("swap", present.size > 0);
    this.enable("smooth", present.size > 0);
  }

  enable(name, on) { this.buttons[name].setAttribute("aria-disabled", String(!on)); } // keeps the focus, unlike `disabled`

  setHistory({ undo, redo }) {
    this.enable("undo", undo);
    this.enable("redo", redo);
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.canvas.draw(this.map.ids, this.map.takeDirty());
      this.canvas.drawOverlay(this.drawing.shapes());
      this.showUnder(); // here, not at each of the pointer's events: they ask for the layout
      this.percent.textContent = Math.round(100 * this.canvas.view.scale) + " %";
    });
  }

  /** A class's colour and name. */
  shown(id) {
    const color = this.labels[id]?.color ?? "#fff";
    return [make("span", { class: "gp-swatch", style: "background:" + color }), make("span", { class: "gp-name" }, this.nameOf(id))];
  }

  showUnder() {
    const under = this.hover && this.map.at(this.hover);
    this.under.replaceChildren(...(under === null ? [] : [...this.shown(under),
      make("small", {}, this.hover.map(Math.floor).join(", "))]));
  }

  /** Tell a screen reader. */
  announce(words) { this.voice.textContent = words; }

  /** Where the brush is, when it has come to rest. */
  announcePlace() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const under = this.hover && this.map.at(this.hover);
      if (under !== null) this.announce(this.nameOf(under) + ", " + this.hover.map(Math.floor).join(", "));
    }, 250);
  }

  // ---- state

  setTool(name) {
    if ((name === "polygon" || name === "curve") && name === this.tool) this.drawing.closeOutline();
    this.drawing.leave();
    this.tool = name;
    for (const tool of TOOLS) this.buttons[tool].setAttribute("aria-pressed", tool === name);
    this.root.dataset.tool = name;
    this.refresh();
    if (document.activeElement === this.canvas.overlay) this.announce(this.text[name] + ", " + this.nameOf(this.chosen));
  }

  toggle(name) {
    if (this.drawing.selection) this.drawing.settle();
    this[name] = !this[name];
    this.buttons[name].setAttribute("aria-pressed", this[name]);
    this.announce(this.text[name] + ": " + (this[name] ? this.text.on : this.text.off));
    this.draw();
  }

  setLetters(on) {
    this.letters = on;
    try { localStorage.setItem(LETTERS, on); } catch { /* storage is off: for this page only */ }
  }

  choose(id) {
    if (id === BACKGROUND) return this.setTool("eraser");
    if (!this.labels[id]) return;
    if (id !== this.chosen) this.former = this.chosen;
    this.chosen = id;
    this.palette.reveal(id);
    this.setTool(["eraser", "picker", "select"].includes(this.tool) ? "brush" : this.tool);
    this.announce(this.nameOf(id));
  }

  setDiameter(pixels) {
    this.diameter = Math.min(Math.max(1, pixels), +this.sizeSlider.input.max);
    this.sizeSlider.input.value = this.diameter;
    this.sizeSlider.number.textContent = this.diameter;
    this.draw();
  }

  /** A turn of the wheel or a key: the brush, or the region picked up, larger or smaller. */
  resize(direction, pixels = Math.max(1, Math.round(this.diameter / 8))) {
    const { drawing } = this;
    if (drawing.selection) return drawing.moveSelected(() => drawing.selection.grow(1.05 ** direction));
    this.setDiameter(this.diameter + direction * pixels);
    this.announce(this.text.size + " " + this.diameter);
  }

  setOpacity(percent) {
    this.opacitySlider.input.value = percent;
    this.opacitySlider.number.textContent = percent;
    this.root.classList.toggle("gp-opaque", percent >= 100); // else the underlay's soft edges peep out
    this.canvas.setOpacity(percent / 100);
  }

  setUnderlay(url) {
    this.canvas.setUnderlay(url);
    this.mini.hidden = !url;
    if (url) this.mini.src = url;
  }

  getValue() { return encodeMap(this.map.ids, this.size); }

  getIds() { return this.map.ids; }

  setValue(value) {
    const ids = decodeMap(value, this.size);
    this.drawing.leave();
    this.drawing.settle();
    this.map.edit(() => this.map.copy(ids));
    this.refresh();
  }

  changed(what) {
    this.refresh();
    this.options.onChange?.(this.getValue(), what);
  }

  pointAt(point) {
    this.hover = point;
    this.draw();
  }

  // ---- the view

  setView(view) {
    this.canvas.setView(view);
    this.draw();
  }

  /** The user's own change of view. */
  look(view) {
    this.setView(view);
    this.options.onView?.({ ...this.canvas.view });
  }

  zoom(factor, at) {
    this.canvas.zoom(factor, at);
    this.look(this.canvas.view);
  }

  zoomActual() { this.zoom(this.canvas.actual / this.canvas.view.scale); }

  keepInView([x, y]) {
    const { view } = this.canvas, wide = 1 / view.scale, edge = wide / 10;
    const moved = (start, at) => Math.min(at - edge, Math.max(at + edge - wide, start));
    if (view.scale > 1) this.look({ ...view, x: moved(view.x, x / this.size), y: moved(view.y, y / this.size) });
  }

  // ---- steps

  undo() {
    this.drawing.settle();
    if (this.options.onUndo) return this.options.onUndo();
    if (this.map.undo()) this.changed("undo");
  }

  redo() {
    this.drawing.settle();
    if (this.options.onRedo) return this.options.onRedo();
    if (this.map.redo()) this.changed("redo");
  }

  step(what, change) {
    const done = this.map.edit(change);
    if (done) this.changed(what);
    return done;
  }

  clear() {
    this.drawing.settle();
    this.step("clear", () => this.map.copy(new Uint8Array(this.size ** 2).fill(BACKGROUND)));
  }

  swap(from, to) {
    this.drawing.settle();
    this.step("swap", () => this.map.copy(this.map.ids.map((id) => (id === from ? to : id))));
  }

  /** The outlines of a class, or of all with null. */
  smooth(only) {
    this.drawing.settle();
    const radius = Math.max(1, Math.round(this.size / 256));
    this.step("smooth", () => this.map.copy(smoothEdges(this.map.ids, this.size, radius, only)));
  }

  // ---- focus and files

  /** In a notebook, keys work while the pointer is over the painter, unless the user is writing somewhere. */
  takeFocus() {
    const active = document.activeElement;
    if (!(active && writes(active)) && !this.root.contains(active)) this.root.focus({ preventScroll: true });
  }

  importFile(file) {
    if (file && this.options.onImport) this.options.onImport(file);
    this.file.value = "";
  }

  exportMap() {
    if (this.options.onExport) return this.options.onExport();
    const canvas = make("canvas", { width: this.size, height: this.size }), pen = canvas.getContext("2d");
    const image = pen.createImageData(this.size, this.size);
    image.data.fill(255);
    this.map.ids.forEach((id, i) => { if (id !== BACKGROUND) image.data.set(rgb(this.labels[id].color), 4 * i); });
    pen.putImageData(image, 0, 0);
    make("a", { href: canvas.toDataURL("image/png"), download: "garment-map.png" }).click();
  }

  destroy() {
    this.keys.destroy();
    this.canvas.destroy();
    this.root.remove();
  }
}

export function mountPainter(element, options) {
  return new Painter(element, options);
}
