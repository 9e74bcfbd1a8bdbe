/* A worker for a graph on the graphics processor: {id, graph, feeds} -> {id, values} or {id, error}.
 *
 * It is apart so that neither compiling the graph nor a driver's fault holds up the worker that paints without it.
 */

import { read, runtime } from "./files.js";
import { loadGraph } from "./model.js";

let opening = null;

onmessage = async ({ data: { id, graph, feeds } }) => {
  try {
    opening ??= runtime("ort-webgpu", 1).then((ort) => loadGraph(ort, graph, read, "webgpu"));
    const values = await (await opening)(feeds);
    postMessage({ id, values }, [values.buffer]);
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
