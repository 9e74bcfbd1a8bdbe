/* The picture: labels with smooth outlines at any zoom, a picture beneath them, and the lines of the tools above. */

import { make, rgb } from "./dom.js";
import { LabelRaster, SIGHT } from "./raster.js";

const MOST_ZOOM = 16;
const MOST_PIXELS = 1536; // a side of the canvas in the screen's pixels; beyond, the browser enlarges

/** Keep a view on the map: scale 1 shows all of it; x, y is the point at the left top corner in shares of the map. */
export function clampView({ scale, x, y }) {
  scale = Math.min(MOST_ZOOM, Math.max(1, scale));
  const within = (share) => Math.min(1 - 1 / scale, Math.max(0, share));
  return { scale, x: within(x), y: within(y) };
}

export class LabelCanvas {
  /** stage: a square element. Calls `onResize` when its size has changed and all must be drawn again. */
  constructor(stage, size, labels, onResize) {
    this.size = size;
    this.underlay = make("img", { class: "gp-underlay", alt: "", hidden: "" });
    this.canvas = make("canvas", { class: "gp-labels", "aria-hidden": "true" });
    this.overlay = make("canvas", { class: "gp-overlay", tabindex: "0" });
    stage.append(this.underlay, this.canvas, this.overlay);
    this.context = this.canvas.getContext("2d");
    this.pen = this.overlay.getContext("2d");
    const colors = new Uint8Array(256 * 3).fill(255);
    for (const { id, color } of labels) colors.set(rgb(color), 3 * id);
    this.raster = new LabelRaster(size, colors);
    this.view = { scale: 1, x: 0, y: 0 };
    this.observer = new ResizeObserver(() => { this.resize(stage); onResize(); });
    this.observer.observe(stage);
    this.resize(stage);
  }

  resize(stage) {
    this.side = stage.clientWidth || this.size; // CSS pixels
    const pixels = Math.min(MOST_PIXELS, Math.round(this.side * (window.devicePixelRatio || 1)));
    for (const canvas of [this.canvas, this.overlay]) canvas.width = canvas.height = pixels;
    this.image = this.context.createImageData(pixels, pixels);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.setView(this.view);
  }

  setView(view) {
    this.view = clampView(view);
    this.moved = true;
    this.raster.setView(this.view, this.canvas.width);
    const { scale, x, y } = this.view;
    this.underlay.style.transform = `translate(${-100 * x * scale}%, ${-100 * y * scale}%) scale(${scale})`;
  }

  /** Zoom so that the point of the map at `at` (CSS pixels in the stage) stays there. */
  zoom(factor, at = [this.side / 2, this.side / 2]) {
    const { scale, x, y } = this.view, to = Math.min(MOST_ZOOM, Math.max(1, scale * factor));
    const shift = (share, k) => share + (at[k] / this.side) * (1 / scale - 1 / to);
    this.setView({ scale: to, x: shift(x, 0), y: shift(y, 1) });
  }

  /** The scale at which a pixel of the map is a CSS pixel. */
  get actual() { return Math.max(1, this.size / this.side); }

  /** CSS pixels a pixel of the map is wide. */
  get pixel() { return (this.side * this.view.scale) / this.size; }

  setUnderlay(url) {
    this.underlay.hidden = !url;
    if (url) this.underlay.src = url;
  }

  setOpacity(share) { this.canvas.style.opacity = share; }

  /** Pointer event -> CSS pixels in the stage. */
  onStage(event) {
    const box = this.overlay.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** Pointer event -> [x, y] in map pixels, fractions kept. */
  locate(event) {
    const [x, y] = this.onStage(event), { view, pixel, size } = this;
    return [x / pixel + view.x * size, y / pixel + view.y * size];
  }

  /** Map pixels -> CSS pixels in the stage. */
  toStage([x, y]) {
    const { view, pixel, size } = this;
    return [(x - view.x * size) * pixel, (y - view.y * size) * pixel];
  }

  /** Draw what is dirty (a box in map pixels, or null), all of it after the view moved. */
  draw(ids, dirty) {
    const { size } = this, side = this.canvas.width;
    if (dirty) {
      const [left, top, right, bottom] = dirty;
      dirty = [Math.max(0, left - SIGHT), Math.max(0, top - SIGHT), Math.min(size, right + SIGHT), Math.min(size, bottom + SIGHT)];
      this.raster.mark(ids, dirty);
    }
    if (!dirty && !this.moved) return;
    const { scale, x, y } = this.view;
    const onScreen = (at, start, more) => Math.min(side, Math.max(0, Math.floor((at / size - start) * side * scale) + more));
    const box = this.moved ? [0, 0, side, side] : [onScreen(dirty[0], x, -1), onScreen(dirty[1], y, -1),
      onScreen(dirty[2], x, 2), onScreen(dirty[3], y, 2)];
    this.moved = false;
    const [left, top, right, bottom] = box;
    if (left >= right || top >= bottom) return;
    this.raster.draw(ids, this.pixels, box);
    this.context.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
  }

  /**
   * The tools' lines: {circles: [[point, radius]], lines: [[point, ...]], dots: [point], squares: [point], axis: bool},
   * in map pixels; dots and squares have one size at every zoom.
   */
  drawOverlay({ circles = [], lines = [], dots = [], squares = [], axis = false }) {
    const { pen, side } = this, ratio = this.overlay.width / side;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, side, side);
    if (axis) {
      pen.setLineDash([5, 5]);
      this.outline([[this.size / 2, 0], [this.size / 2, this.size]]);
      pen.setLineDash([]);
    }
    for (const points of lines) this.outline(points);
    for (const [point, radius] of [...circles.map(([p, r]) => [p, Math.max(r * this.pixel, 1.5)]), ...dots.map((p) => [p, 5])]) {
      const path = new Path2D();
      path.arc(...this.toStage(point), radius, 0, 2 * Math.PI);
      this.strokeTwice(path);
    }
    for (const [x, y] of squares.map((point) => this.toStage(point))) {
      const path = new Path2D();
      path.rect(x - 4.5, y - 4.5, 9, 9);
      pen.fillStyle = "#fff";
      pen.fill(path);
      this.strokeTwice(path);
    }
  }

  outline(points) {
    const path = new Path2D();
    points.map((point) => this.toStage(point)).forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    this.strokeTwice(path);
  }

  strokeTwice(path) { // a dark line in a light one: seen on every colour
    for (const [style, width] of [["rgba(255,255,255,.9)", 3], ["rgba(20,20,30,.95)", 1.2]]) {
      this.pen.strokeStyle = style;
      this.pen.lineWidth = width;
      this.pen.stroke(path);
    }
  }

  destroy() { this.observer.disconnect(); }
}
