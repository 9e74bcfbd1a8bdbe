/* The files that `garmentgen.web.write_model` wrote, read again. `read(name)` gives the bytes of one, unpacked. */

import { Bank } from "./bank.js";
import { fromBase64 } from "./look.js";

const TYPES = { float16: Uint16Array, float32: Float32Array, uint16: Uint16Array };

export async function loadBank(facts, read) {
  const bytes = await read("bank.bin"), arrays = {};
  for (const { name, dtype, shape, at } of facts.arrays) {
    const count = shape.reduce((product, n) => product * n, 1);
    arrays[name] = { shape, data: new TYPES[dtype](bytes.buffer, bytes.byteOffset + at, count) };
  }
  return new Bank(arrays, facts.rules, facts.labels);
}

/** One graph as a function: feeds by name, each {type, data, dims} -> Float32Array. `ort`: onnxruntime-web. */
export async function loadGraph(ort, name, read, provider) {
  const [graph, weights] = await Promise.all([read(name), read("weights.bin")]);
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: [provider], logSeverityLevel: 3, externalData: [{ path: "weights.bin", data: weights }],
  });
  return async (feeds) => {
    const tensors = Object.entries(feeds).map(([input, { type, data, dims }]) => [input, new ort.Tensor(type, data, dims)]);
    const { output } = await session.run(Object.fromEntries(tensors));
    return output.getData();
  };
}

/** How far, in grey levels, a painter is from the stored picture at the worst but one of ten thousand values. */
export async function distance(renderer, look, { values, step }, size) {
  const bytes = fromBase64(values), stored = new Float32Array(bytes.buffer), painted = await renderer.values(look, size);
  const gaps = stored.map((value, k) => Math.abs(value - painted[k * step]) * 127.5).sort();
  return gaps[Math.floor((gaps.length - 1) * 0.9999)];
}
