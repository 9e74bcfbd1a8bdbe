/* A garment's picture for the screen and for files: the twin of garmentgen/pictures.py.
 *
 * Pictures are RGBA in a Uint8ClampedArray [side, side, 4]; masks Uint8Array of 0 and 1.
 */

import { grown, has, maskOf, pixels, shrunk, without } from "./bits.js";
import { BACKGROUND } from "./geometry.js";

const REACH = 3; // pixels beyond the outline that take the colour of the nearest one inside
const BLUR = 4;  // half the width of the Gaussian, in standard deviations of one pixel

const painted = ({ ids, size }) => maskOf(ids, size, BACKGROUND);

/** Colours of a picture that go on a little over the outline, so that no white shows at the edge on any ground. */
export function spread(picture, map) {
  const { ids, size } = map, mask = painted(map), result = picture.slice(), around = [];
  for (let y = -REACH; y <= REACH; y++) for (let x = -REACH; x <= REACH; x++) if (x || y) around.push([y, x, y * y + x * x]);
  around.sort((a, b) => a[2] - b[2]);
  for (const i of pixels(without(grown(mask, REACH), mask))) {
    const x = i % size, y = (i - x) / size;
    for (const [dy, dx] of around) {
      const from = i + dy * size + dx;
      if (y + dy < 0 || y + dy >= size || x + dx < 0 || x + dx >= size || ids[from] === BACKGROUND) continue;
      for (let k = 0; k < 3; k++) result[4 * i + k] = picture[4 * from + k];
      break;
    }
  }
  return result;
}

/** How much of each pixel lies inside what is painted, whose stairs are smoothed first: Uint8Array [side, side], 255 = all. */
export function outline(map, side) {
  const { size } = map, mask = painted(map), slope = size / (side * Math.sqrt(2 * Math.PI));
  const soft = resampled(blurred(map, mask), size, side), lines = resampled(thinLines(mask), size, side);
  const inside = (value) => Math.round(255 * Math.min(1, Math.max(0, 0.5 + (value - 0.5) / slope))), [none, all] = [inside(0), inside(1)];
  const opaque = new Uint8Array(side * side);
  for (let i = 0; i < opaque.length; i++) {
    const value = soft[i], area = value === 0 ? none : value === 1 ? all : inside(value);
    opaque[i] = lines[i] ? Math.max(area, Math.round(255 * lines[i])) : area;
  }
  return opaque;
}

const TAPS = (() => {
  const taps = Array.from({ length: 2 * BLUR + 1 }, (_, k) => Math.exp(-((k - BLUR) ** 2) / 2));
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
})();
/** The sum of the taps of those pixels of a row that are set, by the bits of what they spell. */
const ALONG = Float64Array.from({ length: 2 ** TAPS.length }, (_, set) => TAPS.reduce((sum, tap, k) => sum + ((set >> k) & 1) * tap, 0));

/** A map's mask under a Gaussian of one pixel; beyond the canvas it goes on as it ends there. Only outlines take time. */
function blurred({ ids, size }, mask) {
  const soft = new Float32Array(size * size), along = new Float64Array(size * size);
  for (let i = 0; i < soft.length; i++) soft[i] = ids[i] === BACKGROUND ? 0 : 1;
  const within = (k) => Math.min(size - 1, Math.max(0, k));
  for (let y = 0, i = 0; y < size; y++) {
    let set = 0; // the pixels around this one in its row
    for (let u = -BLUR; u < BLUR; u++) set |= soft[i + within(u)] << (u + BLUR + 1);
    for (let x = 0, row = i; x < size; x++, i++) {
      set = (set >> 1) | (soft[row + within(x + BLUR)] << (2 * BLUR));
      along[i] = ALONG[set];
    }
  }
  for (const i of pixels(without(grown(mask, BLUR), shrunk(mask, BLUR)))) {
    const x = i % size, y = (i - x) / size;
    let sum = 0;
    for (let v = -BLUR; v <= BLUR; v++) sum += TAPS[v + BLUR] * along[within(y + v) * size + x];
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
function thinLines(mask) {
  const { size } = mask, thick = grown(shrunk(mask, 1), 1), wide = grown(thick, 1);
  const rest = pixels(without(mask, thick)), thin = new Uint8Array(size * size), seen = thin.slice();
  for (const i of rest) thin[i] = 1;
  for (const start of rest) {
    if (seen[start]) continue;
    const piece = [start];
    let touches = false;
    seen[start] = 1;
    for (let k = 0; k < piece.length; k++) {
      const at = piece[k], x = at % size, y = (at - x) / size;
      touches ||= has(wide, at);
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
  const result = colours.slice(), whole = new Uint32Array(result.buffer);
  for (let i = 0; i < opaque.length; i++) {
    const alpha = opaque[i];
    if (alpha === 255) continue;
    if (alpha === 0) { whole[i] = 0xFFFFFFFF; continue; }
    for (let k = 4 * i; k < 4 * i + 3; k++) result[k] = Math.floor((colours[k] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  return result;
}

/** The same cut out: the outline is its opacity. */
export function cutOut(colours, opaque) {
  const result = colours.slice();
  for (let i = 0; i < opaque.length; i++) result[4 * i + 3] = opaque[i];
  return result;
}
