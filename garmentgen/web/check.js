/* node check.js FOLDER: paint the stored look with a folder's files in WebAssembly and compare. Run when one is written. */

import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

import { lookFromJson } from "./look.js";
import { distance, loadGraph } from "./model.js";
import { Renderer } from "./renderer.js";

/** A folder's files, unpacked. */
export const reader = (folder) => async (name) => {
  const bytes = await readFile(`${folder}/${name}`);
  return new Uint8Array(bytes[0] === 0x1F && bytes[1] === 0x8B ? gunzipSync(bytes) : bytes);
};

/** onnxruntime-web of a folder, on one thread. Servers know the name .js for what Node calls .mjs. */
export async function runtime(folder, read) {
  const scratch = await mkdtemp(`${tmpdir()}/garmentgen-`);
  await copyFile(`${folder}/ort-wasm.js`, `${scratch}/ort.mjs`);
  const ort = await import(pathToFileURL(`${scratch}/ort.mjs`));
  await rm(scratch, { recursive: true });
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: await read("ort-wasm.wasm") });
  return ort;
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2], read = reader(folder);
  const facts = JSON.parse(await readFile(`${folder}/model.json`, "utf8")), size = facts.sizes.at(-1);
  const run = await loadGraph(await runtime(folder, read), `graph-${size}.onnx`, read, "wasm");
  const look = lookFromJson(facts.proof.look, facts.shape, facts.labels.length);
  const far = await distance(new Renderer(facts, { [size]: run }), look, facts.proof, size);
  if (!(far <= 1)) throw new Error(`the picture is ${far.toFixed(2)} grey levels from the network's`);
  const words = `Painted in WebAssembly within ${far.toPrecision(2)} grey levels of the network at 99.99 % of the values.\n`;
  process.stdout.write(words, () => process.exit()); // left to end by itself, Node may hang: nodejs/node#54918
}
