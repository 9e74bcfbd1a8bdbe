/* The page around the painter: garment view, strips of pictures, region list, files, language, light and dark.
 * Read into one script with painter.js (for make, icon, ICONS and mountPainter) and TEXTS (texts.py).
 * Each mount function gets its Gradio component's `element`, `props`, `watch` and what it needs of `trigger`.
 */

Object.assign(ICONS, {
  compare: "M12 3v18M4 6h5v12H4zM15 6h5v12h-5z",
  zoomIn: "M11 4a7 7 0 1 0 .01 0zM16 16l4 4M11 8v6M8 11h6",
  zoomOut: "M11 4a7 7 0 1 0 .01 0zM16 16l4 4M8 11h6",
  again: "M5 11a7 7 0 0 1 12-4l2 2M19 4v5h-5M19 13a7 7 0 0 1-12 4l-2-2M5 20v-5h5",
  locked: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlocked: "M6 11h12v9H6zM8.5 11V7a3.5 3.5 0 0 1 6.8-1.2",
  moon: "M19 14.5A8 8 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
});

const page = { painter: null, lang: null, began: null, tracing: false };
const text = (key) => (TEXTS[key] ?? [key, key])[page.lang === "zh" ? 1 : 0];
const say = (name, detail) => document.dispatchEvent(new CustomEvent("garment:" + name, { detail }));
const hear = (name, act) => document.addEventListener("garment:" + name, (event) => act(event.detail));

function setLang(lang) {
  page.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-tip]")) {
    node.title = text(node.dataset.tip);
    node.setAttribute("aria-label", node.title);
  }
  say("lang", lang);
}

function iconButton(name, tip, onclick) {
  return make("button", { type: "button", class: "gg-icon", "data-tip": tip, title: text(tip), "aria-label": text(tip), onclick }, icon(name));
}

function wordButton(key, onclick) {
  return make("button", { type: "button", class: "gg-word", "data-text": key, onclick }, text(key));
}

// ---------------------------------------------------------------- painter

/** File -> base64 text, or null when it is larger than `most` bytes. */
function readFile(file, most) {
  if (file.size > most) return Promise.resolve(null);
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
}

function painter(element, props, watch, on) {
  const send = (value) => { props.value = value; say("busy"); on.stroke(); };
  page.painter = mountPainter(element.firstElementChild, {
    labels: props.labels, size: props.side, value: props.value, lang: page.lang, keysOn: document, onChange: send,
    onImport: async (file) => on.imported({ data: await readFile(file, 2 ** 21), size: file.size }),
    onExport: () => on.exported(),
  });
  watch("value", () => { if (props.value !== page.painter.getValue()) page.painter.setValue(props.value); });
  hear("lang", (lang) => page.painter.setLang(lang));
}

