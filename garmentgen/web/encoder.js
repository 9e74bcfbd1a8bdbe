/* A picture and its map -> codes: the twin of `regions` in garmentgen/geometry.py and of the encoder's graph. */

import { boxes } from "./geometry.js";

const COVERED = 0.5, SOLID = 0.95, SEEN = 0.25; // shares of a cell, see geometry.py

/** Codes of a picture, RGBA [S, S, 4], with its map of the same side: a Map of class -> Float32Array. */
export async function encode(run, facts, pixels, map) {
  const { crop, shape: [, grid] } = facts, found = [...boxes(map)], area = crop * crop;
  const crops = new Float32Array(found.length * 4 * area), padding = new BigInt64Array(found.length * grid * grid);
  found.forEach(([c, box], p) => {
    const cut = cropped(pixels, map, c, box, crop);
    crops.set(cut, p * 4 * area);
    padding.set(paddingIndex(map, c, box, grid).map(BigInt), p * grid * grid);
  });
  const values = await run({
    crops: { type: "float32", data: crops, dims: [found.length, 4, crop, crop] },
    index: { type: "int64", data: BigInt64Array.from(found, ([c]) => BigInt(c)), dims: [found.length] },
    padding: { type: "int64", data: padding, dims: [found.length, grid * grid] },
  });
  const length = values.length / found.length;
  return new Map(found.map(([c], p) => [c, values.slice(p * length, (p + 1) * length)]));
}

/** A class in its box, resized to a square: colour in [-1, 1], averaged over its own pixels only, and its mask. */
function cropped(pixels, { ids, size }, c, [top, left, bottom, right], side) {
  const shrinks = Math.min(bottom - top, right - left) > side, weigh = shrinks ? shares : blends;
  const down = weigh(bottom - top, side), along = weigh(right - left, side), area = side * side, result = new Float32Array(4 * area);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let weight = 0;
      const colour = [0, 0, 0];
      for (const [row, high] of down[y])
        for (const [column, wide] of along[x]) {
          const at = (top + row) * size + left + column;
          if (ids[at] !== c) continue;
          weight += high * wide;
          for (let k = 0; k < 3; k++) colour[k] += high * wide * pixels[4 * at + k];
        }
      if (weight <= SEEN) continue;
      for (let k = 0; k < 3; k++) result[k * area + y * side + x] = Math.round(colour[k] / weight) / 127.5 - 1;
      result[3 * area + y * side + x] = 1;
    }
  return result;
}

/** For every cell of a line the pixels it covers, and the share of it that each does. */
function shares(length, side) {
  return Array.from({ length: side }, (_, cell) => {
    const from = (cell * length) / side, to = ((cell + 1) * length) / side, found = [];
    for (let pixel = Math.floor(from); pixel < Math.min(length, to); pixel++)
      found.push([pixel, ((Math.min(to, pixel + 1) - Math.max(from, pixel)) * side) / length]);
    return found;
  });
}

/** For every cell of a line the two pixels between whose centres it lies, with their linear weights. */
function blends(length, side) {
  return Array.from({ length: side }, (_, cell) => {
    const place = Math.min(length - 1, Math.max(0, ((cell + 0.5) * length) / side - 0.5)), first = Math.floor(place), rest = place - first;
    return rest ? [[first, 1 - rest], [first + 1, rest]] : [[first, 1]];
  });
}

/** For every cell of the grid the cell whose code it takes: empty ones look into a mirror at the nearest solid cell. */
function paddingIndex({ ids, size }, c, [top, left, bottom, right], grid) {
  const down = shares(bottom - top, grid), along = shares(right - left, grid), cells = grid * grid;
  const coverage = Array.from({ length: cells }, (_, cell) => {
    let covered = 0;
    for (const [row, high] of down[Math.floor(cell / grid)])
      for (const [column, wide] of along[cell % grid]) if (ids[(top + row) * size + left + column] === c) covered += high * wide;
    return covered;
  });
  const full = quantile(coverage.filter((share) => share > 0), 0.75), solid = coverage.map((share) => share >= Math.min(SOLID, full));
  return coverage.map((share, cell) => {
    if (share >= Math.min(COVERED, full)) return cell;
    const y = Math.floor(cell / grid), x = cell % grid, source = nearest(solid, y, x, grid);
    const py = 2 * Math.floor(source / grid) - y, px = 2 * (source % grid) - x, mirrored = py * grid + px;
    return py >= 0 && py < grid && px >= 0 && px < grid && solid[mirrored] ? mirrored : source;
  });
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b), place = share * (sorted.length - 1), first = Math.floor(place);
  return sorted[first] + (place - first) * ((sorted[first + 1] ?? sorted[first]) - sorted[first]);
}

function nearest(wanted, y, x, grid) {
  let best = -1, least = Infinity;
  wanted.forEach((is, cell) => {
    const away = (Math.floor(cell / grid) - y) ** 2 + ((cell % grid) - x) ** 2;
    if (is && away < least) [best, least] = [cell, away];
  });
  return best;
}
