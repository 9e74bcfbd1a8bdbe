/* The worker behind a page without a server: it reads the weights and answers the page's events one after the other.
 * It says {engine}, what computes, once it can paint.
 */

import { Designer } from "./designer.js";
import { loadBank, loadGraph } from "./model.js";
import { Renderer } from "./renderer.js";
import { Studio } from "./studio.js";

const MOST_THREADS = 4; // more gain little on a canvas of this size

const files = new Map();

/** A file of this folder, unpacked where it is still packed. */
function read(name) {
  if (!files.has(name)) files.set(name, fetched(name));
  return files.get(name);
}

async function fetched(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 0x1F || bytes[1] !== 0x8B) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

const json = async (name) => JSON.parse(new TextDecoder().decode(await read(name)));

/** Half the processors of an isolated page, for the others paint the screen; elsewhere threads cannot share memory. */
const threads = () => (self.crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, Math.floor(navigator.hardwareConcurrency / 2))) : 1);

async function runtime() {
  const [ort, wasmBinary] = await Promise.all([import("./ort-wasm.js"), read("ort-wasm.wasm")]);
  Object.assign(ort.env.wasm, { numThreads: threads(), wasmBinary });
  files.delete("ort-wasm.wasm");
  return ort;
}

async function open() {
  const ready = runtime(), [facts, site] = await Promise.all([json("model.json"), json("studio.json")]);
  const [bank, ort] = await Promise.all([loadBank(facts, read), ready]), size = facts.sizes.at(-1);
  const later = (name) => whenAsked(() => loadGraph(ort, name, read, "wasm"));
  const run = Object.fromEntries(facts.sizes.map((side) => [side, later(`graph-${side}.onnx`)]));
  const renderer = new Renderer(facts, { ...run, [size]: await loadGraph(ort, `graph-${size}.onnx`, read, "wasm") });
  postMessage({ engine: { name: "wasm", threads: threads() } });
  return new Studio(new Designer(facts, bank, "wasm f32"), renderer, later("encoder.onnx"), site);
}

/** A graph that is loaded when it is first run: the encoder's, and the smaller canvas's, which only dyes ask for. */
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
