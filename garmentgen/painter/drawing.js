/* What the pointer and the keys do to the map: they press at a point, extend to others and release. */

import { BACKGROUND } from "./map.js";
import { Selection } from "./selection.js";
import { area, capsule, polygon, rectangle, smoothOutline } from "./shapes.js";

const ARM = 26, HOLD = 10, CLOSE = 8; // screen pixels: the turning handle's arm, a handle's reach, the first corner's
const FINGER = 2.2;                   // these reaches are so many times larger for a finger

export class Drawing {
  /** painter: whose map, tool and class it uses. */
  constructor(painter) {
    this.painter = painter;
    this.gesture = null;   // the stroke {last, span}, rectangle {from, span} or drag of a region {drag} under way
    this.corners = [];     // of the outline under way
    this.selection = null; // the region picked up
  }

  /** pick, shift, erase: what is held down or which button; finger: not a pointer that aims well. */
  press(point, { pick = false, shift = false, erase = false, finger = false }) {
    const { painter } = this, { tool, map } = painter;
    if (pick || tool === "picker") return this.pick(point);
    this.reach = (finger ? FINGER : 1) / painter.canvas.pixel;
    if (tool === "select") return this.takeUp(point, shift);
    if (!erase && tool === "bucket") return this.fill(point);
    if (!erase && (tool === "polygon" || tool === "curve")) return this.addCorner(point);
    const id = erase || tool === "eraser" ? BACKGROUND : painter.chosen;
    map.begin();
    this.gesture = { last: point, span: this.spanner(id, point) };
    if (!erase && tool === "rect") this.gesture.from = point;
    else this.extend([point]);
  }

  extend(points, shift) {
    const { painter, gesture } = this;
    if (!gesture || gesture.from) return;
    if (gesture.drag) {
      gesture.drag(points.at(-1), shift);
      this.selection.draw();
    } else {
      for (const point of points) {
        capsule(gesture.last, point, painter.diameter / 2, gesture.span);
        gesture.last = point;
      }
    }
    painter.draw();
  }

  release(point) {
    const { painter, gesture } = this;
    this.gesture = null;
    if (!gesture) return;
    if (gesture.from) rectangle(gesture.from, point, gesture.span);
    if (painter.map.commit()) painter.changed(gesture.drag ? "move" : gesture.from ? "rect" : "stroke");
    painter.draw();
  }

  /** span(y, left, right) that sets a class, with mirror and, from the class at `start`, "stay inside" applied. */
  spanner(id, start) {
    const { size, map, mirror, inside } = this.painter, only = inside ? map.at(start) : null;
    return (y, left, right) => {
      map.span(y, left, right, id, only);
      if (mirror) map.span(y, size - right, size - left, id, only);
    };
  }

  fill(point) {
    const { map, size, mirror, chosen } = this.painter, [x, y] = point.map(Math.floor);
    if (map.at(point) === null) return;
    this.painter.step("fill", () => {
      for (const column of mirror ? [x, size - 1 - x] : [x]) map.put(area(map.ids, size, column, y), chosen);
    });
  }

  pick(point) {
    const id = this.painter.map.at(point);
    if (id !== null) this.painter.choose(id);
  }

  // ---- polygons and curves

  addCorner(point) {
    const { painter, corners } = this, [first] = corners;
    const near = first && Math.hypot(point[0] - first[0], point[1] - first[1]) < CLOSE * this.reach;
    if (corners.length > 2 && near) return this.closeOutline();
    corners.push(point);
    painter.announce(painter.text.corner + " " + corners.length);
    painter.draw();
  }

  closeOutline() {
    const { painter, corners } = this;
    this.corners = [];
    if (corners.length > 2)
      painter.step(painter.tool, () => polygon(this.path(corners), painter.size, this.spanner(painter.chosen, corners[0])));
    painter.draw();
  }

  path(points) { return this.painter.tool === "curve" ? smoothOutline(points) : points; }

  // ---- a region picked up

  /** Take hold of the region picked up, or pick up another: the part under the point; whole: all of its class. */
  takeUp(point, whole) {
    const { painter } = this, { map, size } = painter;
    let drag = this.selection?.grab(point, HOLD * this.reach, this.arm);
    if (!drag) {
      this.settle();
      const id = map.at(point), { ids } = map;
      if (id === null || id === BACKGROUND) return;
      const pixels = whole ? [...ids.keys()].filter((at) => ids[at] === id) : area(ids, size, ...point.map(Math.floor));
      this.selection = new Selection(map, pixels, painter.mirror);
      painter.announce(painter.nameOf(id) + " " + painter.text.selected);
      drag = this.selection.grab(point, 0, 0);
    }
    map.begin();
    this.gesture = drag && { drag };
    painter.draw();
  }

  get arm() { return ARM / this.painter.canvas.pixel; }

  /** move() changes where the region lies; one step. */
  moveSelected(move) {
    move();
    this.painter.step("move", () => this.selection.draw());
    this.painter.draw();
  }

  removeSelected() {
    const { base } = this.selection;
    this.settle();
    this.painter.step("erase", () => this.painter.map.copy(base));
  }

  // ---- ending

  /** Take back what is under way, keep what is done: a region lies where it was let go. */
  settle() {
    if (this.gesture) this.painter.map.revert();
    this.gesture = this.selection = null;
    this.painter.draw();
  }

  /** Another tool or another map comes. */
  leave() {
    this.corners = [];
    if (this.selection) this.settle();
  }

  enter() {
    if (this.selection) this.settle();
    else this.closeOutline();
  }

  /** Drop what is under way; a region goes back to where it was picked up. */
  escape() {
    const { gesture, selection } = this;
    this.corners = [];
    this.settle();
    if (selection && !gesture) this.painter.step("move", () => this.painter.map.copy(selection.original));
  }

  // ---- showing

  /** The lines above the picture, see LabelCanvas.drawOverlay. */
  shapes() {
    const { gesture, corners, selection } = this, { hover, mirror, tool, size, byKeys, diameter } = this.painter;
    const shapes = { circles: [], lines: [], dots: [], squares: [], axis: mirror };
    const flip = ([x, y]) => [size - x, y];
    const add = (points) => shapes.lines.push(points, ...(mirror ? [points.map(flip)] : []));
    const round = tool === "brush" || tool === "eraser";
    if (hover && (round || byKeys))
      for (const point of mirror ? [hover, flip(hover)] : [hover]) shapes.circles.push([point, round ? diameter / 2 : 0]);
    if (gesture?.from && hover) {
      const [[x0, y0], [x1, y1]] = [gesture.from, hover];
      add([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]);
    }
    if (corners.length) {
      const path = this.path(hover ? [...corners, hover] : corners);
      add(tool === "curve" ? [...path, path[0]] : path);
      shapes.dots.push(corners[0]);
    }
    if (selection) {
      const turner = selection.turner(this.arm);
      shapes.lines.push(selection.outline(), [selection.corner([0, -1]), turner]);
      shapes.squares = selection.handles();
      shapes.dots.push(turner);
    }
    return shapes;
  }
}
