/* A map and codes -> the generator's inputs, and its output -> a picture: the twin of garmentgen/renderer.py. */

import { key, normal, tileOffset } from "./counter.js";
import { BACKGROUND, doubled, halved } from "./geometry.js";
import { floats, halves } from "./half.js";
import { composed, keyOf, ownScene, scenesOf } from "./scenes.js";

const REMEMBERED = 16; // pictures of scenes kept at hand: a part drawn anew costs one pass of the network

/** Ids as 64-bit whole numbers, the background as `rest`; written as halves, for a BigInt each takes a while. */
function long(ids, rest) {
  const words = new Int32Array(2 * ids.length); // little-endian, as every browser's machine
  for (let i = 0; i < ids.length; i++) words[2 * i] = ids[i] === BACKGROUND ? rest : ids[i];
  return new BigInt64Array(words.buffer);
}

export class Renderer {
  /** facts: what model.json says of the weights. run: {[size]: (feeds) => Promise<Float32Array>}, feeds by name, each {type, data, dims}. */
  constructor(facts, run) {
    Object.assign(this, { facts, run });
    this.side = facts.sizes[0] / 2;
    this.pictures = new Map();
    this.noise = floats(halves(normal(key(0, this.side), this.side ** 2)));
  }

  /** A map at one of the sizes that are painted. */
  at(map, size) {
    return map.size === size ? map : map.size === 2 * size ? halved(map) : doubled(map);
  }

  inputs(map, { codes, noiseSeed }, size) {
    const { labels, shape } = this.facts, { ids } = this.at(map, size), length = shape.reduce((product, n) => product * n, 1);
    const dense = new Float32Array(labels.length * length);
    for (const [c, code] of codes) dense.set(floats(code), c * length);
    return {
      labels: { type: "int64", data: long(ids, labels.length), dims: [1, size, size] },
      codes: { type: "float32", data: dense, dims: [1, labels.length, ...shape] },
      noise: { type: "float32", data: this.rolled(noiseSeed), dims: [1, 1, this.side, this.side] },
    };
  }

  rolled(seed) {
    const { side, noise } = this, [down, right] = tileOffset(seed, side);
    return noise.map((_, k) => {
      const x = k % side, y = (k - x) / side;
      return noise[((y - down + side) % side) * side + ((x - right + side) % side)];
    });
  }

  /** The generator's output, Float32Array [3, size, size] in [-1, 1], for a look in its own scene. */
  values(look, size) { return this.run[size](this.inputs(look.map, ownScene(look), size)); }

  /** A look's picture, composed of its scenes: RGBA in a Uint8ClampedArray [size, size, 4]; background exactly white. */
  async render(look, size) {
    const { scenes, which } = scenesOf(look), map = this.at(look.map, size), pictures = [];
    for (const scene of scenes) pictures.push(await this.paint(map, scene, size));
    return scenes.length === 1 ? pictures[0] : composed(pictures, map.ids.map((id) => which[id]), size);
  }

  /** A map painted in one scene; the last few pictures are remembered. */
  async paint(map, scene, size) {
    const key = `${keyOf(scene)}|${new TextDecoder("latin1").decode(map.ids)}`, known = this.pictures.get(key);
    const picture = known ?? await this.painted(map, scene, size);
    this.pictures.delete(key);
    this.pictures.set(key, picture);
    if (this.pictures.size > REMEMBERED) this.pictures.delete(this.pictures.keys().next().value);
    return picture;
  }

  async painted(map, scene, size) {
    const values = await this.run[size](this.inputs(map, scene, size)), area = size * size, { fround } = Math;
    const pixels = new Uint8ClampedArray(4 * area).fill(255);
    for (let i = 0; i < area; i++)
      if (map.ids[i] !== BACKGROUND) for (let k = 0; k < 3; k++) pixels[4 * i + k] = fround(fround(values[k * area + i] + 1) * 127.5); // rounds as numpy does
    return pixels;
  }
}
