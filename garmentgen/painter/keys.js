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
    painter.pointAt(this.middle());
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
    const { painter } = this, { drawing, boxes, canvas } = painter, here = event.target === canvas.overlay;
    const free = here || event.target === document.body || event.target === painter.root;
    if (STEPS[key] && (here || (free && drawing.selection))) return () => this.step(STEPS[key], event.shiftKey);
    if (key === " " && free && (here || painter.hover)) return () => this.space(event);
    const busy = drawing.selection || drawing.gesture || drawing.corners.length; // else both keys are the page's
    if (key === "enter" && free && busy) return () => drawing.enter();
    if (key === "escape" && boxes.open) return () => boxes.close();
    if (key === "escape" && busy) return () => drawing.escape();
    if ((key === "delete" || key === "backspace") && free && drawing.selection) return () => drawing.removeSelected();
    return undefined;
  }

  plain(event, key) {
    const { painter } = this, { drawing } = painter;
    if (!painter.letters && event.target !== painter.canvas.overlay) return undefined;
    const tools = { b: "brush", g: "bucket", e: "eraser", i: "picker", r: "rect", p: "polygon", c: "curve", v: "select" };
    if (tools[key]) return () => painter.setTool(tools[key]);
    const turn = (angle) => drawing.selection && (() => drawing.moveSelected(() => drawing.selection.rotate(angle)));
    return {
      m: () => painter.toggle("mirror"), s: () => painter.toggle("inside"), x: () => painter.choose(painter.former),
      "[": () => painter.resize(-1, 1), "]": () => painter.resize(1, 1), "/": () => painter.palette.search.focus(),
      ",": turn(-Math.PI / 36), ".": turn(Math.PI / 36), "?": () => painter.boxes.toggle("help"),
      0: () => painter.look({ scale: 1, x: 0, y: 0 }), 1: () => painter.zoomActual(),
      "+": () => painter.zoom(1.5), "=": () => painter.zoom(1.5), "-": () => painter.zoom(1 / 1.5),
    }[key];
  }

  step([dx, dy], large) {
    const { painter } = this, { size, drawing } = painter;
    if (drawing.selection && !drawing.gesture) {
      const far = large ? Math.max(2, Math.round(size / 64)) : 1;
      return drawing.moveSelected(() => drawing.selection.nudge(dx * far, dy * far));
    }
    const far = large ? Math.round(size / 16) : Math.max(1, Math.round(size / 128));
    const from = painter.hover ?? this.middle();
    const to = [from[0] + dx * far, from[1] + dy * far].map((at) => Math.min(size - 0.5, Math.max(0.5, Math.floor(at) + 0.5)));
    painter.byKeys = true;
    painter.pointAt(to);
    painter.keepInView(to);
    drawing.extend([to], false);
    painter.announcePlace();
  }

  /** Of what is seen, on a pixel's centre. */
  middle() {
    const { size, canvas: { view } } = this.painter;
    return [view.x, view.y].map((start) => Math.floor((start + 0.5 / view.scale) * size) + 0.5);
  }

  /** Lays the brush down where the arrow keys moved it; under the mouse it lets the next drag pan. */
  space(event) {
    const { painter } = this, { drawing, pointer } = painter;
    if (event.repeat) return;
    if (!painter.byKeys) {
      pointer.space = !drawing.gesture;
      painter.root.classList.toggle("gp-panning", pointer.space);
    } else if (drawing.gesture) drawing.release(painter.hover); // the other corner
    else drawing.press(painter.hover, { shift: event.shiftKey });
  }

  up(event) {
    const { painter } = this, { drawing, pointer } = painter;
    if (event.key !== " ") return;
    pointer.space = false;
    if (!pointer.drag) painter.root.classList.remove("gp-panning");
    if (painter.byKeys && drawing.gesture && !drawing.gesture.from) drawing.release(painter.hover);
  }

  destroy() {
    this.node.removeEventListener("keydown", this.onKey);
    this.node.removeEventListener("keyup", this.onUp);
  }
}
