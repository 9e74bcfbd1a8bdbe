/* The page by itself: a worker answers in place of the server. Read into the page's script after page.js. */

async function start(base) {
  const root = document.querySelector("#page"), props = await (await fetch(new URL("page.json", base))).json();
  const worker = new Worker(new URL("worker.js", base), { type: "module" });
  const waiting = new Map();
  const told = make("footer", { id: "told", role: "status" });
  let engine = null, asked = 0;
  const tell = () => { told.textContent = engine ? text(engine.name, engine) : text("loading"); };
  worker.onmessage = ({ data }) => {
    if (data.engine) {
      if (!engine) keepOffline();
      engine = data.engine;
      return tell();
    }
    if (data.failed) return unable(data.failed);
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  worker.onerror = (event) => unable(event.message);
  const unable = (reason) => {
    console.error(reason);
    told.textContent = message("unable");
    notice("error", message("unable"));
    say("idle");
  };
  hear("lang", tell);
  const ask = (kind, data) => new Promise((answer) => {
    waiting.set(++asked, answer);
    worker.postMessage({ kind, data: { ...data, id: asked } });
  });
  const on = Object.fromEntries(props.events.map((kind) => [kind, (data) => ask(kind, data)]));
  const drape = on.drape; // the fabrics' pictures are the page's
  on.drape = (data) => drape({ ...data, picture: data.picture ?? props.fabrics[data.fabric].src.split(",")[1] });
  await workbench(root, props, on);
  root.append(told);
  tell();
}

/** Let the service worker keep the page for times without a network; the first garment comes first. */
function keepOffline() {
  if (!navigator.serviceWorker) return; // no secure address, or switched off
  setTimeout(() => navigator.serviceWorker.register("sw.js").catch((error) => console.warn("not kept:", error)), 3000);
}

/** Light or dark as the system is, as Gradio has it. */
function followSystem() {
  const system = matchMedia(DARK), follow = () => document.body.classList.toggle("dark", system.matches);
  system.addEventListener("change", follow);
  follow();
}

followSystem();
start(document.currentScript.src);
