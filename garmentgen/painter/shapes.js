/* Pure functions over maps and outlines. Points are [x, y] in pixels, a pixel's corner at whole numbers, its centre at
 * a half. A shape calls span(y, left, right) for each row of the pixels whose centres are in it, right just outside. */

/** The first pixel whose centre is at `x` or beyond. */
const firstPixel = (x) => Math.ceil(x - 0.5);

/** Where the row of centres `y` cuts an edge, or null. */
function cut([x0, y0], [x1, y1], y) {
  return y0 <= y !== y1 <= y ? x0 + ((y - y0) / (y1 - y0)) * (x1 - x0) : null;
}

/** All within `radius` of the segment from a to b, and always the pixel b is in. */
export function capsule(a, b, radius, span) {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const [nx, ny] = length ? [((a[1] - b[1]) / length) * radius, ((b[0] - a[0]) / length) * radius] : [0, 0];
  const sides = [[a[0] + nx, a[1] + ny], [b[0] + nx, b[1] + ny], [b[0] - nx, b[1] - ny], [a[0] - nx, a[1] - ny]];
  const bottom = Math.max(a[1], b[1]) + radius;
  for (let row = firstPixel(Math.min(a[1], b[1]) - radius); row + 0.5 <= bottom; row++) {
    const y = row + 0.5, ends = [];
    for (const [cx, cy] of [a, b]) {
      const half = Math.sqrt(radius ** 2 - (y - cy) ** 2);
      if (half >= 0) ends.push(cx - half, cx + half);
    }
    sides.forEach((corner, i) => {
      const x = cut(corner, sides[(i + 1) % 4], y);
      if (x !== null) ends.push(x);
    });
    if (ends.length) span(row, firstPixel(Math.min(...ends)), Math.floor(Math.max(...ends) - 0.5) + 1);
  }
  const [x, y] = b.map(Math.floor);
  span(y, x, x + 1);
}

/** Every pixel that the box between two corners touches. */
export function rectangle(a, b, span) {
  const [left, right] = [a[0], b[0]].map(Math.floor).sort((p, q) => p - q);
  const [top, bottom] = [a[1], b[1]].map(Math.floor).sort((p, q) => p - q);
  for (let y = top; y <= bottom; y++) span(y, left, right + 1);
}

/** The inside of a closed outline by the even-odd rule. */
export function polygon(points, size, span) {
  const heights = points.map((point) => point[1]);
  const bottom = Math.min(size - 1, Math.ceil(Math.max(...heights)));
  for (let row = Math.max(0, Math.floor(Math.min(...heights))); row <= bottom; row++) {
    const cuts = points.map((point, i) => cut(point, points[(i + 1) % points.length], row + 0.5)).filter((x) => x !== null);
    cuts.sort((p, q) => p - q);
    for (let i = 0; i + 1 < cuts.length; i += 2) span(row, firstPixel(cuts[i]), firstPixel(cuts[i + 1]));
  }
}

/**
 * A closed curve through the points: centripetal Catmull-Rom (Yuksel et al. 2011, no loops within a piece), each piece
 * `pieces` short lines. Fewer than three points apart come back as they are.
 */
export function smoothOutline(points, pieces = 16) {
  const apart = points.filter((p, i) => Math.hypot(p[0] - points.at(i - 1)[0], p[1] - points.at(i - 1)[1]) > 1e-6);
  if (apart.length < 3) return points;
  const mix = (p, q, share) => [p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share];
  const path = [];
  apart.forEach((_, i) => {
    const p = [-1, 0, 1, 2].map((k) => apart.at((i + k) % apart.length));
    const t = [0];
    for (let k = 1; k < 4; k++) t.push(t[k - 1] + Math.sqrt(Math.hypot(p[k][0] - p[k - 1][0], p[k][1] - p[k - 1][1])));
    for (let step = 0; step < pieces; step++) {
      const now = t[1] + ((t[2] - t[1]) * step) / pieces;
      const between = (a, b, from, to) => mix(a, b, (now - t[from]) / (t[to] - t[from]));
      const a = [0, 1, 2].map((k) => between(p[k], p[k + 1], k, k + 1));
      path.push(between(between(a[0], a[1], 0, 2), between(a[1], a[2], 1, 3), 1, 2));
    }
  });
  return path;
}

/** Flood from a pixel over its 4-connected neighbours of the same id that are not `seen` yet; `found` is room for them. */
function flood(ids, size, start, seen, found) {
  const id = ids[start];
  let count = 1;
  found[0] = start;
  seen[start] = 1;
  for (let k = 0; k < count; k++) {
    const at = found[k], x = at % size;
    if (x > 0 && !seen[at - 1] && ids[at - 1] === id) seen[(found[count++] = at - 1)] = 1;
    if (x < size - 1 && !seen[at + 1] && ids[at + 1] === id) seen[(found[count++] = at + 1)] = 1;
    if (at >= size && !seen[at - size] && ids[at - size] === id) seen[(found[count++] = at - size)] = 1;
    if (at < ids.length - size && !seen[at + size] && ids[at + size] === id) seen[(found[count++] = at + size)] = 1;
  }
  return found.slice(0, count);
}

/** The 4-connected area of one id around the pixel (x, y): indices, Int32Array. */
export function area(ids, size, x, y) {
  return flood(ids, size, y * size + x, new Uint8Array(ids.length), new Int32Array(ids.length));
}

/** [left, top, right, bottom] of pixels given as indices, right and bottom just outside. */
export function boxOf(pixels, size) {
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (const at of pixels) {
    const x = at % size, y = (at - x) / size;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return [left, top, right, bottom];
}

/**
 * The 4-connected parts of a class, largest first: [{pixels, box, centre}]; pixels are indices (Int32Array), centre is
 * the mean of theirs.
 */
export function components(ids, size, classId) {
  const seen = new Uint8Array(ids.length), found = new Int32Array(ids.length), parts = [];
  for (let start = 0; start < ids.length; start++) {
    if (ids[start] !== classId || seen[start]) continue;
    const pixels = flood(ids, size, start, seen, found);
    let [x, y] = [0, 0];
    for (const at of pixels) { x += at % size; y += Math.floor(at / size); }
    const centre = [x / pixels.length + 0.5, y / pixels.length + 0.5];
    parts.push({ pixels, box: boxOf(pixels, size), centre });
  }
  return parts.sort((a, b) => b.pixels.length - a.pixels.length);
}

/** The id that borders these pixels most often; beyond the map's edge is `outside`. */
export function surrounding(ids, size, pixels, outside) {
  const own = new Uint8Array(ids.length), votes = new Uint32Array(256);
  for (const at of pixels) own[at] = 1;
  const vote = (at, onMap) => { if (!onMap) votes[outside]++; else if (!own[at]) votes[ids[at]]++; };
  for (const at of pixels) {
    const x = at % size;
    vote(at - 1, x > 0);
    vote(at + 1, x < size - 1);
    vote(at - size, at >= size);
    vote(at + size, at < ids.length - size);
  }
  return votes.indexOf(Math.max(...votes));
}