/** Show the photo of the style tab beneath the labels, to be traced; the second call shows the garment again. */
function trace() {
  const photo = document.querySelector("#photo img");
  page.tracing = !page.tracing && photo !== null;
  page.painter.setUnderlay(page.tracing ? photo.src : document.querySelector("img.gv-picture").src);
  page.painter.setOpacity(page.tracing ? 50 : 100);
  document.querySelector("#painter").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

// ---------------------------------------------------------------- garment view

function view(element, props, watch) {
  const state = { scale: 1, x: 0, y: 0, split: null };
  const garment = make("img", { class: "gv-picture", alt: "garment", draggable: "false" });
  const map = make("img", { class: "gv-picture gv-map", alt: "label map", draggable: "false" });
  const veil = make("div", { class: "gv-veil" }, map), handle = make("div", { class: "gv-handle" });
  const stage = make("div", { class: "gv-stage" }, garment, veil, handle, make("div", { class: "gv-bar" }));
  const time = make("span", { class: "gv-time", "data-tip": "timeTip" });
  const compare = iconButton("compare", "compare", () => setSplit(state.split === null ? 0.5 : null));
  element.firstElementChild.replaceChildren(
    make("div", { class: "gv-head" }, make("span", { class: "gg-title", "data-text": "garment" }, text("garment")), time,
      make("span", { class: "gv-tools" }, compare,
        iconButton("zoomOut", "zoomOut", () => zoom(1 / 1.5)), iconButton("zoomIn", "zoomIn", () => zoom(1.5)))), stage);

  function place() {
    const limit = stage.clientWidth * (state.scale - 1);
    state.x = Math.min(0, Math.max(-limit, state.x));
    state.y = Math.min(0, Math.max(-limit, state.y));
    for (const picture of [garment, map])
      picture.style.transform = `translate(${state.x}px, ${state.y}px) scale(${state.scale})`;
    stage.classList.toggle("gv-zoomed", state.scale > 1);
  }
  function zoom(factor, at = [stage.clientWidth / 2, stage.clientWidth / 2]) {
    const scale = Math.min(8, Math.max(1, state.scale * factor)), ratio = scale / state.scale;
    state.x = at[0] - (at[0] - state.x) * ratio;
    state.y = at[1] - (at[1] - state.y) * ratio;
    state.scale = scale;
    place();
  }
  function setSplit(share) {
    state.split = share;
    compare.setAttribute("aria-pressed", share !== null);
    stage.classList.toggle("gv-split", share !== null);
    const right = 100 * (1 - (share ?? 0));
    veil.style.clipPath = `inset(0 ${right}% 0 0)`;
    handle.style.left = 100 - right + "%";
  }
  const locate = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  stage.addEventListener("wheel", (event) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, locate(event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => zoom(state.scale > 1 ? 1 / state.scale : 2.5, locate(event)));
  stage.addEventListener("pointerdown", (event) => {
    if (event.target !== handle && state.scale === 1) return;
    event.preventDefault();
    const drag = event.target === handle
      ? (e) => setSplit(Math.min(1, Math.max(0, locate(e)[0] / stage.clientWidth)))
      : (e) => { state.x += e.movementX; state.y += e.movementY; place(); };
    stage.setPointerCapture(event.pointerId);
    stage.addEventListener("pointermove", drag);
    stage.addEventListener("lostpointercapture", () => stage.removeEventListener("pointermove", drag), { once: true });
  });

  async function show() {
    const { src, map: mapSrc, ms } = props.value ?? {};
    if (!src) return;
    garment.src = src;
    map.src = mapSrc;
    await garment.decode().catch(() => {});
    time.textContent = Math.round(page.began ? performance.now() - page.began : ms) + " ms";
    page.began = null;
    stage.classList.remove("gv-busy");
    if (!page.tracing) page.painter?.setUnderlay(src);
    requestAnimationFrame(() => setTimeout(() => say("shown", props.value), 0)); // after that frame is painted
  }
  hear("busy", () => { page.began = performance.now(); stage.classList.add("gv-busy"); });
  hear("idle", () => stage.classList.remove("gv-busy"));
  watch("value", show);
  show();
  setSplit(null);
}

// ---------------------------------------------------------------- strips of pictures: templates, variants, history, blend

function strip(element, props, watch, pick) {
  const root = element.firstElementChild;
  root.className = "gs-strip";
  const name = (item) => (page.lang === "zh" ? item.zh : item.en) ?? "";
  function draw() {
    root.replaceChildren(...(props.value ?? []).map((item, index) => {
      const picture = make("img", { src: item.src, alt: "", draggable: "false" });
      const button = make("button", { type: "button", class: "gs-item", title: name(item), onclick: () => { say("busy"); pick({ index }); } }, picture);
      if (item.map) button.append(make("img", { class: "gs-map", src: item.map, alt: "", draggable: "false" }));
      button.append(make("span", { class: "gs-name" }, name(item)));
      return button;
    }));
  }
  watch("value", draw);
  hear("lang", draw);
  draw();
}

// ---------------------------------------------------------------- regions on the map

function regions(element, props, watch, on) {
  const root = element.firstElementChild;
  root.className = "gr-rows";
  function draw() {
    const rows = (props.value ?? []).map(({ id, en, zh, color, locked, share }) => make("div", { class: "gr-row", "data-region": id },
      make("button", { type: "button", class: "gr-name", title: en + " · " + zh, onclick: () => page.painter?.choose(id) },
        make("span", { class: "gp-swatch", style: "background:" + color }),
        make("span", { class: "gp-name" }, page.lang === "zh" ? zh : en), make("small", {}, share)),
      pressed(iconButton(locked ? "locked" : "unlocked", locked ? "unlock" : "lock", () => on.lock({ id, locked: !locked })), locked),
      iconButton("again", "reroll", () => { say("busy"); on.reroll({ id }); })));
    root.replaceChildren(...rows);
  }
  const pressed = (button, on) => { button.setAttribute("aria-pressed", on); return button; };
  watch("value", draw);
  hear("lang", draw);
  draw();
}

// ---------------------------------------------------------------- files: what the server made is saved, a session is opened

function files(element, props, watch, on) {
  const input = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    input.value = "";
    if (file) on.opened({ data: await readFile(file, 2 ** 22), size: file.size });
  });
  element.firstElementChild.replaceChildren(
    make("span", { class: "gg-title", "data-text": "save" }, text("save")),
    wordButton("image", () => on.saved({ kind: "image" })), wordButton("map", () => on.saved({ kind: "map" })),
    wordButton("session", () => on.saved({ kind: "session" })),
    wordButton("openSession", () => input.click()), input);
  watch("value", () => {
    const { name, mime, data } = props.value ?? {};
    if (!data) return;
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const link = make("a", { href: URL.createObjectURL(new Blob([bytes], { type: mime })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
}

// ---------------------------------------------------------------- header

function remember(key, value) {
  try {
    if (value === undefined) return localStorage.getItem("garmentgen." + key);
    localStorage.setItem("garmentgen." + key, value);
  } catch { /* storage is off: the choice lasts as long as the page */ }
  return null;
}

function header(element, onLang) {
  const language = make("button", { type: "button", class: "gg-word gg-lang", onclick: () => {
    remember("lang", page.lang === "zh" ? "en" : "zh");
    setLang(page.lang === "zh" ? "en" : "zh");
    onLang({ lang: page.lang });
  } });
  const dark = iconButton("moon", "dark", () => {
    document.body.classList.toggle("dark");
    remember("dark", document.body.classList.contains("dark"));
  });
  element.firstElementChild.replaceChildren(
    make("span", { class: "gg-brand" }, "garmentgen"),
    make("span", { class: "gg-tagline", "data-text": "tagline" }, text("tagline")),
    make("span", { class: "gg-right" }, language, dark));
  const label = () => { language.textContent = page.lang === "zh" ? "English" : "中文"; };
  hear("lang", label);
  label();
  if (remember("dark") !== null) document.body.classList.toggle("dark", remember("dark") === "true");
  onLang({ lang: page.lang }); // for the server's messages, and Gradio's labels where the choice is not the browser's
}

page.lang = remember("lang") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
document.documentElement.lang = page.lang === "zh" ? "zh-CN" : "en";
window.garmentgen = { painter, view, strip, regions, files, header, trace, say, page };
