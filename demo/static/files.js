/* The files of this folder, for its workers. */

const files = new Map();

/** A file of this folder, unpacked where it is still packed; brought once. */
export function read(name) {
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

/** onnxruntime-web in one of its builds: NAME.js, which runs NAME.wasm. */
export async function runtime(name, numThreads) {
  const [ort, wasmBinary] = await Promise.all([import(`./${name}.js`), read(`${name}.wasm`)]);
  Object.assign(ort.env.wasm, { numThreads, wasmBinary });
  files.delete(`${name}.wasm`);
  return ort;
}
