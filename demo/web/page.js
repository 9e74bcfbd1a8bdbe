/* The page: where its parts stand, the painter, the header, how it begins and how it is left. */

const DARK = "(prefers-color-scheme: dark)";

function mountHeader(root) {
  const language = make("button", { type: "button", class: "gg-word gg-lang", onclick: () => {
    remember("lang", page.lang === "zh" ? "en" : "zh");
    setLang(page.lang === "zh" ? "en" : "zh");
  } });
  const dark = iconButton("moon", "dark", () => {
    document.body.classList.toggle("dark");
    remember("dark", document.body.classList.contains("dark"));
  });
  root.replaceChildren(make("h1", { class: "gg-brand" }, "garmentgen"), word("tagline", "span", { class: "gg-tagline" }),
    make("span", { class: "gg-right" }, language, dark));
  const label = () => {
    language.textContent = page.lang === "zh" ? "English" : "中文";
    language.lang = page.lang === "zh" ? "en" : "zh-CN";
  };
  hear("lang", label);
  label();
  /** As chosen here; before that the page goes by the system, which `server.js`'s Gradio or `start.js` sees to. */
  const asChosen = () => { if (remember("dark") !== null) document.body.classList.toggle("dark", remember("dark") === "true"); };
  matchMedia(DARK).addEventListener("change", asChosen);
  asChosen();
}

function mountPainting(root, labels) {
  let painted = page.work.state().map; // what stands in the painter, but for a stroke under way
  page.painter = mountPainter(root, {
    labels, size: page.side, value: painted, lang: page.lang, keysOn: document,
    onChange: (map) => page.work.change("map", { map: painted = map }),
    onUndo: () => page.work.travel(-1), onRedo: () => page.work.travel(1),
    onView: (view) => say("view", view), onImport: page.answers("imported") ? importMap : undefined,
  });
  hear("lang", (lang) => page.painter.setLang(lang));
  hear("state", () => {
    const { map } = page.work.state();
    if (map !== painted) page.painter.setValue(painted = map);
    page.painter.setHistory({ undo: page.work.at > 0, redo: page.work.at < page.work.steps.length - 1 });
  });
}

const TABS = { variants: mountVariants, history: mountHistory, blend: mountBlend, style: mountStyle, lookbook: mountLookbook };

function mountDrawer(root) {
  const names = Object.keys(TABS).filter((name) => name !== "style" || page.answers("style")), tabs = {}, panels = {};
  const list = make("div", { role: "tablist", class: "gg-tabs" });
  const open = (chosen) => names.forEach((name) => {
    tabs[name].setAttribute("aria-selected", name === chosen);
    tabs[name].tabIndex = name === chosen ? 0 : -1;
    panels[name].hidden = name !== chosen;
  });
  for (const name of names) {
    tabs[name] = word(name, "button", { type: "button", role: "tab", id: "tab-" + name, "aria-controls": "panel-" + name, onclick: () => open(name) });
    panels[name] = make("div", { role: "tabpanel", id: "panel-" + name, class: "gg-panel", "aria-labelledby": "tab-" + name });
    list.append(tabs[name]);
    TABS[name](panels[name]);
  }
  list.addEventListener("keydown", (event) => {
    const at = names.indexOf(event.target.id.slice(4));
    const to = { ArrowRight: (at + 1) % names.length, ArrowLeft: (at + names.length - 1) % names.length, Home: 0, End: names.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    open(names[to]);
    tabs[names[to]].focus();
  });
  root.replaceChildren(list, ...Object.values(panels));
  open("variants");
}

/** Offer the work of a tab that was closed; this one begins anew otherwise. */
async function offerFormer() {
  const former = await page.store.latest().catch(() => null);
  if (!former) return;
  const bar = make("div", { id: "former", role: "status" }, word("continueHint"),
    wordButton("continue", async () => {
      bar.remove();
      const kept = await page.store.read(former.tab);
      if (!kept || !page.work.restore(kept)) notice("error", message("gone"));
    }), iconButton("close", "close", () => bar.remove()));
  document.querySelector("#header").after(bar);
  hear("busy", () => bar.remove());
}

/** Say that the server does not answer for as long as it does not: a stroke seen at once hides that its garment is not. */
function tellAway() {
  let said = null;
  hear("away", (away) => {
    if (away) return void (said ??= notice("warning", message("unreachable"), true));
    said?.remove();
    said = null;
  });
}

/** Leaving asks while there is work that no session file holds; not when Gradio reloads after a lost connection. */
function guardLeaving() {
  let lost = 0;
  const fetched = window.fetch;
  window.fetch = async (...request) => {
    try { return await fetched(...request); } catch (error) { lost = Date.now(); throw error; }
  };
  window.addEventListener("offline", () => { lost = Date.now(); });
  window.addEventListener("beforeunload", (event) => {
    const kept = !page.store.broken && page.store.db;
    if (page.work.unsaved() && !(kept && Date.now() - lost < 10000)) event.preventDefault();
  });
}

/** The whole page in one element; `on`: who answers its events, by name. A control whose event nobody answers is not shown. */
async function workbench(element, props, on) {
  page.answers = (kind) => kind in on;
  const box = (id, tag = "div") => make(tag, { id });
  const parts = Object.fromEntries(["header", "templates", "painter", "view", "files", "settings", "regions", "drawer"].map((id) => [id, box(id, id === "header" ? "header" : "div")]));
  element.firstElementChild.className = "gg-page";
  Object.assign(page, { side: props.side, labels: props.labels, weights: props.weights, fabrics: props.fabrics,
    colors: props.labels.map(({ color }) => [...rgb(color), 255]), store: mountStore() });
  page.work = mountWork(page.store, on, props.value);
  element.firstElementChild.replaceChildren(parts.header, parts.templates, make("div", { id: "studio" },
    make("section", { id: "paint-side", "data-name": "painting", "aria-label": text("painting") }, parts.painter),
    make("section", { id: "garment-side", "data-name": "garment", "aria-label": text("garment") }, parts.view, parts.files),
    make("section", { id: "control-side", "data-name": "controls", "aria-label": text("controls") }, parts.settings, parts.regions)),
  parts.drawer, make("div", { id: "notices" }));
  mountHeader(parts.header);
  mountTemplates(parts.templates, props.templates);
  mountPainting(parts.painter, props.labels);
  mountView(parts.view);
  mountFiles(parts.files);
  mountSettings(parts.settings);
  mountRegions(parts.regions);
  mountDrawer(parts.drawer);
  guardLeaving();
  tellAway();
  const kept = await page.store.open();
  if (kept && page.work.restore(kept)) return;
  if (kept) page.store.leave();
  page.work.begin({ variants: props.variants });
  const { look } = kept?.steps.get(kept.head.ids[kept.head.at])?.state ?? {};
  if (look) page.work.ask("opened", { file: btoa(look), size: look.length }); // painted on another canvas
  if (page.store.broken) notice("warning", message("not_kept"));
  else offerFormer();
}

page.lang = remember("lang") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
document.documentElement.lang = page.lang === "zh" ? "zh-CN" : "en";
window.garmentgen = { workbench, page };
