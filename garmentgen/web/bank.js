/* The bank: new garments wear the codes of real ones. The twin of garmentgen/priors/bank.py, which says what is dealt and
 * why; both compare whole numbers, or doubles in one order, so that a seed gives the same garment bit for bit.
 *
 * A code is a Uint16Array [C, G, G] of half-precision bits.
 */

import { bits, key, uniform } from "./counter.js";
import { boxes, parentGarments, partOf } from "./geometry.js";
import { floats, halves } from "./half.js";

/** Indices that would sort values, equal ones in their order. */
const argsort = (values) => [...values.keys()].sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : a - b));

export class Bank {
  /**
   * arrays: {codes, entry, region, box, fits}, see Bank in Python, each {data, shape}. rules: its constants, {hands, near,
   * levels, outgrown, sleeve, neckline, pieces}. labels: the label table, [{is_part, is_ornament}, ...].
   */
  constructor(arrays, rules, labels) {
    const { codes, entry, region, box, fits } = arrays;
    this.labels = labels;
    this.rules = { ...rules, pieces: new Set(rules.pieces) };
    this.grid = codes.shape[3];
    this.channels = codes.shape[1];
    this.length = codes.data.length / codes.shape[0];
    this.codes = codes.data;
    [this.entry, this.region, this.box] = [entry.data, region.data, box.data];
    this.row = new Map(Array.from(this.entry, (n, k) => [n * labels.length + this.region[k], k]));
    this.first = [];
    this.entry.forEach((n, k) => { this.first[n] ??= k; });
    this.suiting = this.suited(fits);
    this.measured = this.first.map((first, n) => {
      const found = new Map();
      for (let k = 0; k < this.entry.length; k++) if (this.entry[k] === n) found.set(this.region[k], this.boxOf(k));
      return this.measures(this.region[first], found);
    });
    this.level = [];
  }

  /** Garments that suit each class, the typical one first; all of them where none was found to. */
  suited({ data, shape: [garments, classes] }) {
    return Array.from({ length: classes }, (_, c) => {
      const places = Array.from({ length: garments }, (_, n) => data[n * classes + c]);
      const order = argsort(places).filter((n) => places[n] > 0);
      return order.length ? order : [...places.keys()];
    });
  }

  /** Codes of every class on a map, a Map. seedOf: class -> its seed; given: codes that are returned as they are. */
  sample(map, seedOf, diversity, harmony, given) {
    const box = boxes(map), parentOf = parentGarments(map, this.labels), measured = new Map(), codes = new Map();
    for (const parent of new Set(parentOf.values())) {
      const worn = new Map([...parentOf].filter(([, of]) => of === parent).map(([c]) => [c, box.get(c)]));
      measured.set(parent, this.measures(parent, worn));
    }
    for (const [c, parent] of parentOf) {
      if (given.has(c)) { codes.set(c, given.get(c)); continue; }
      const worn = this.deal(seedOf(parent), parent, diversity, measured.get(parent));
      const free = c !== parent && uniform(key(seedOf(c), c, 1), 1)[0] >= harmony;
      let code;
      if (free || (this.labels[c].is_ornament && c !== parent && !this.has(worn, c))) {
        code = this.own(this.deal(seedOf(c), c, diversity, null), c);
      } else {
        code = this.part(worn, c, parent, box);
        if (c !== parent && seedOf(c) !== seedOf(parent) && diversity) code = this.near(worn, code, c, seedOf(c));
      }
      codes.set(c, this.rules.pieces.has(c) && inOnePiece(map, c, box.get(c)) ? this.leftPiece(code) : code);
    }
    return codes;
  }

