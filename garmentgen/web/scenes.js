/* In which company a part is painted: the twin of garmentgen/scenes.py, which says why. A scene is {codes, noiseSeed}. */

import { BACKGROUND, counted, windows } from "./geometry.js";

export const MOST_SCENES = 3;
const BORDER = 2; // pixels on both sides of a border between two scenes that mix them
const keys = new WeakMap();

/** A text that is equal where the pictures are. */
export function keyOf(scene) {
  if (!keys.has(scene)) {
    const codes = [...scene.codes].sort(([a], [b]) => a - b);
    keys.set(scene, codes.map(([c, code]) => `|${c}:${String.fromCharCode.apply(null, code)}`).join("") + `|${scene.noiseSeed}`);
  }
  return keys.get(scene);
}

/** The scene of all classes of a look that have none kept. At diversity 0 no seed may show. */
export const ownScene = ({ codes, seed, diversity }) => ({ codes, noiseSeed: diversity ? seed : 0 });

/** The scene that a class of a look is painted in. */
export const sceneOf = (look, c) => look.scenes.get(c) ?? ownScene(look);

/** The look with its classes painted in these scenes, a Map, the few of them that it keeps. */
export function under(look, scenes) {
  const own = ownScene(look), ownKey = keyOf(own), area = counted(look.map), worth = new Map(), apart = [];
  for (const [c, { codes, noiseSeed }] of [...scenes].sort(([a], [b]) => a - b)) {
    if (!look.codes.has(c)) continue;
    const whole = { codes: new Map([...own.codes].map(([k, code]) => [k, codes.get(k) ?? code])), noiseSeed }, key = keyOf(whole);
    if (key === ownKey) continue;
    const one = worth.get(key) ?? { key, scene: whole, holds: 0, pixels: 0 };
    worth.set(key, { ...one, holds: one.holds | look.locked.has(c), pixels: one.pixels + area[c] });
    apart.push([c, key]);
  }
  const best = [...worth.values()].sort((a, b) => b.holds - a.holds || b.pixels - a.pixels).slice(0, MOST_SCENES);
  const kept = new Map(best.map(({ key, scene }) => [key, scene]));
  return { ...look, scenes: new Map(apart.filter(([, key]) => kept.has(key)).map(([c, key]) => [c, kept.get(key)])) };
}

/** The look with other codes for some classes, a Map, and other changes; every other class stays as it is painted. */
export function redressed(look, codes, changes = {}) {
  const others = [...look.codes.keys()].filter((c) => !codes.has(c)).map((c) => [c, sceneOf(look, c)]);
  const whole = new Map([...look.codes, ...codes].sort(([a], [b]) => a - b));
  return under({ ...look, codes: whole, ...changes }, new Map(others));
}

/** The scenes of a look in the order of their lowest class, and which of them every id is painted in, [256]. */
export function scenesOf(look) {
  const scenes = [], own = ownScene(look), numbers = new Map(), which = new Uint8Array(256).fill(BACKGROUND);
  for (const c of [...look.codes.keys()].sort((a, b) => a - b)) {
    const scene = look.scenes.get(c) ?? own, key = keyOf(scene);
    if (!numbers.has(key)) { numbers.set(key, scenes.length); scenes.push(scene); }
    which[c] = numbers.get(key);
  }
  return { scenes, which };
}

/** One picture of several, RGBA each; `shown`: which of them each pixel is of, BACKGROUND outside the garment. */
export function composed(pictures, shown, size) {
  const counts = pictures.map((_, n) => windows(shown.map((of) => (of === n ? 1 : 0)), size, BORDER)), result = new Uint8ClampedArray(4 * shown.length).fill(255);
  for (let i = 0; i < shown.length; i++) {
    if (shown[i] === BACKGROUND) continue;
    let total = 0;
    for (const count of counts) total += count[i];
    for (let k = 4 * i; k < 4 * i + 3; k++) {
      let sum = Math.floor(total / 2);
      for (let n = 0; n < pictures.length; n++) sum += counts[n][i] * pictures[n][k];
      result[k] = Math.floor(sum / total);
    }
  }
  return result;
}
