/* The graphics processor's worker, gpu.js, as a function. */

const PATIENCE = 10_000; // ms for an answer: drivers may lose a device without a word
const FIRST_PATIENCE = 60_000; // it fetches and compiles

/** A graph of this folder as {run, end}, run: feeds -> values; null where no graphics processor is offered, and then
 * nothing is fetched. After a fault, or `end`, every run throws.
 */
export async function onGraphics(graph) {
  if (!("Suspending" in WebAssembly)) return null; // how the runtime's build waits for it
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter || (adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter)) return null; // software is never faster
  return asked(new Worker(new URL("gpu.js", import.meta.url), { type: "module" }), graph);
}

/** What `onGraphics` gives, of a worker. */
export function asked(worker, graph) {
  const waiting = new Map();
  let count = 0, fault = null;
  const end = (error) => {
    fault ??= error;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(fault);
    waiting.clear();
  };
  worker.onmessage = ({ data: { id, values, error } }) => {
    if (error) return end(new Error(error));
    waiting.get(id)?.resolve(values);
    waiting.delete(id);
  };
  worker.onerror = (event) => end(new Error(event.message || "the worker could not be started"));
  const run = (feeds) => new Promise((resolve, reject) => {
    if (fault) return reject(fault);
    const id = ++count, late = setTimeout(() => end(new Error("no answer in time")), id === 1 ? FIRST_PATIENCE : PATIENCE);
    const settled = (settle) => (value) => { clearTimeout(late); settle(value); };
    waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
    worker.postMessage({ id, graph, feeds });
  });
  return { run, end };
}
