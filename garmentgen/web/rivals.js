/* Two engines for one graph: the other one is believed when it paints the network's picture, and no slower. */

import { lookFromJson } from "./look.js";
import { distance } from "./model.js";
import { Renderer } from "./renderer.js";

const PASSES = 2; // the first one also compiles and makes room

/** Milliseconds that a graph takes for the stored picture; `turn` waits for the moment of a pass.
 *
 * Throws if the picture is more than one grey level from the network's, and what `run` throws.
 */
export async function timed(facts, run, turn = (pass) => pass()) {
  const size = facts.sizes.at(-1), renderer = new Renderer(facts, { [size]: run }), passes = [];
  const look = lookFromJson(facts.proof.look, facts.shape, facts.labels.length);
  for (let k = 0; k < PASSES; k++) passes.push(await turn(async () => {
    const began = performance.now(), far = await distance(renderer, look, facts.proof, size);
    if (!(far <= 1)) throw new Error(`its picture is ${far.toFixed(2)} grey levels from the network's`);
    return performance.now() - began;
  }));
  return Math.min(...passes);
}

/** A graph that `other` runs until its first fault, and `sure` from then on: every feed is answered. */
export function orElse(other, sure, leave) {
  let left = false;
  return async (feeds) => {
    if (left) return sure(feeds);
    try {
      return await other(feeds);
    } catch (error) {
      if (!left) leave(error);
      left = true;
      return sure(feeds);
    }
  };
}
