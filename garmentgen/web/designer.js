/* Dresses label maps: the twin of garmentgen/inference.py over a bank. Looks come and go as `look.js` describes them. */

import { integers, key } from "./counter.js";
import { classesOn, gaps, halved, mainClass } from "./geometry.js";
import { floats, halves } from "./half.js";
import { Refused } from "./look.js";
import { redressed, sceneOf, under } from "./scenes.js";

export class Designer {
  /** facts: what model.json says of the weights; bank: a Bank; engine: what looks say painted them. */
  constructor(facts, bank, engine = "") {
    Object.assign(this, { facts, bank, engine, labels: facts.labels, size: facts.sizes.at(-1), weights: facts.weights });
  }

  /** Draw the codes of a map. `like`: an earlier look whose seeds and locked codes stay; see Designer.look in Python. */
  look(map, seed, diversity, harmony, like = null) {
    const here = new Set(classesOn(map)), only = (set) => new Set([...set].filter((c) => here.has(c)));
    const same = like && like.seed === seed && like.diversity === diversity && like.harmony === harmony && like.weights === this.weights;
    const kept = like ? [...like.codes].filter(([c]) => here.has(c) && (same || like.locked.has(c) || like.pinned.has(c))) : [];
    const sampled = this.sampled({
      map, codes: new Map(), seed, diversity, harmony, weights: this.weights, engine: this.engine,
      seeds: new Map(like ? [...like.seeds].filter(([c]) => here.has(c)) : []),
      locked: only(like?.locked ?? []), pinned: only(like?.pinned ?? []),
    }, new Map(kept));
    if (same && map.ids.every((id, i) => id === like.map.ids[i])) return under(sampled, like.scenes);
    return under(sampled, new Map([...(like?.locked ?? [])].map((c) => [c, sceneOf(like, c)]))); // a stroke waits for one pass
  }

  /** n looks of one map: the first has this very seed, the others consecutive ones that follow from it. */
  variations(map, n, seed, diversity, harmony, like = null) {
    const { hands } = this.bank.rules, first = hands * integers(key(seed), 2 ** 31 / hands, 1)[0];
    const others = Array.from({ length: n - 1 }, (_, k) => first + k);
    return [seed, ...others].map((one) => this.look(map, one, diversity, harmony, like));
  }

  /** Draw one class, or one side of a pair, anew; every other stays as it is painted. */
  reroll(look, region, side = null) {
    const fresh = (seedOf(look, region) + 1) % 2 ** 53;
    const others = new Map([...look.codes].filter(([c]) => c !== region));
    const seeds = new Map([...look.seeds, [region, fresh]]), code = this.sampled({ ...look, seeds }, others).codes.get(region);
    if (side !== null) return this.onOneSide({ ...look, seeds }, region, code, side);
    const pinned = new Set([...look.pinned].filter((c) => c !== region));
    return redressed(look, new Map([[region, code]]), { seeds, pinned, engine: this.engine });
  }

  /** Keep, or free, a class's codes when seed, sliders or map change. */
  lock(look, region, locked) {
    const kept = new Set(look.locked);
    if (locked) kept.add(region); else kept.delete(region);
    return { ...look, locked: kept };
  }

  /** Codes between two looks on a's map, a straight line from t = 0 to 1; a class b lacks follows b's main garment. */
  blend(a, b, t) {
    const main = mainClass(b.map, this.labels), { fround } = Math, near = fround(1 - t), far = fround(t);
    const towards = (codes) => new Map([...codes].map(([c, code]) => {
      const other = floats(b.codes.get(c) ?? b.codes.get(main));
      return [c, halves(floats(code).map((value, k) => fround(near * value) + fround(far * other[k])))];
    }));
    const scenes = [...a.scenes].map(([c, scene]) => [c, { ...scene, codes: towards(scene.codes) }]), codes = towards(a.codes);
    return under({ ...a, codes, pinned: t ? new Set(codes.keys()) : a.pinned, engine: this.engine }, new Map(scenes));
  }

  /** The look with codes for some classes, from a photo's: a class the photo lacks follows its main garment. */
  styled(look, found, main, regions) {
    const given = new Map(regions.map((c) => [c, found.get(c) ?? found.get(main)]));
    return redressed(look, given, { pinned: new Set([...look.pinned, ...regions]), engine: this.engine });
  }

  /** The look with a code given for a class, or for the half of it that lies on one side. */
  onOneSide(look, region, code, side) {
    let given = code;
    if (side !== null) {
      const share = gaps(look.map).get(region), { grid } = this.bank, former = look.codes.get(region);
      if (share === undefined) throw new Refused("no_sides");
      given = code.map((value, k) => (((k % grid) + 0.5) / grid < share === (side === "left") ? value : former[k]));
    }
    return redressed(look, new Map([[region, given]]), { pinned: new Set([...look.pinned, region]), engine: this.engine });
  }

  /** Classes of the map that lie apart, left and right. */
  pairs(look) { return [...gaps(look.map).keys()]; }

  /** The map at the side that codes belong to. */
  coarse(map) { return map.size === this.facts.sizes[0] ? map : halved(map); }

  /** The look with codes for every class of its map: the given ones as they are, the others from the bank. */
  sampled(look, given) {
    const codes = new Map(given);
    for (const map of [this.coarse(look.map), look.map]) {
      const here = new Set(classesOn(map));
      if ([...here].every((c) => codes.has(c))) continue;
      const there = new Map([...codes].filter(([c]) => here.has(c)));
      for (const [c, code] of this.bank.sample(map, (c) => seedOf(look, c), look.diversity, look.harmony, there)) codes.set(c, code);
    }
    return { ...look, codes: new Map([...codes].sort(([a], [b]) => a - b)), scenes: new Map(), engine: this.engine };
  }
}

/** The seed that draws a class. */
export const seedOf = (look, region) => look.seeds.get(region) ?? look.seed;
