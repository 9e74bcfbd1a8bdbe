/* Mouse, pen and fingers on the canvas. */

export class Pointer {
  constructor(painter) {
    this.painter = painter;
    this.down = new Map(); // pointer id -> [x, y] in CSS pixels of the stage
    this.drag = null;      // a pan or pinch under way: what it began with
    this.space = false;    // held: the next drag pans
    const { overlay } = painter.canvas;
    overlay.addEventListener("pointerdown", (event) => this.press(event));
    overlay.addEventListener("pointermove", (event) => this.move(event));
    overlay.addEventListener("pointerup", (event) => this.release(event));
    overlay.addEventListener("pointercancel", (event) => this.cancel(event));
    overlay.addEventListener("pointerleave", () => { if (!painter.gesture && !painter.byKeys) painter.pointAt(null); });
    overlay.addEventListener("dblclick", () => painter.closeOutline());
    overlay.addEventListener("contextmenu", (event) => event.preventDefault());
    overlay.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  wheel(event) {
    const { painter } = this, up = event.deltaY < 0 ? 1 : -1;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) painter.zoom(Math.exp(-0.0025 * Math.max(-120, Math.min(120, event.deltaY))), painter.canvas.onStage(event));
    else painter.resize(up);
  }

  press(event) {
    const { painter } = this, { canvas } = painter;
    event.preventDefault();
    painter.boxes.close();
    canvas.overlay.focus({ preventScroll: true });
    painter.byKeys = false;
    this.down.set(event.pointerId, canvas.onStage(event));
    canvas.overlay.setPointerCapture(event.pointerId);
    if (this.down.size > 1 || this.space || event.button === 1) { // a second finger: not a stroke
      painter.abandon();
      return this.begin();
    }
    const point = canvas.locate(event), { altKey: pick, shiftKey: shift } = event;
    painter.pointAt(point);
    painter.press(point, { pick, shift, erase: event.button === 2 });
  }

  /** Pan with one pointer, pan and zoom with two; begun anew when one comes or goes. */
  begin() {
    const points = [...this.down.values()];
    this.drag = points.length ? { view: this.painter.canvas.view, ...this.middle(points) } : null;
    this.painter.root.classList.toggle("gp-panning", this.drag !== null);
  }

  middle([a, b = a]) {
    return { at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) };
  }

  move(event) {
    const { painter } = this, { canvas } = painter;
    if (this.down.has(event.pointerId)) this.down.set(event.pointerId, canvas.onStage(event));
    if (this.drag) return this.pan();
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length ? events : [event]).map((each) => canvas.locate(each));
    painter.byKeys = false;
    painter.pointAt(points.at(-1));
    painter.extend(points, event.shiftKey);
  }

  pan() {
    const { canvas } = this.painter, { view, at, apart } = this.drag;
    const now = this.middle([...this.down.values()]);
    const scale = apart ? (view.scale * now.apart) / apart : view.scale;
    const shift = (k) => (at[k] / view.scale - now.at[k] / scale) / canvas.side;
    this.painter.look({ scale, x: view.x + shift(0), y: view.y + shift(1) });
  }

  release(event) {
    const { painter } = this;
    this.down.delete(event.pointerId);
    if (this.drag) return this.begin();
    painter.release(painter.canvas.locate(event));
    if (event.pointerType === "touch") painter.pointAt(null);
  }

  cancel(event) {
    this.down.delete(event.pointerId);
    this.painter.abandon();
    this.begin();
  }
}
