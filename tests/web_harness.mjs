/* The page's modules run in Node for tests/test_web.py: node web_harness.mjs MODULES FOLDER < asks.json > answers.json
 *
 * MODULES: where garmentgen/web lies. FOLDER: a built site's files. An ask is [function below, ...its arguments].
 */

import { readFile } from "node:fs/promises";

const [modules, folder] = process.argv.slice(2);
const from = (name) => import(`${modules}/${name}.js`);
const [counter, half, geometry, pictures, scenes, lookFile, { Designer }, { Renderer }, { loadBank, loadGraph }, check] = await Promise.all(
  ["counter", "half", "geometry", "pictures", "scenes", "look", "designer", "renderer", "model", "check"].map(from));

const facts = folder && JSON.parse(await readFile(`${folder}/model.json`, "utf8")), read = folder && check.reader(folder);
const designer = folder && new Designer(facts, await loadBank(facts, read));
let renderer = null;

async function painter() {
  if (renderer) return renderer;
  const ort = await check.runtime(folder, read), run = {};
  for (const size of facts.sizes) run[size] = await loadGraph(ort, `graph-${size}.onnx`, read, "wasm");
  return (renderer = new Renderer(facts, run));
}

const text = (look) => lookFile.lookToJson(look, facts.shape, facts.labels);
const opened = (json) => lookFile.lookFromJson(json, facts.shape, facts.labels.length);
const mapOf = (runs, size) => lookFile.fromRuns(runs, size, 256);

const functions = {
  /** The fixture's own cases, computed here. */
  counter: (cases) => cases.map(({ seed, words, integers }) => {
    const start = counter.key(BigInt(seed), ...words);
    return { seed, words, key: String(start), bits: Array.from(counter.bits(start, 4), String), uniform: counter.uniform(start, 4),
      integers: Object.fromEntries(Object.keys(integers).map((below) => [below, counter.integers(start, +below, 4)])),
      normal: [...counter.normal(start, 5)] };
  }),
  noise: (side) => [...half.floats(half.halves(counter.normal(counter.key(0, side), side * side)))],
  offset: (seed, side) => counter.tileOffset(seed, side),
  halves: (values) => [...half.halves(values)],
  gap: (runs, size, region) => geometry.gaps(mapOf(runs, size)).get(region) ?? null,
  outline: (runs, size, side) => [...pictures.outline(mapOf(runs, size), side)],

  /** Pictures in base64 RGB, and which of them is shown where -> the composed one. */
  composed(pictures, shown, size) {
    const rgba = (rgb) => new Uint8ClampedArray(4 * size * size).map((_, k) => (k % 4 === 3 ? 255 : rgb[3 * (k >> 2) + (k % 4)]));
    const found = scenes.composed(pictures.map((one) => rgba(Buffer.from(one, "base64"))), Buffer.from(shown, "base64"), size);
    return Buffer.from(found.filter((_, k) => k % 4 < 3)).toString("base64");
  },

  /** One look after the other, as Designer makes them: [how, its arguments] starting from nothing; the last one's JSON. */
  look: (steps) => text(steps.reduce((look, [how, ...args]) => ({
    look: (runs, size, seed, diversity, harmony) => designer.look(mapOf(runs, size), seed, diversity, harmony, look),
    variation: (k, count) => designer.variations(look.map, count, look.seed, look.diversity, look.harmony, look)[k],
    reroll: (region, side = null) => designer.reroll(look, region, side),
    lock: (region, locked) => designer.lock(look, region, locked),
    blend: (other, t) => designer.blend(look, opened(other), t),
    open: (json) => opened(json),
  })[how](...args), null)),

  /** Whether a graph that paints the stored picture, some of its values by grey levels off, would be believed. */
  async believed(levels, share) {
    const { timed } = await from("rivals"), { values, step } = facts.proof, size = facts.sizes.at(-1);
    const bytes = Buffer.from(values, "base64"), count = bytes.length / 4, painted = new Float32Array(3 * size * size);
    for (let k = 0; k < count; k++) painted[k * step] = bytes.readFloatLE(4 * k) + (k < share * count ? levels / 127.5 : 0);
    try { return (await timed(facts, async () => painted)) >= 0; } catch (error) { return error.message; }
  },

  /** What painted each of some feeds where another engine, in a worker, fails or keeps silent from one of them on. */
  async painters(feeds, fails, silent) {
    const { asked } = await import("../demo/static/graphics.js"), { orElse } = await from("rivals");
    const told = { by: [], faults: [], ended: 0 }, clock = globalThis.setTimeout;
    globalThis.setTimeout = (act) => clock(act, 20);
    const worker = { terminate: () => { told.ended += 1; }, postMessage: ({ id, feeds: feed }) => {
      if (feed < fails) worker.onmessage({ data: { id, values: "worker" } });
      else if (!silent) worker.onmessage({ data: { id, error: "device lost" } });
    } };
    const graphics = asked(worker, "graph"), run = orElse(graphics.run, async () => "sure", (error) => told.faults.push(error.message));
    for (let feed = 0; feed < feeds; feed++) told.by.push(await run(feed));
    globalThis.setTimeout = clock;
    return told;
  },

  /** A look's picture, its RGB values in base64. */
  async paint(json, size) {
    const rgba = await (await painter()).render(opened(json), size);
    return Buffer.from(rgba.filter((_, k) => k % 4 < 3)).toString("base64");
  },
};

let asks = "";
for await (const chunk of process.stdin) asks += chunk;
const answers = [];
for (const [name, ...args] of JSON.parse(asks)) {
  try { answers.push(await functions[name](...args)); } catch (error) { answers.push({ error: error.key ?? String(error.stack) }); }
}
process.stdout.write(JSON.stringify(answers), () => process.exit()); // left to end by itself, Node may hang: nodejs/node#54918
