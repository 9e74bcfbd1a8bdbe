/* Labels -> pixels of the screen, with smooth outlines at any zoom.
 *
 * The outline between two classes runs where their shares, smoothed by a Gaussian, are equal, and is blurred by one pixel
 * of the screen. Where that Gaussian would swallow something, a corner or a strap, a smaller one is taken, and where that
 * would too, a line of one pixel or a dot, a quadratic B-spline keeps it. Outlines nearly along the pixels, whose steps are
 * too far apart for any of these, are followed and straightened (straight.js). */

import { BACKGROUND } from "./map.js";
import { REACH, distance } from "./straight.js";

const SOFT = { sigma: 2, reach: 5 }, SHARP = { sigma: 1.1, reach: 3 }; // Gaussians, in pixels of the map
const BAND = 1;                       // further from another class a pixel has its colour: all outlines are nearer
export const SIGHT = REACH + 2;       // a pixel of the map changes the picture as far as this
const PLAIN = 0, FIRST = 1, SECOND = 2, NARROW = 3; // what draws a pixel: its colour, SOFT, SHARP, the spline

/** Weights of the pixels around one; t: how far the point looked at is from its centre. */
function gauss(t, { sigma, reach }) {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach - t) ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

const spline = (t) => [0.5 * (0.5 - t) ** 2, 0.75 - t ** 2, 0.5 * (0.5 + t) ** 2];
const SPLINE = spline(0);

/** How fast the lead of a class changes across a straight edge, by kernel. */
const slope = ({ sigma }) => 2 / (sigma * Math.sqrt(2 * Math.PI));
const SLOPES = [1, slope(SOFT), slope(SHARP), 1.5];

/**
 * Where the screen's pixels lie on one axis of the map: the nearest pixel, the step to the next nearest and how much of
 * that one a linear interpolation takes, and the weights of SHARP and of the spline around the nearest.
 */
function axis(pixels, start, scale, size) {
  const nearest = new Int32Array(pixels), step = new Int8Array(pixels), share = new Float32Array(pixels);
  const sharp = new Float32Array((2 * SHARP.reach + 1) * pixels), narrow = new Float32Array(3 * pixels);
  for (let k = 0; k < pixels; k++) {
    const at = (start + (k + 0.5) / (pixels * scale)) * size;
    const i = (nearest[k] = Math.min(size - 1, Math.max(0, Math.floor(at)))), t = at - i - 0.5;
    step[k] = t < 0 ? -(i > 0) : +(i < size - 1);
    share[k] = Math.abs(t);
    sharp.set(gauss(t, SHARP), (2 * SHARP.reach + 1) * k);
    narrow.set(spline(t), 3 * k);
  }
  return { nearest, step, share, sharp, narrow };
}

export class LabelRaster {
  /** colors: Uint8Array of 256 x RGB. */
  constructor(size, colors) {
    this.size = size;
    this.colors = colors;
    this.solid = new Uint32Array(256).map((_, id) => (id === BACKGROUND ? 0 : this.mix(id, id, 1)));
    this.kinds = new Uint8Array(size * size);
    this.lost = [SOFT, SHARP].map(() => new Uint8Array(size * size)); // that kernel gives the pixel another class
    this.firsts = new Uint8Array(size * size);  // of its kernel at the pixel's centre: the class with the largest share,
    this.seconds = new Uint8Array(size * size); // the next one
    this.leads = new Float32Array(size * size); // and the difference of their shares
    this.streaks = new Uint8Array(size * size); // so many rows down to here, the row around the pixel is of one class
    this.shares = new Float32Array(256);
    this.near = new Uint8Array(256);
    this.other = new Uint8Array(1);
    this.centres = [SOFT, SHARP].map((kernel) => Float32Array.from(gauss(0, kernel)));
  }

  setView({ scale, x, y }, side) {
    this.side = side;
    this.columns = axis(side, x, scale, this.size);
    this.rows = axis(side, y, scale, this.size);
    this.contrasts = SLOPES.map((slope) => Math.max(0.5, (side * scale) / this.size / slope));
  }

