/* Outlines that run nearly along the pixels: a side seam moves one pixel aside every thirty rows or so. */

const FAR = 32;    // how far such an outline is followed each way
const LEAST = 4;   // and at least, to be one
const NEAR = 2;    // how far from a pixel it may begin
export const REACH = FAR + NEAR + 1;

const WEIGHTS = Array.from({ length: FAR + 1 }, (_, n) =>
  Float32Array.from({ length: n + 1 }, (__, k) => 0.5 + 0.5 * Math.cos((Math.PI * k) / (n + 1))));

/**
 * How far the centre of a pixel is from such an outline, smoothed along its way (Hann window), or 0 where there is none.
 * `along` and `across` are the steps of an index in the two directions, size and 1 for upright ones, 1 and size for flat
 * ones; r and c count them. other: room for one number, the class on the other side.
 */
export function distance(ids, size, r, c, along, across, other) {
  const own = ids[r * along + c * across];
  let edge = -1, side = 0; // the outline lies before the pixel `edge`; side: 1 when it is after ours
  for (let d = 1; d <= NEAR && !side; d++) {
    if (c + d < size && ids[r * along + (c + d) * across] !== own) [edge, side] = [c + d, 1];
    else if (c >= d && ids[r * along + (c - d) * across] !== own) [edge, side] = [c - d + 1, -1];
  }
  if (!side) return 0;
  const before = ids[r * along + (edge - 1) * across], after = ids[r * along + edge * across];
  const parts = (row, at) => at > 0 && at < size && ids[row * along + (at - 1) * across] === before && ids[row * along + at * across] === after;
  const fits = (k, shift) => { // the outline k rows on, from where it was in the row before
    const row = r + k;
    if (row < 0 || row >= size) return null;
    for (const at of [shift, shift + 1, shift - 1]) if (Math.abs(at) <= 1 && parts(row, edge + at)) return at;
    return null;
  };
  let up = 0, down = 0, n = 0;
  const shifts = [];
  for (; n < FAR; n++) {
    const [a, b] = [fits(-n - 1, up), fits(n + 1, down)];
    if (a === null || b === null) break;
    [up, down] = [a, b];
    shifts.push(a + b);
  }
  if (n < LEAST) return 0;
  let sum = 0, total = 1;
  const weights = WEIGHTS[n];
  for (let k = 1; k <= n; k++) {
    sum += weights[k] * shifts[k - 1];
    total += 2 * weights[k];
  }
  other[0] = side > 0 ? after : before;
  return Math.max(0, side * (edge + sum / total - c - 0.5));
}
