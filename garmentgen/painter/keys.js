/* The keyboard: single keys for tools, and a brush that arrow keys move and Space lays down. */

import { writes } from "./dom.js";

const STEPS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };

export class Keys {
  /** Listens on `node`: the painter's own element, or the document for keys wherever no text is typed. */
  constructor(painter, node) {
    this.painter = painter;
    this.node = node;
    this.onKey = (event) => this.key(event);
    this.onUp = (event) => this.up(event);
    node.addEventListener("keydown", this.onKey);
    node.addEventListener("keyup", this.onUp);
    painter.canvas.overlay.addEventListener("focus", () => this.enter());
    painter.canvas.overlay.addEventListener("blur", () => { painter.pointer.space = false; });
  }

  /** Came by the Tab key: show the brush where it can be seen. */
  enter() {
    const { painter } = this;
    if (!painter.canvas.overlay.matches(":focus-visible") || painter.hover) return;
    painter.byKeys = true;
    const { view } = painter.canvas, middle = (start) => Math.floor((start + 0.5 / view.scale) * painter.size) + 0.5;
    painter.pointAt([middle(view.x), middle(view.y)]);
  }

  key(event) {
    const { painter } = this, { target } = event;
    if (event.defaultPrevented || event.altKey || target.nodeType !== 1 || writes(target)) return;
    const key = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
    const action = command ? this.commands(event)[key] : this.onCanvas(event, key) ?? this.plain(event, key);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation(); // Jupyter has its own single-key commands
    action();
  }

  commands(event) {
    const { painter } = this;
    return { z: () => (event.shiftKey ? painter.redo() : painter.undo()), y: () => painter.redo() };
  }

  /** Keys that a page or a button also has: only where neither is meant. */
  onCanvas(event, key) {
    const { painter } = this, here = event.target === painter.canvas.overlay;
    const free = here || event.target === document.body || event.target === painter.root;
    if (STEPS[key] && (here || (free && painter.selection))) return () => this.step(STEPS[key], event.shiftKey);
    if (key === " " && free && (here || painter.hover)) return () => this.space(event);
    if (key === "enter" && free) return () => painter.enter();
    if (key === "escape") return painter.boxes.open ? () => painter.boxes.close() : () => painter.escape();
    if ((key === "delete" || key === "backspace") && free && painter.selection) return () => painter.removeSelected();
    return undefined;
  }

  plain(event, key) {
    const { painter } = this;
    if (!painter.letters && event.target !== painter.canvas.overlay) return undefined;
    const tools = { b: "brush", g: "bucket", e: "eraser", i: "picker", r: "rect", p: "polygon", c: "curve", v: "select" };
    if (tools[key]) return () => painter.setTool(tools[key]);
    return {
      m: () => painter.toggle("mirror"), s: () => painter.toggle("inside"), x: () => painter.choose(painter.former),
      "[": () => painter.resize(-1, 1), "]": () => painter.resize(1, 1), "/": () => painter.palette.search.focus(),
      ",": painter.selection && (() => painter.moveSelected(() => painter.selection.rotate(-Math.PI / 36))),
      ".": painter.selection && (() => painter.moveSelected(() => painter.selection.rotate(Math.PI / 36))),
      "?": () => painter.boxes.toggle("help"), 0: () => painter.look({ scale: 1, x: 0, y: 0 }), 1: () => painter.zoomActual(),
      "+": () => painter.zoom(1.5), "=": () => painter.zoom(1.5), "-": () => painter.zoom(1 / 1.5),
    }[key];
  }

  step([dx, dy], large) {
    const { painter } = this, { size } = painter;
    if (painter.selection && !painter.gesture) {
      const far = large ? Math.max(2, Math.round(size / 64)) : 1;
      return painter.moveSelected(() => painter.selection.nudge(dx * far, dy * far));
    }
    const far = large ? Math.round(size / 16) : Math.max(1, Math.round(size / 128));
    const { view } = painter.canvas;
    const from = painter.hover ?? [(view.x + 0.5 / view.scale) * size, (view.y + 0.5 / view.scale) * size];
    const to = [from[0] + dx * far, from[1] + dy * far].map((at) => Math.min(size - 0.5, Math.max(0.5, Math.floor(at) + 0.5)));
    painter.byKeys = true;
    painter.pointAt(to);
    painter.keepInView(to);
    painter.extend([to], false);
    painter.announcePlace();
  }

  /** Lays the brush down, where the arrow keys moved it; under the mouse it lets the next drag pan. */
  space(event) {
    const { painter } = this;
    if (event.repeat) return;
    if (!painter.byKeys) {
      painter.pointer.space = !painter.gesture;
      painter.root.classList.toggle("gp-panning", painter.pointer.space);
    } else if (painter.gesture) painter.release(painter.hover); // the other corner
    else painter.press(painter.hover, { shift: event.shiftKey });
  }

  up(event) {
    const { painter } = this;
    if (event.key !== " ") return;
    painter.pointer.space = false;
    if (!painter.pointer.drag) painter.root.classList.remove("gp-panning");
    if (painter.byKeys && painter.gesture && !painter.gesture.from) painter.release(painter.hover);
  }

  destroy() {
    this.node.removeEventListener("keydown", this.onKey);
    this.node.removeEventListener("keyup", this.onUp);
  }
}
