/* A region picked up: moved, scaled and turned until it is let go. */

import { BACKGROUND, joinBoxes } from "./map.js";
import { maskOf, placeMask } from "./outlines.js";
import { area, boxOf, surrounding } from "./shapes.js";

const TURN = Math.PI / 12; // with Shift a turn goes in such steps
const HANDLES = [[-1, -1], [0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0]]; // of a box from -1 to 1

export class Selection {
  /**
   * map: the MapDocument; pixels: indices of one class. mirror: its counterpart, the area of the same class on the other
   * side, is picked up with it and laid down mirrored. What they leave behind takes the class around them.
   */
  constructor(map, pixels, mirror) {
    const { size, ids } = map;
    this.map = map;
    this.mirror = mirror;
    this.id = ids[pixels[0]];
    this.original = ids.slice();
    this.mask = maskOf(pixels, size);
    const [left, top, right, bottom] = (this.drawn = boxOf(pixels, size));
    this.placed = { centre: [(left + right) / 2, (top + bottom) / 2], scale: [1, 1], angle: 0 };
    this.base = ids.slice();
    this.lift(pixels);
    if (mirror) this.liftCounterpart(pixels);
  }

  lift(pixels) {
    const around = surrounding(this.base, this.map.size, pixels, BACKGROUND);
    for (const at of pixels) this.base[at] = around;
    this.drawn = joinBoxes(this.drawn, boxOf(pixels, this.map.size));
  }

  liftCounterpart(pixels) {
    const { size } = this.map;
    for (const at of pixels) {
      const x = size - 1 - (at % size), y = Math.floor(at / size);
      if (this.base[y * size + x] === this.id) this.lift(area(this.base, size, x, y));
    }
  }

  /** Write the region where it now is. */
  draw() {
    const { map, mirror, id } = this, { size } = map;
    map.copy(this.base, this.drawn);
    let box = null;
    placeMask(this.mask, this.placed, size, (y, left, right) => {
      for (const [from, to] of mirror ? [[left, right], [size - right, size - left]] : [[left, right]]) {
        map.span(y, from, to, id);
        box = joinBoxes(box, [from, y, to, y + 1]);
      }
    });
    this.drawn = box;
  }

  // ---- geometry

  /** A point of the box, each coordinate from -1 to 1, on the map. */
  corner([u, v], { centre, scale, angle } = this.placed) {
    const x = (u * this.mask.width * scale[0]) / 2, y = (v * this.mask.height * scale[1]) / 2;
    return [centre[0] + x * Math.cos(angle) - y * Math.sin(angle), centre[1] + x * Math.sin(angle) + y * Math.cos(angle)];
  }

  /** A point on the map in the box's own directions, from one of its points. */
  within(point, from, angle) {
    const dx = point[0] - from[0], dy = point[1] - from[1];
    return [dx * Math.cos(angle) + dy * Math.sin(angle), dy * Math.cos(angle) - dx * Math.sin(angle)];
  }

  outline() { return [0, 2, 4, 6, 0].map((k) => this.corner(HANDLES[k])); }

  handles() { return HANDLES.map((handle) => this.corner(handle)); }

  /** Where the region is turned by: above the middle of its upper edge; far: map pixels. */
  turner(far) {
    const { angle } = this.placed, [x, y] = this.corner([0, -1]);
    return [x + far * Math.sin(angle), y - far * Math.cos(angle)];
  }

  /** What a press at a point takes hold of: a drag function (point, exact) -> nothing, or null outside. reach, far: map pixels. */
  grab(point, reach, far) {
    const near = ([x, y]) => Math.hypot(point[0] - x, point[1] - y) <= reach;
    const start = structuredClone(this.placed);
    if (near(this.turner(far))) return (to, shift) => this.turn(start, to, shift);
    const handle = HANDLES.find((each) => near(this.corner(each)));
    if (handle) return (to, shift) => this.stretch(start, handle, to, shift);
    const [x, y] = this.within(point, start.centre, start.angle);
    const inside = Math.abs(2 * x) <= this.mask.width * start.scale[0] && Math.abs(2 * y) <= this.mask.height * start.scale[1];
    if (!inside) return null;
    return (to) => { this.placed = { ...start, centre: start.centre.map((c, k) => Math.round(c + to[k] - point[k] - c % 1) + c % 1) }; };
  }

  turn(start, to, shift) {
    const angle = Math.atan2(to[1] - start.centre[1], to[0] - start.centre[0]) + Math.PI / 2;
    this.placed = { ...start, angle: shift ? Math.round(angle / TURN) * TURN : angle };
  }

  /** Drag a handle: the one across stays where it is; a corner keeps the proportions, with Shift it does not. */
  stretch(start, handle, to, shift) {
    const across = this.corner(handle.map((k) => -k), start), { width, height } = this.mask;
    const wanted = this.within(to, across, start.angle), side = [handle[0] * width, handle[1] * height];
    const scale = start.scale.map((old, k) => (handle[k] ? wanted[k] / side[k] : old));
    if (handle[0] && handle[1] && !shift) {
      const now = side.map((length, k) => length * start.scale[k]);
      const factor = (wanted[0] * now[0] + wanted[1] * now[1]) / (now[0] ** 2 + now[1] ** 2);
      start.scale.forEach((old, k) => { scale[k] = old * factor; });
    }
    scale.forEach((value, k) => { scale[k] = Math.max(value, 1 / this.mask[k ? "height" : "width"]); });
    const half = side.map((length, k) => (length * scale[k]) / 2), { angle } = start;
    const centre = [across[0] + half[0] * Math.cos(angle) - half[1] * Math.sin(angle),
      across[1] + half[0] * Math.sin(angle) + half[1] * Math.cos(angle)];
    this.placed = { centre, scale, angle };
  }

  // ---- steps of the keys

  nudge(dx, dy) { this.placed.centre = [this.placed.centre[0] + dx, this.placed.centre[1] + dy]; }

  grow(factor) { this.placed.scale = this.placed.scale.map((value) => Math.min(20, Math.max(0.05, value * factor))); }

  rotate(angle) { this.placed.angle += angle; }
}