  /** Look again at the pixels in a box: which are far from outlines, and what draws the others. */
  mark(ids, [left, top, right, bottom]) {
    const { size, kinds, firsts, leads, streaks } = this, band = [];
    this.countStreaks(ids, left, Math.max(0, top - BAND), right, Math.min(size, bottom + BAND));
    for (let y = top; y < bottom; y++) {
      const first = Math.max(0, y - BAND), last = Math.min(size - 1, y + BAND);
      for (let x = left; x < right; x++) {
        const at = y * size + x;
        this.lost[0][at] = this.lost[1][at] = 0;
        firsts[at] = ids[at];
        leads[at] = 1;
        kinds[at] = PLAIN;
        if (streaks[last * size + x] > last - first) continue;
        kinds[at] = FIRST;
        band.push(at);
      }
    }
    const rest = this.tryKernel(ids, this.tryKernel(ids, band, FIRST, SOFT), SECOND, SHARP);
    for (const at of rest) this.keepVote(ids, at, 1, SPLINE); // pixels beside them look at these leads
  }

  /** Ask a kernel at a pixel's centre and keep what it says. */
  keepVote(ids, at, reach, centre) {
    this.vote(ids, at % this.size, Math.floor(at / this.size), reach, centre, 0, centre, 0);
    this.keep(at);
  }

  keep(at) {
    this.firsts[at] = this.first;
    this.seconds[at] = this.second;
    this.leads[at] = this.lead;
  }

  /** Pixels where the kernel changes their class or a neighbour's are left to the next one; returns them. */
  tryKernel(ids, band, kind, { reach }) {
    const { size, kinds, firsts } = this, lost = this.lost[kind - FIRST], centre = this.centres[kind - FIRST];
    for (const at of band) {
      if (kind === FIRST && this.follow(ids, at)) this.keep(at);
      else this.keepVote(ids, at, reach, centre);
      lost[at] = +(firsts[at] !== ids[at]);
    }
    const left = band.filter((at) => this.loses(lost, at % size, Math.floor(at / size)));
    for (const at of left) kinds[at] = kind + 1;
    return left;
  }

  /** Is the pixel beside an outline nearly along the pixels? Then its lead grows with the distance from that. */
  follow(ids, at) {
    const { size, other } = this, x = at % size, y = Math.floor(at / size);
    const far = distance(ids, size, y, x, size, 1, other) || distance(ids, size, x, y, 1, size, other);
    this.first = ids[at];
    this.second = other[0];
    this.lead = Math.min(0.99, far * SLOPES[FIRST]);
    return far > 0;
  }

  countStreaks(ids, left, top, right, bottom) {
    const { size, streaks } = this;
    for (let y = top; y < bottom; y++) {
      const row = y * size;
      let from = Math.max(0, left - BAND), to = from; // the run of one class that x is in
      while (from > 0 && left - from < BAND && ids[row + from - 1] === ids[row + left]) from--;
      for (let x = left; x < right; x++) {
        if (ids[row + x] !== ids[row + from] || x < from) from = x;
        if (to <= x) to = x + 1;
        while (to < size && to <= x + BAND && ids[row + to] === ids[row + x]) to++;
        const even = (x - from >= BAND || from === 0) && (to > x + BAND || to === size);
        const goesOn = y > top && ids[row + x] === ids[row - size + x];
        streaks[row + x] = even ? 1 + (goesOn ? Math.min(streaks[row - size + x], 2 * BAND) : 0) : 0;
      }
    }
  }

  loses(lost, x, y) {
    const { size } = this;
    for (let j = Math.max(0, y - 1); j <= Math.min(size - 1, y + 1); j++)
      for (let i = Math.max(0, x - 1); i <= Math.min(size - 1, x + 1); i++) if (lost[j * size + i]) return true;
    return false;
  }