  /** The garment that a seed gives a class: the best fitting of a hand of cards. */
  deal(seed, c, diversity, measures) {
    const all = this.suiting[c];
    const count = Math.max(1, Math.ceil(all.length * Math.min(diversity, 1 / Math.max(diversity, 1))));
    const deck = diversity <= 1 ? all.slice(0, count) : all.slice(-count);
    const hands = Math.min(this.rules.hands, count), hand = seed % hands, turn = (seed - hand) / hands;
    const shuffled = argsort(bits(key(turn, c), count));
    let best = null, least = Infinity;
    for (let k = hand; k < count; k += hands) {
      const n = deck[shuffled[k]];
      const misfit = measures ? this.measured[n].reduce((sum, value, m) => sum + Math.abs(value - measures[m]), 0) : 0;
      if (misfit < least) [best, least] = [n, misfit];
    }
    return best;
  }

  has(n, c) { return this.row.has(n * this.labels.length + c); }

  code(row) { return this.codes.subarray(row * this.length, (row + 1) * this.length); }

  /** Garment n's code of a class; where it has none, its main one. */
  own(n, c) { return this.code(this.row.get(n * this.labels.length + c) ?? this.first[n]); }

  /** What garment n, worn by `parent`, says of a class; its cloth, over the box, where it has none as large. */
  part(n, c, parent, box) {
    if (c === parent || (this.has(n, c) && !this.outgrown(n, c, parent, box))) return this.own(n, c);
    return halves(partOf(floats(this.own(n, parent)), this.grid, box.get(parent), box.get(c)));
  }

  /** Whether a part takes up so many times as much of its garment's box as it does on garment n's picture. */
  outgrown(n, c, parent, box) {
    const seen = this.row.get(n * this.labels.length + c), whole = this.first[n];
    return area(box.get(c)) * area(this.boxOf(whole)) > this.rules.outgrown * area(this.boxOf(seen)) * area(box.get(parent));
  }

  /** Where a row's code lay on its picture. */
  boxOf(row) { return this.box.subarray(4 * row, 4 * row + 4); }

  /** Another garment's code of a part, of those nearest in colour the one a seed gives. */
  near(n, code, c, seed) {
    const level = this.levels(code), rows = [], away = [];
    for (let k = 0; k < this.region.length; k++) {
      if (this.region[k] !== c || this.entry[k] === n) continue;
      const other = (this.level[k] ??= this.levels(this.code(k)));
      rows.push(k);
      away.push(level.reduce((sum, value, channel) => sum + (value - other[channel]) ** 2, 0));
    }
    if (!rows.length) return code;
    const nearest = argsort(away).slice(0, this.rules.near);
    return this.code(rows[nearest[seed % nearest.length]]);
  }

  /** Mean of a code over the grid in steps of 1 / levels, whole numbers [C]. */
  levels(code) {
    const cells = this.grid ** 2, values = floats(code);
    return Array.from({ length: this.channels }, (_, channel) => {
      let sum = 0;
      for (let k = channel * cells; k < (channel + 1) * cells; k++) sum += values[k];
      return Math.floor((sum / cells) * this.rules.levels + 0.5);
    });
  }

  /** Of a garment and its parts: tall or wide (-1 to 1), how far down sleeves and neck reach, in body lengths. */
  measures(main, box) {
    const [top, left, bottom, right] = box.get(main), height = bottom - top, width = right - left;
    const reach = [this.rules.sleeve, this.rules.neckline].map((part) =>
      (box.has(part) && part !== main ? Math.min(1.5, Math.max(0, (box.get(part)[2] - top) / height)) : 0));
    return [(height - width) / (height + width), ...reach];
  }

  /** Of a pair's code the left piece's, as wide as both. */
  leftPiece(code) {
    const { grid } = this;
    return halves(partOf(floats(code), grid, [0, 0, grid, 2 * grid], [0, 0, grid, grid]));
  }
}

const area = ([top, left, bottom, right]) => (bottom - top) * (right - left);

/** Whether no empty column parts a class in its box: one shoe, or a band, in place of two. */
function inOnePiece({ ids, size }, c, [top, left, bottom, right]) {
  for (let x = left; x < right; x++) {
    let y = top;
    while (y < bottom && ids[y * size + x] !== c) y++;
    if (y === bottom) return false;
  }
  return true;
}
