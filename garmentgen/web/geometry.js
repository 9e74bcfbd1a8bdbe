/* Where the regions of a label map lie: the twin of garmentgen/geometry.py, as far as dealing and dressing need it.
 *
 * A map is {ids, size}: Uint8Array of size x size class ids, rows from the top, 255 = background. A box is half open:
 * [top, left, bottom, right].
 */

export const BACKGROUND = 255;

/** Pixels of every id, [256]. */
export function counted({ ids }) {
  const counts = new Uint32Array(256);
  for (let i = 0; i < ids.length; i++) counts[ids[i]]++;
  return counts;
}

/** Ids of the classes on a map, ascending. */
export const classesOn = (map) => [...counted(map).entries()].filter(([c, n]) => n && c !== BACKGROUND).map(([c]) => c);

/** How many pixels of the square window around each one are set: Uint8Array, for a mask of 0 and 1; cut at the edge. */
export function windows(mask, size, reach) {
  const along = (from, step, line) => {
    const to = new Uint8Array(mask.length);
    for (let row = 0; row < size; row++) {
      const first = row * line;
      let sum = 0;
      for (let k = 0; k < reach; k++) sum += from[first + k * step];
      for (let at = 0; at < size; at++) {
        if (at + reach < size) sum += from[first + (at + reach) * step];
        if (at > reach) sum -= from[first + (at - reach - 1) * step];
        to[first + at * step] = sum;
      }
    }
    return to;
  };
  return along(along(mask, 1, size), size, 1);
}

/** act(id, y, from, to) for every stretch of one class in a row, rows from the top; the background is left out. */
function stretches({ ids, size }, act) {
  for (let y = 0, i = 0; y < size; y++)
    for (const first = i, end = i + size; i < end; ) {
      const id = ids[i], from = i;
      do i++; while (i < end && ids[i] === id);
      if (id !== BACKGROUND) act(id, y, from - first, i - first);
    }
}

/** Box of every class on a map, a Map in ascending order of ids. */
export function boxes(map) {
  const found = new Map();
  stretches(map, (id, y, from, to) => {
    const box = found.get(id);
    if (!box) { found.set(id, [y, from, y + 1, to]); return; }
    if (from < box[1]) box[1] = from;
    if (to > box[3]) box[3] = to;
    box[2] = y + 1;
  });
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** Every second pixel: what a network sees that paints half the map's side. */
export function halved({ ids, size }) {
  const side = size / 2, half = new Uint8Array(side * side);
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++) half[i++] = ids[(2 * y + 1) * size + 2 * x + 1];
  return { ids: half, size: side };
}

/** Every pixel twice in both directions; `halved` gives the map back. */
export function doubled({ ids, size }) {
  const side = 2 * size, twice = new Uint8Array(side * side);
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++) twice[i++] = ids[(y >> 1) * size + (x >> 1)];
  return { ids: twice, size: side };
}

/** Index of the largest value, the first of several. */
export function argmax(values) {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}

/** The class with most pixels on a map, parts only when there is nothing else; `labels`: the label table. */
export function mainClass(map, labels) {
  const counts = counted(map).subarray(0, labels.length);
  const garments = counts.map((n, c) => (labels[c].is_part ? 0 : n));
  return argmax(garments.some((n) => n) ? garments : counts);
}

/** Which garment every class on a map belongs to, a Map: itself, or for a part the one it borders on most. */
export function parentGarments(map, labels) {
  const { ids, size } = map, classes = labels.length;
  const border = new Map(); // part -> how often it touches each garment
  const meet = (a, b) => {
    if (a === BACKGROUND || b === BACKGROUND) return;
    if (!labels[b].is_part) {
      if (!border.has(a)) border.set(a, new Uint32Array(classes));
      border.get(a)[b]++;
    }
    if (!labels[a].is_part) {
      if (!border.has(b)) border.set(b, new Uint32Array(classes));
      border.get(b)[a]++;
    }
  };
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++, i++) {
      if (x + 1 < size && ids[i] !== ids[i + 1]) meet(ids[i], ids[i + 1]);
      if (y + 1 < size && ids[i] !== ids[i + size]) meet(ids[i], ids[i + size]);
    }
  const main = mainClass(map, labels);
  const of = (c) => (!labels[c].is_part ? c : border.has(c) ? argmax(border.get(c)) : main);
  return new Map(classesOn(map).map((c) => [c, of(c)]));
}

