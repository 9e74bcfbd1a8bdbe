/* The worker behind a page without a server: it reads the weights and answers the page's events one after the other.
 * It says {engine}, what computes, once it can paint, and again when that changes.
 */

import { Designer } from "./designer.js";
import { read, runtime } from "./files.js";
import { onGraphics } from "./graphics.js";
import { loadBank, loadGraph } from "./model.js";
import { Renderer } from "./renderer.js";
import { orElse, timed } from "./rivals.js";
import { Studio } from "./studio.js";

const MOST_THREADS = 4; // more gain little on a canvas of this size

const json = async (name) => JSON.parse(new TextDecoder().decode(await read(name)));

/** Half the processors of an isolated page, for the others paint the screen; elsewhere threads cannot share memory. */
const threads = () => (self.crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, Math.floor(navigator.hardwareConcurrency / 2))) : 1);

async function open() {
  const ready = runtime("ort-wasm", threads()), [facts, site] = await Promise.all([json("model.json"), json("studio.json")]);
  const [bank, ort] = await Promise.all([loadBank(facts, read), ready]), size = facts.sizes.at(-1);
  const later = (name) => whenAsked(() => loadGraph(ort, name, read, "wasm"));
  const run = Object.fromEntries(facts.sizes.map((side) => [side, later(`graph-${side}.onnx`)]));
  const renderer = new Renderer(facts, { ...run, [size]: await loadGraph(ort, `graph-${size}.onnx`, read, "wasm") });
  const designer = new Designer(facts, bank);
  paintedBy("wasm", designer);
  quicken(renderer, designer).catch((error) => console.info("Painted in WebAssembly:", error));
  return new Studio(designer, renderer, later("encoder.onnx"), site);
}

function paintedBy(name, designer) {
  designer.engine = `${name} f32`;
  postMessage({ engine: { name, threads: threads() } });
}

/** Let the graphics processor paint the canvas if it does so as well and as fast; garments are painted meanwhile. */
async function quicken(renderer, designer) {
  const { facts, size } = designer, sure = renderer.run[size], graphics = await onGraphics("webgpu.onnx");
  if (!graphics) return;
  try {
    const its = await timed(facts, graphics.run), ours = await timed(facts, sure, serially);
    if (its > ours) throw new Error(`WebGPU takes ${its.toFixed()} ms, WebAssembly ${ours.toFixed()} ms`);
  } catch (error) {
    graphics.end(error);
    throw error;
  }
  renderer.run[size] = orElse(graphics.run, sure, (error) => {
    console.warn("Painted in WebAssembly from now on:", error);
    graphics.end(error);
    paintedBy("wasm", designer);
  });
  paintedBy("webgpu", designer);
}

/** A graph that is loaded when it is first run: the encoder's, and the smaller canvas's, for dyes and thumbnails. */
function whenAsked(load) {
  let loading = null;
  return async (feeds) => (await (loading ??= load()))(feeds);
}

let last = Promise.resolve();

/** One after the other, in the order they came. */
function serially(act) {
  last = last.then(act, act);
  return last;
}

const studio = open();
studio.catch((error) => postMessage({ failed: String(error) }));
onmessage = ({ data: { kind, data } }) => serially(async () => postMessage(await (await studio).answer(kind, data)));
