/* A garment cut out of a photograph: the twin of garmentgen/cutting.py as far as a plain ground goes. What differs from the
 * ground's colour is garment; Python refines that with GrabCut, here a box is drawn where it does not do.
 *
 * A photo is {pixels, width, height}, RGBA; boxes are [top, left, bottom, right], in shares or pixels.
 */

import { toLab } from "./cloth.js";
import { BACKGROUND } from "./geometry.js";

const FRAME = 0.03, PLAIN = 0.75, NEAR = 9, SHADE = 0.5, LIKE = 0.5, HOLE = 0.02, LEAST = 0.02; // see cutting.py

/** Where a photo's garment lies, Uint8Array [height, width]; null where its ground is not plain or nothing stands out. */
export function findObject({ pixels, width, height }) {
  const frame = Math.max(1, Math.round(FRAME * Math.max(width, height))), count = width * height;
  const edge = (x, y) => x < frame || y < frame || x >= width - frame || y >= height - frame;
  const lab = Array.from({ length: count }, (_, i) => {
    const [lightness, a, b] = toLab(pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]);
    return [SHADE * lightness, a, b];
  });
  const ground = [];
  for (let i = 0; i < count; i++) if (edge(i % width, Math.floor(i / width))) ground.push(i);
  const middle = [0, 1, 2].map((k) => ground.map((i) => lab[i][k]).sort((a, b) => a - b)[ground.length >> 1]);
  const place = (i) => [1, (2 * (i % width)) / Math.max(1, width - 1) - 1, (2 * Math.floor(i / width)) / Math.max(1, height - 1) - 1];
  let plane = middle.map((value) => [value, 0, 0]), reach = 2 * NEAR, near = [];
  const away = (i) => {
    const at = place(i);
    return Math.hypot(...plane.map((row, k) => lab[i][k] - row[0] * at[0] - row[1] * at[1] - row[2] * at[2]));
  };
  for (let round = 0; round < 4; round++, reach = NEAR) {
    near = ground.filter((i) => away(i) < reach);
    if (near.length < PLAIN * ground.length) return null;
    if (round < 3) plane = fitted(near, place, lab);
  }
  const found = Uint8Array.from({ length: count }, (_, i) => (!edge(i % width, Math.floor(i / width)) && away(i) >= NEAR ? 1 : 0));
  const whole = cleaned(opened(found, width, height), width, height);
  return whole.reduce((sum, one) => sum + one, 0) < LEAST * count ? null : whole;
}

/** The planes through colours at places, by least squares: [3 channels][1, x, y]. */
function fitted(near, place, lab) {
  const normal = [[0, 0, 0], [0, 0, 0], [0, 0, 0]], right = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  for (const i of near) {
    const at = place(i);
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) normal[r][c] += at[r] * at[c];
      for (let k = 0; k < 3; k++) right[k][r] += at[r] * lab[i][k];
    }
  }
  const determinant = (m) => m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
    + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  const whole = determinant(normal);
  return right.map((values) => [0, 1, 2].map((c) => determinant(normal.map((row, r) => row.map((value, k) => (k === c ? values[r] : value)))) / whole));
}

/** Threads thinner than three pixels taken away. */
function opened(mask, width, height) {
  const pass = (from, every) => Uint8Array.from(from, (_, i) => {
    const x = i % width, y = Math.floor(i / width);
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) if (Boolean(from[v * width + u]) !== every) return every ? 0 : 1;
    return every ? 1 : 0;
  });
  return pass(pass(mask, true), false);
}

/** The largest component and those like it, small holes filled. */
function cleaned(mask, width, height) {
  const objects = components(mask, width, height), largest = Math.max(0, ...objects.map((one) => one.length));
  const garment = new Uint8Array(mask.length);
  for (const one of objects) if (one.length >= LIKE * largest) for (const i of one) garment[i] = 1;
  const area = garment.reduce((sum, value) => sum + value, 0);
  for (const one of components(garment.map((value) => 1 - value), width, height)) if (one.length < HOLE * area) for (const i of one) garment[i] = 1;
  return garment;
}

function components(mask, width, height) {
  const seen = new Uint8Array(mask.length), all = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || seen[start]) continue;
    const one = [start];
    seen[start] = 1;
    for (let k = 0; k < one.length; k++) {
      const i = one[k], x = i % width;
      for (const next of [i - width, i + width, ...(x ? [i - 1] : []), ...(x < width - 1 ? [i + 1] : [])])
        if (next >= 0 && next < width * height && mask[next] && !seen[next]) { seen[next] = 1; one.push(next); }
    }
    all.push(one);
  }
  return all;
}

/** The smallest box around what is set, in pixels. */
export function boxOf(mask, width) {
  let [top, left, bottom, right] = [Infinity, Infinity, 0, 0];
  mask.forEach((value, i) => {
    if (!value) return;
    const x = i % width, y = Math.floor(i / width);
    [top, left, bottom, right] = [Math.min(top, y), Math.min(left, x), Math.max(bottom, y + 1), Math.max(right, x + 1)];
  });
  return [top, left, bottom, right];
}

const COVERED = 0.1; // share of a class that must be covered for the photo to show how it looks

/** A map without what cloth does not cover; `covered`: Uint8Array [S, S]. All of the map where cloth covers nothing of it. */
export function laidOver({ ids, size }, covered) {
  const found = ids.map((id, i) => (covered[i] ? id : BACKGROUND)), whole = new Uint32Array(256), seen = new Uint32Array(256);
  ids.forEach((id, i) => { whole[id]++; seen[found[i]]++; });
  const kept = found.map((id) => (seen[id] < COVERED * whole[id] ? BACKGROUND : id));
  return { ids: kept.every((id) => id === BACKGROUND) ? ids : kept, size };
}
