/* A garment's picture for the screen and for files: the twin of garmentgen/pictures.py.
 *
 * Pictures are RGBA in a Uint8ClampedArray [side, side, 4]; masks Uint8Array of 0 and 1.
 */

import { BACKGROUND, windows } from "./geometry.js";

const REACH = 3; // pixels beyond the outline that take the colour of the nearest one inside
const BLUR = 4;  // half the width of the Gaussian, in standard deviations of one pixel

/** Colours of a picture that go on a little over the outline, so that no white shows at the edge on any ground. */
export function spread(pixels, { ids, size }) {
  const result = pixels.slice(), around = [], near = windows(painted(ids), size, REACH);
  for (let y = -REACH; y <= REACH; y++) for (let x = -REACH; x <= REACH; x++) if (x || y) around.push([y, x, y * y + x * x]);
  around.sort((a, b) => a[2] - b[2]);
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== BACKGROUND || !near[i]) continue;
    const x = i % size, y = (i - x) / size;
    for (const [dy, dx] of around) {
      const from = i + dy * size + dx;
      if (y + dy < 0 || y + dy >= size || x + dx < 0 || x + dx >= size || ids[from] === BACKGROUND) continue;
      for (let k = 0; k < 3; k++) result[4 * i + k] = pixels[4 * from + k];
      break;
    }
  }
  return result;
}

const painted = (ids) => ids.map((id) => (id === BACKGROUND ? 0 : 1));

/** How much of each pixel lies inside what is painted, whose stairs are smoothed first: Uint8Array [side, side], 255 = all. */
export function outline({ ids, size }, side) {
  const mask = painted(ids);
  const slope = size / (side * Math.sqrt(2 * Math.PI));
  const soft = resampled(blurred(mask, size), size, side), lines = resampled(thinLines(mask, size), size, side);
  const opaque = new Uint8Array(side * side);
  for (let i = 0; i < opaque.length; i++) {
    const inside = Math.min(1, Math.max(0, 0.5 + (soft[i] - 0.5) / slope));
    opaque[i] = Math.round(255 * Math.max(inside, lines[i]));
  }
  return opaque;
}

const TAPS = (() => {
  const taps = Array.from({ length: 2 * BLUR + 1 }, (_, k) => Math.exp(-((k - BLUR) ** 2) / 2));
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
})();

/** A mask under a Gaussian of one pixel; beyond the canvas it goes on as it ends there. Only outlines take time. */
function blurred(mask, size) {
  const counts = windows(mask, size, BLUR), soft = new Float32Array(mask), last = size - 1;
  const within = (k) => Math.min(last, Math.max(0, k)), room = (k) => Math.min(last, k + BLUR) - Math.max(0, k - BLUR) + 1;
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++, i++) {
      if (counts[i] === 0 || counts[i] === room(y) * room(x)) continue;
      let sum = 0;
      for (let v = -BLUR; v <= BLUR; v++) {
        const row = within(y + v) * size;
        let part = 0;
        for (let u = -BLUR; u <= BLUR; u++) part += TAPS[u + BLUR] * mask[row + within(x + u)];
        sum += TAPS[v + BLUR] * part;
      }
      soft[i] = sum;
    }
  return soft;
}

/** Bilinear, pixel centres on pixel centres. */
function resampled(values, size, side) {
  if (side === size) return values;
  const result = new Float32Array(side * side);
  const places = Array.from({ length: side }, (_, k) => {
    const at = Math.min(size - 1, Math.max(0, ((k + 0.5) * size) / side - 0.5)), first = Math.min(size - 2, Math.floor(at));
    return [first, at - first];
  });
  for (let y = 0, i = 0; y < side; y++) {
    const [top, dy] = places[y];
    for (let x = 0; x < side; x++, i++) {
      const [left, dx] = places[x], at = top * size + left;
      result[i] = (1 - dy) * ((1 - dx) * values[at] + dx * values[at + 1]) + dy * ((1 - dx) * values[at + size] + dx * values[at + size + 1]);
    }
  }
  return result;
}

/** Where a mask is a line thinner than three pixels, no corner's tip: Uint8Array of 0 and 1. */
export function thinLines(mask, size) {
  const shrunk = windows(mask, size, 1), room = (k) => Math.min(size - 1, k + 1) - Math.max(0, k - 1) + 1;
  const core = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < size; y++) for (let x = 0; x < size; x++, i++) core[i] = shrunk[i] === room(x) * room(y) ? 1 : 0;
  const thick = windows(core, size, 1), wide = windows(thick.map((count) => (count ? 1 : 0)), size, 1);
  const thin = mask.map((value, i) => (value && !thick[i] ? 1 : 0)), seen = new Uint8Array(size * size);
  for (let start = 0; start < thin.length; start++) {
    if (!thin[start] || seen[start]) continue;
    const piece = [start];
    let touches = false;
    seen[start] = 1;
    for (let k = 0; k < piece.length; k++) {
      const at = piece[k], x = at % size, y = (at - x) / size;
      touches ||= wide[at] > 0;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(size - 1, y + 1); ny++)
        for (let nx = Math.max(0, x - 1); nx <= Math.min(size - 1, x + 1); nx++) {
          const next = ny * size + nx;
          if (thin[next] && !seen[next]) { seen[next] = 1; piece.push(next); }
        }
    }
    if (piece.length < 4 && touches) for (const at of piece) thin[at] = 0;
  }
  return thin;
}

/** A picture on white whose outline shows no stairs. `pixels`: of the map's own size, see `spread`. */
export function onWhite(colours, opaque) {
  const result = colours.slice();
  for (let i = 0; i < opaque.length; i++) {
    const alpha = opaque[i];
    if (alpha === 255) continue;
    for (let k = 0; k < 3; k++) result[4 * i + k] = Math.floor((colours[4 * i + k] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  return result;
}

/** The same cut out: the outline is its opacity. */
export function cutOut(colours, opaque) {
  const result = colours.slice();
  for (let i = 0; i < opaque.length; i++) result[4 * i + 3] = opaque[i];
  return result;
}
