/* Pure functions that move and smooth what is painted. */

import { BACKGROUND } from "./map.js";
import { boxOf, components } from "./shapes.js";

/** One pass of a running mean of 2 radius + 1 values along lines; beyond their ends the last value goes on. */
function meanAlong(values, lines, lineStep, length, step, radius, room) {
  const width = 2 * radius + 1;
  for (let line = 0; line < lines; line++) {
    const from = line * lineStep, value = (k) => values[from + Math.min(length - 1, Math.max(0, k)) * step];
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += value(k);
    for (let k = 0; k < length; k++) {
      room[k] = sum / width;
      sum += value(k + radius + 1) - value(k - radius);
    }
    for (let k = 0; k < length; k++) values[from + k * step] = room[k];
  }
}

/** Share of a class around each pixel of a box: three running means each way, nearly a Gaussian. Float32Array. */
function share(ids, size, classId, [left, top, right, bottom], radius) {
  const width = right - left, height = bottom - top, values = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) values[y * width + x] = ids[(y + top) * size + x + left] === classId ? 1 : 0;
  const room = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 3; pass++) {
    meanAlong(values, height, width, width, 1, radius, room);
    meanAlong(values, width, 1, height, width, radius, room);
  }
  return values;
}

/**
 * Smooth outlines: each pixel takes the class that holds most of its surroundings, about `radius` pixels wide; with
 * `only`, pixels change from and to that class alone. A part that would lose half of itself, a thin strap, stays.
 * Returns new ids.
 */
export function smoothEdges(ids, size, radius, only = null) {
  const most = new Float32Array(ids.length), smooth = ids.slice(), own = 1e-4; // a draw leaves a pixel as it is
  const present = [...new Set(ids)];
  for (const id of present) {
    const box = id === BACKGROUND ? [0, 0, size, size] : grown(ids, size, id, 3 * radius + 1);
    const values = share(ids, size, id, box, radius), [left, top, right, bottom] = box;
    for (let y = top, k = 0; y < bottom; y++) {
      for (let at = y * size + left; at < y * size + right; at++, k++) {
        const now = ids[at], mine = now === id;
        const weight = values[k] + (mine ? own : 0);
        const bound = only !== null && now !== only && id !== only && !mine; // neither leaves nor enters `only`
        if (bound || weight <= most[at]) continue;
        most[at] = weight;
        smooth[at] = id;
      }
    }
  }
  for (const id of present) {
    if (id === BACKGROUND || (only !== null && id !== only)) continue;
    for (const { pixels } of components(ids, size, id)) {
      let kept = 0;
      for (const at of pixels) kept += smooth[at] === id;
      if (2 * kept < pixels.length) for (const at of pixels) smooth[at] = id;
    }
  }
  return smooth;
}

/** The box of a class and so many pixels more on each side, as far as the map goes. */
function grown(ids, size, classId, more) {
  const pixels = [];
  for (let at = 0; at < ids.length; at++) if (ids[at] === classId) pixels.push(at);
  const [left, top, right, bottom] = boxOf(pixels, size);
  return [Math.max(0, left - more), Math.max(0, top - more), Math.min(size, right + more), Math.min(size, bottom + more)];
}

/** Pixels given as indices -> {values, width, height}: 1 in them, 0 between, within their box. */
export function maskOf(pixels, size) {
  const [left, top, right, bottom] = boxOf(pixels, size), width = right - left;
  const values = new Uint8Array(width * (bottom - top));
  for (const at of pixels) values[(Math.floor(at / size) - top) * width + (at % size) - left] = 1;
  return { values, width, height: bottom - top };
}

/**
 * A mask, scaled by [sx, sy], then turned by `angle`, its middle at `centre`: span(y, left, right) for each run of
 * pixels at whose centres the bilinear mask is at least a half.
 */
export function placeMask({ values, width, height }, { centre, scale, angle }, size, span) {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  const reach = [Math.abs(cos * width * scale[0]) + Math.abs(sin * height * scale[1]),
    Math.abs(sin * width * scale[0]) + Math.abs(cos * height * scale[1])].map((side) => side / 2 + 1);
  const range = [0, 1].map((k) => [Math.max(0, Math.floor(centre[k] - reach[k])), Math.min(size, Math.ceil(centre[k] + reach[k]))]);
  const value = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? values[y * width + x] : 0);
  const inside = (px, py) => {
    const dx = px + 0.5 - centre[0], dy = py + 0.5 - centre[1];
    const x = (cos * dx + sin * dy) / scale[0] + width / 2 - 0.5, y = (cos * dy - sin * dx) / scale[1] + height / 2 - 0.5;
    const i = Math.floor(x), j = Math.floor(y), u = x - i, v = y - j;
    return (1 - v) * ((1 - u) * value(i, j) + u * value(i + 1, j)) + v * ((1 - u) * value(i, j + 1) + u * value(i + 1, j + 1)) >= 0.5;
  };
  for (let y = range[1][0]; y < range[1][1]; y++) {
    for (let x = range[0][0]; x < range[0][1]; x++) {
      if (!inside(x, y)) continue;
      const left = x;
      while (x < range[0][1] && inside(x, y)) x++;
      span(y, left, x);
    }
  }
}
