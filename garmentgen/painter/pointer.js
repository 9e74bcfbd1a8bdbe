/* Mouse, pen and fingers on the canvas. */

const AT_ONCE = ["bucket", "picker", "polygon", "curve"]; // tools that act without a drag

export class Pointer {
  constructor(painter) {
    this.painter = painter;
    this.down = new Map(); // pointer id -> [x, y] in CSS pixels of the stage
    this.tap = null;       // a finger's press that waits for its release
    this.drag = null;      // a pan or pinch under way: what it began with
    this.space = false;    // held: the next drag pans
    const { overlay } = painter.canvas;
    overlay.addEventListener("pointerdown", (event) => this.press(event));
    overlay.addEventListener("pointermove", (event) => this.move(event));
    overlay.addEventListener("pointerup", (event) => this.release(event));
    overlay.addEventListener("pointercancel", (event) => this.cancel(event));
    overlay.addEventListener("pointerleave", () => { if (!painter.drawing.gesture && !painter.byKeys) painter.pointAt(null); });
    overlay.addEventListener("dblclick", () => painter.drawing.closeOutline());
    overlay.addEventListener("contextmenu", (event) => event.preventDefault());
    overlay.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  wheel(event) {
    const { painter } = this, { deltaY } = event;
    event.preventDefault();
    if (!event.ctrlKey && !event.metaKey) return painter.resize(deltaY < 0 ? 1 : -1);
    const turns = Math.abs(deltaY) < 50 ? deltaY / 100 : Math.sign(deltaY) * 0.3; // fingers on a touchpad, a wheel's notch
    painter.zoom(Math.exp(-turns), painter.canvas.onStage(event));
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
      if (painter.drawing.gesture) painter.drawing.settle();
      return this.begin();
    }
    const point = canvas.locate(event), finger = event.pointerType === "touch";
    const how = { pick: event.altKey, shift: event.shiftKey, erase: event.button === 2, finger };
    painter.pointAt(point);
    if (finger && AT_ONCE.includes(painter.tool)) this.tap = { point, how }; // perhaps a second finger follows
    else painter.drawing.press(point, how);
  }

  /** Pan with one pointer, pan and zoom with two; begun anew when one comes or goes. */
  begin() {
    this.tap = null;
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
    painter.drawing.extend(points, event.shiftKey);
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
    if (this.tap) painter.drawing.press(this.tap.point, this.tap.how);
    this.tap = null;
    painter.drawing.release(painter.canvas.locate(event));
    if (event.pointerType === "touch") painter.pointAt(null);
  }

  cancel(event) {
    this.down.delete(event.pointerId);
    this.painter.drawing.settle();
    this.begin();
  }
}
