/* A look: everything that makes one garment picture, and its JSON, the very text that garmentgen/looks.py reads and writes.
 *
 *   {map, codes, seed, seeds, diversity, harmony, locked, pinned, weights, engine, scenes}
 *   map     {ids, size}; codes: Map of class -> Uint16Array of half-precision bits; seeds: Map of class -> its own seed
 *   scenes: Map of class -> the scene it is painted in, where that is not the look's own, see `scenes.js`
 *   locked, pinned  Sets of classes. Looks are never changed: every change makes a new one.
 */

import { BACKGROUND, classesOn } from "./geometry.js";
import { MOST_SCENES, keyOf } from "./scenes.js";

const FORMAT = "garmentgen-look-1";
export const MOST_BYTES = 4_000_000;
const MOST_SIDE = 1024, MOST_SEED = Number.MAX_SAFE_INTEGER, MOST_DIVERSITY = 2;

/** What is wrong with something from outside: the name of a message, and what fills it. */
export class Refused extends Error {
  constructor(name, values = {}) {
    super(name);
    Object.assign(this, { name: "Refused", key: name, values });
  }
}

/** [id, count, id, count ...], row by row. */
export function toRuns(ids) {
  const runs = [];
  for (let i = 0; i < ids.length; ) {
    let end = i + 1;
    while (end < ids.length && ids[end] === ids[i]) end++;
    runs.push(ids[i], end - i);
    i = end;
  }
  return runs;
}

/** Inverse of `toRuns`: a map of this side, or null where the runs are none. */
export function fromRuns(runs, size, classes) {
  if (!Array.isArray(runs) || !runs.length || runs.length % 2) return null;
  const ids = new Uint8Array(size * size);
  let at = 0;
  for (let k = 0; k < runs.length; k += 2) {
    const [id, count] = [runs[k], runs[k + 1]];
    if (!(whole(id, 0, classes - 1) || id === BACKGROUND) || !whole(count, 1, ids.length - at)) return null;
    ids.fill(id, at, (at += count));
  }
  return at === ids.length ? { ids, size } : null;
}

const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
const within = (value, low, high) => typeof value === "number" && value >= low && value <= high;
const ascending = (numbers) => [...numbers].sort((a, b) => a - b);

export function toBase64(bytes) {
  let text = "";
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode.apply(null, bytes.subarray(k, k + 8192));
  return btoa(text);
}

/** Base64 -> bytes; null where it is none. */
export function fromBase64(text) {
  let letters;
  try { letters = atob(text); } catch { return null; }
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

/** A look as JSON text; `shape` is a code's, [C, G, G]. */
export function lookToJson(look, shape, labels) {
  const { map, codes } = look, classes = ascending(codes.keys());
  const each = (value) => Object.fromEntries(classes.map((c) => [c, value(c)]));
  const scenes = stored(look);
  return JSON.stringify({
    format: FORMAT, weights: look.weights, seed: look.seed,
    seeds: Object.fromEntries(ascending(look.seeds.keys()).map((c) => [c, look.seeds.get(c)])),
    diversity: look.diversity, harmony: look.harmony, locked: ascending(look.locked), pinned: ascending(look.pinned),
    size: map.size, map: toRuns(map.ids), code_shape: shape,
    codes: each((c) => textOf(codes.get(c))), names: each((c) => labels[c].name), engine: look.engine,
    ...(scenes.length ? { scenes } : {}),
  });
}

const textOf = (code) => toBase64(new Uint8Array(code.buffer, code.byteOffset, code.byteLength));

/** A look's scenes in JSON; of their codes only those that differ from the look's. */
function stored(look) {
  const found = new Map();
  for (const c of ascending(look.scenes.keys())) {
    const scene = look.scenes.get(c), key = keyOf(scene);
    if (!found.has(key)) found.set(key, { classes: [], scene });
    found.get(key).classes.push(c);
  }
  return [...found.values()].map(({ classes, scene: { codes, noiseSeed } }) => ({
    classes, noise_seed: noiseSeed,
    codes: Object.fromEntries(ascending(codes.keys()).filter((c) => textOf(codes.get(c)) !== textOf(look.codes.get(c)))
      .map((c) => [c, textOf(codes.get(c))])),
  }));
}

/** Inverse of `lookToJson`. The text is untrusted: everything is checked; throws Refused. */
export function lookFromJson(text, shape, classes) {
  if (text.length > MOST_BYTES) throw new Refused("session_large");
  let stored;
  try { stored = JSON.parse(text); } catch { throw new Refused("session_no_json"); }
  const fault = (field) => new Refused("session_fault", { field });
  if (stored?.format !== FORMAT) throw fault("format");
  const ids = (list) => Array.isArray(list) && list.every((c) => whole(c, 0, classes - 1));
  const table = (value, check) => value && typeof value === "object" && !Array.isArray(value)
    && Object.entries(value).every(([c, one]) => whole(+c, 0, classes - 1) && check(one));
  const checks = {
    weights: (value) => typeof value === "string" && value.length <= 64,
    seed: (value) => whole(value, 0, MOST_SEED),
    seeds: (value) => table(value, (seed) => whole(seed, 0, MOST_SEED)),
    diversity: (value) => within(value, 0, MOST_DIVERSITY),
    harmony: (value) => within(value, 0, 1),
    locked: ids, pinned: ids,
    size: (value) => whole(value, 1, MOST_SIDE),
    code_shape: (value) => Array.isArray(value) && value.length === 3,
    codes: (value) => table(value, (code) => typeof code === "string"),
    scenes: (value = []) => Array.isArray(value) && value.length <= MOST_SCENES && value.every((scene) => scene && ids(scene.classes)
      && whole(scene.noise_seed, 0, MOST_SEED) && table(scene.codes, (code) => typeof code === "string")),
  };
  for (const [field, check] of Object.entries(checks)) if (!check(stored[field])) throw fault(field);
  if (String(stored.code_shape) !== String(shape)) throw new Refused("session_codes");
  const map = fromRuns(stored.map, stored.size, classes);
  if (!map) throw fault("map");
  const read = (table) => new Map(Object.entries(table).map(([c, code]) => [+c, codeOf(code, shape)])), codes = read(stored.codes);
  const there = classesOn(map);
  if (!there.length) throw fault("map");
  if (String(ascending(codes.keys())) !== String(there)) throw fault("codes");
  const { seed, diversity, harmony, weights } = stored, scenes = new Map();
  for (const { classes: painted, noise_seed: noiseSeed, codes: other } of stored.scenes ?? []) {
    const scene = { codes: new Map([...codes, ...read(other)]), noiseSeed };
    if (scene.codes.size > codes.size || painted.some((c) => !codes.has(c) || scenes.has(c))) throw fault("scenes");
    for (const c of painted) scenes.set(c, scene);
  }
  return {
    map, codes, seed, diversity, harmony, weights, scenes, seeds: new Map(Object.entries(stored.seeds).map(([c, one]) => [+c, one])),
    locked: new Set(stored.locked), pinned: new Set(stored.pinned),
    engine: typeof stored.engine === "string" ? stored.engine : "",
  };
}

function codeOf(text, shape) {
  const bytes = fromBase64(text), numbers = shape.reduce((product, n) => product * n, 1);
  if (bytes?.length !== 2 * numbers) throw new Refused("session_fault", { field: "codes" });
  const code = new Uint16Array(bytes.buffer);
  if (code.some((bits) => (bits & 0x7C00) === 0x7C00)) throw new Refused("session_fault", { field: "codes" });
  return code;
}
