/* The painted map: class ids in one Uint8Array, rows from the top, 255 = background; its text; steps back and forth. */

export const BACKGROUND = 255;
const MOST_STEPS = 100;
const MOST_NUMBERS = 2 ** 21; // of all steps together: 8 MB

export function encodeMap(ids, size) {
  const runs = [];
  for (let i = 0; i < ids.length; ) {
    let end = i + 1;
    while (end < ids.length && ids[end] === ids[i]) end++;
    runs.push(ids[i], end - i);
    i = end;
  }
  return JSON.stringify({ w: size, h: size, runs });
}

export function decodeMap(text, size) {
  const { w, h, runs } = JSON.parse(text);
  if (w !== size || h !== size) throw new Error(`a map of ${size} x ${size} was expected, but this one is ${w} x ${h}`);
  const ids = new Uint8Array(size * size).fill(BACKGROUND);
  for (let i = 0, at = 0; i < runs.length; i += 2) ids.fill(runs[i], at, (at += runs[i + 1]));
  return ids;
}

/** Boxes are [left, top, right, bottom] in pixels, right and bottom just outside; null is none. */
export function joinBoxes(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** What is different within `box`, as runs start, length, before ^ after: applied once more it leads back. */
function difference(before, after, size, [left, top, right, bottom]) {
  const runs = [];
  for (let y = top; y < bottom; y++) {
    for (let at = y * size + left, end = y * size + right; at < end; ) {
      const xor = before[at] ^ after[at], start = at++;
      if (!xor) continue;
      while (at < end && (before[at] ^ after[at]) === xor) at++;
      runs.push(start, at - start, xor);
    }
  }
  return Int32Array.from(runs);
}

export class MapDocument {
  /** keeps: whether it remembers steps; else `undo` and `redo` have nothing to do. */
  constructor(size, value, keeps = true) {
    this.size = size;
    this.ids = value ? decodeMap(value, size) : new Uint8Array(size * size).fill(BACKGROUND);
    this.before = new Uint8Array(size * size); // the ids at `begin`
    this.changed = null;                       // box of what was written since
    this.dirty = [0, 0, size, size];           // box of what was written since the last `takeDirty`
    this.keeps = keeps;
    this.past = [];
    this.future = [];
  }

  // ---- writing

  /** Note that ids within a box were written. */
  touch(box) {
    this.changed = joinBoxes(this.changed, box);
    this.dirty = joinBoxes(this.dirty, box);
  }

  /** Set the pixels left .. right - 1 of row y, as far as they are on the map and, with `only`, hold that id. */
  span(y, left, right, id, only = null) {
    const { size, ids } = this;
    left = Math.max(0, left);
    right = Math.min(size, right);
    if (y < 0 || y >= size || left >= right) return;
    if (only === null) ids.fill(id, y * size + left, y * size + right);
    else for (let at = y * size + left; at < y * size + right; at++) if (ids[at] === only) ids[at] = id;
    this.touch([left, y, right, y + 1]);
  }

  /** Set single pixels, given as indices. */
  put(pixels, id) {
    const { size, ids } = this;
    let [left, top, right, bottom] = [size, size, 0, 0];
    for (const at of pixels) {
      ids[at] = id;
      const x = at % size, y = (at - x) / size;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      if (y >= bottom) bottom = y + 1;
    }
    if (right) this.touch([left, top, right, bottom]);
  }

  /** Take over all ids of another map, of which only those within `box` may differ. */
  copy(ids, box = [0, 0, this.size, this.size]) {
    this.ids.set(ids);
    this.touch(box);
  }

  takeDirty() {
    const box = this.dirty;
    this.dirty = null;
    return box;
  }

  // ---- steps

  begin() {
    this.before.set(this.ids);
    this.changed = null;
  }

  /** Keep what was written since `begin` as one step; false when nothing is different. */
  commit() {
    const box = this.changed;
    const runs = box ? difference(this.before, this.ids, this.size, box) : [];
    if (!runs.length) return false;
    if (!this.keeps) return true;
    this.past.push({ runs, box });
    this.future = [];
    let numbers = this.past.reduce((sum, step) => sum + step.runs.length, 0);
    while (this.past.length > MOST_STEPS || (numbers > MOST_NUMBERS && this.past.length > 1))
      numbers -= this.past.shift().runs.length;
    return true;
  }

  /** Forget what was written since `begin`. */
  revert() {
    if (this.changed) this.copy(this.before, this.changed);
    this.changed = null;
  }

  /** Run `change()` as one step. */
  edit(change) {
    this.begin();
    change();
    return this.commit();
  }

  undo() { return this.travel(this.past, this.future); }

  redo() { return this.travel(this.future, this.past); }

  travel(from, to) {
    const step = from.pop();
    if (!step) return false;
    for (let k = 0; k < step.runs.length; k += 3) {
      const [start, length, xor] = step.runs.subarray(k, k + 3);
      for (let at = start; at < start + length; at++) this.ids[at] ^= xor;
    }
    this.touch(step.box);
    to.push(step);
    return true;
  }

  // ---- reading

  /** The id at a point in pixels (fractions are cut off), or null outside the map. */
  at([x, y]) {
    const inside = x >= 0 && y >= 0 && x < this.size && y < this.size;
    return inside ? this.ids[Math.floor(y) * this.size + Math.floor(x)] : null;
  }

  /** Ids on the map in rising order, without background. */
  present() {
    const seen = new Uint8Array(256);
    for (let i = 0; i < this.ids.length; i++) seen[this.ids[i]] = 1;
    seen[BACKGROUND] = 0;
    return Array.from(seen.keys()).filter((id) => seen[id]);
  }
}