  /** Find the classes with the two largest shares around the pixel (i, j), and how far the first leads. */
  vote(ids, i, j, reach, across, fromX, down, fromY) {
    const { size, shares, near } = this, edge = size - 1;
    let count = 0;
    for (let dy = -reach; dy <= reach; dy++) {
      const y = j + dy, row = (y < 0 ? 0 : y > edge ? edge : y) * size, weight = down[fromY + reach + dy];
      for (let dx = -reach; dx <= reach; dx++) {
        const x = i + dx, id = ids[row + (x < 0 ? 0 : x > edge ? edge : x)], part = weight * across[fromX + reach + dx];
        if (part <= 0) continue;
        if (shares[id] === 0) near[count++] = id;
        shares[id] += part;
      }
    }
    let first = near[0], second = near[0];
    for (let k = 1; k < count; k++) {
      const id = near[k];
      if (shares[id] > shares[first]) { second = first; first = id; } else if (second === first || shares[id] > shares[second]) second = id;
    }
    this.first = first;
    this.second = second;
    this.lead = count > 1 ? shares[first] - shares[second] : 1;
    for (let k = 0; k < count; k++) shares[near[k]] = 0;
  }

  /** Class `a` by the share `part` over class `b`, as one RGBA number; background is clear. */
  mix(a, b, part) {
    const { colors } = this, p = 3 * (a === BACKGROUND ? b : a), q = 3 * (b === BACKGROUND ? a : b);
    const opaque = a === BACKGROUND ? (b === BACKGROUND ? 0 : 1 - part) : b === BACKGROUND ? part : 1;
    const blend = (k) => Math.round(colors[q + k] + (colors[p + k] - colors[q + k]) * part);
    return ((Math.round(255 * opaque) << 24) | (blend(2) << 16) | (blend(1) << 8) | blend(0)) >>> 0;
  }

  /** Draw into the screen's pixels (RGBA numbers, side x side) within a box of them. */
  draw(ids, pixels, [left, top, right, bottom]) {
    const { size, side, kinds, solid, columns, rows } = this;
    for (let v = top; v < bottom; v++) {
      const j = rows.nearest[v] * size;
      for (let u = left, to = v * side + left; u < right; u++, to++) {
        const at = j + columns.nearest[u], kind = kinds[at];
        pixels[to] = kind === PLAIN ? solid[ids[at]] : kind === NARROW ? this.narrow(ids, u, v) : this.between(ids, at, u, v);
      }
    }
  }

  /** An outline between two classes, which is nearly everywhere: their lead is interpolated from the pixels' centres. */
  between(ids, at, u, v) {
    const { size, firsts, seconds, leads, columns, rows } = this, a = firsts[at], b = seconds[at];
    const right = columns.step[u], down = rows.step[v] * size, s = columns.share[u], t = rows.share[v];
    let lead = 0;
    for (let k = 0; k < 4; k++) {
      const near = at + (k & 1 ? right : 0) + (k & 2 ? down : 0), first = firsts[near], one = leads[near] === 1;
      const weight = (k & 1 ? s : 1 - s) * (k & 2 ? t : 1 - t);
      if (first === a && (one || seconds[near] === b)) lead += weight * leads[near];
      else if (first === b && (one || seconds[near] === a)) lead -= weight * leads[near];
      else return this.meeting(ids, u, v);
    }
    return this.mix(lead < 0 ? b : a, lead < 0 ? a : b, Math.min(1, 0.5 + Math.abs(lead) * this.contrasts[this.kinds[at]]));
  }

  /** Where three classes meet. */
  meeting(ids, u, v) {
    const { columns, rows } = this, { reach } = SHARP, width = 2 * reach + 1;
    this.vote(ids, columns.nearest[u], rows.nearest[v], reach, columns.sharp, width * u, rows.sharp, width * v);
    return this.mix(this.first, this.second, Math.min(1, 0.5 + this.lead * this.contrasts[SECOND]));
  }

  narrow(ids, u, v) {
    const { columns, rows } = this;
    this.vote(ids, columns.nearest[u], rows.nearest[v], 1, columns.narrow, 3 * u, rows.narrow, 3 * v);
    return this.mix(this.first, this.second, Math.min(1, 0.5 + this.lead * this.contrasts[NARROW]));
  }
}