/** Where the cells of a part lie on its garment's grid, along one axis: [cell before, share of the next] each. */
function between(box, part, axis, grid) {
  const start = box[axis], length = box[axis + 2] - box[axis];
  return Array.from({ length: grid }, (_, cell) => {
    let place = part[axis] + ((cell + 0.5) * (part[axis + 2] - part[axis])) / grid;
    place = Math.abs(((place - start) / length) * grid - 0.5);
    place = Math.min(grid - 1, Math.max(0, grid - 1 - Math.abs(grid - 1 - place)));
    const before = Math.min(Math.floor(place), grid - 2);
    return [before, place - before];
  });
}

/** What a code, numbers [C, G, G], over `box` says of the box `part`, Float32Array [C, G, G]; beyond it is mirrored. */
export function partOf(code, grid, box, part) {
  const down = between(box, part, 0, grid), along = between(box, part, 1, grid);
  const result = new Float32Array(code.length);
  for (let plane = 0; plane < code.length; plane += grid * grid)
    for (let y = 0; y < grid; y++) {
      const [above, dy] = down[y], first = plane + above * grid;
      const row = (x) => code[first + x] * (1 - dy) + code[first + grid + x] * dy;
      for (let x = 0; x < grid; x++) {
        const [before, dx] = along[x];
        result[plane + y * grid + x] = row(before) * (1 - dx) + row(before + 1) * dx;
      }
    }
  return result;
}

const SPECK = 0.05; // share of a class's pixels below which a component is a speck and no part of a pair

/** The connected components of every class, diagonals included: a Map of lists of {count, from, to}, pixels and columns. */
function components(map) {
  const all = [];
  let above = [], here = [], row = -1, next = 0;
  stretches(map, (id, y, from, to) => {
    if (y !== row) [above, here, row, next] = [y === row + 1 ? here : [], [], y, 0];
    while (next < above.length && above[next].to < from) next++;
    let part = { id, count: to - from, from, to, into: null };
    all.push(part);
    for (let k = next; k < above.length && above[k].from <= to; k++) if (above[k].id === id) part = joined(whole(above[k].part), part);
    here.push({ id, from, to, part });
  });
  const found = new Map();
  for (const part of all) {
    if (part.into) continue;
    if (!found.has(part.id)) found.set(part.id, []);
    found.get(part.id).push(part);
  }
  return found;
}

function whole(part) {
  while (part.into) part = part.into;
  return part;
}

function joined(a, b) {
  if (a === b) return a;
  Object.assign(a, { count: a.count + b.count, from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) });
  b.into = a;
  return a;
}

/** Where the classes lie that lie apart, left and right, a Map in ascending order of ids: the middle of a class's widest
 * empty column of air, as a share of its box.
 */
export function gaps(map) {
  const found = new Map();
  for (const [c, parts] of [...components(map)].sort(([a], [b]) => a - b)) {
    const share = gapBetween(parts);
    if (share !== null) found.set(c, share);
  }
  return found;
}

function gapBetween(parts) {
  const left = Math.min(...parts.map(({ from }) => from)), right = Math.max(...parts.map(({ to }) => to));
  const pixels = parts.reduce((sum, { count }) => sum + count, 0);
  const spans = parts.filter(({ count }) => count >= SPECK * pixels).map(({ from, to }) => [from - left, to - left]);
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let widest = null, end = -Infinity;
  for (const [from, to] of spans) {
    if (end > -Infinity && from >= end) {
      const air = [from - end, (from + end) / 2];
      if (!widest || air[0] > widest[0] || (air[0] === widest[0] && air[1] > widest[1])) widest = air;
    }
    end = Math.max(end, to);
  }
  return widest && widest[1] / (right - left);
}
