/* The parts around the painting: strips of pictures, settings, files. */

// ---------------------------------------------------------------- strips of pictures

/** A row of pictures to click: items [{src, name, ...}]; `hint` is shown while there are none. One tab stop. */
function mountStrip(root, label, hint, pick) {
  root.className = "gs-strip";
  root.setAttribute("role", "toolbar");
  root.dataset.name = label;
  root.setAttribute("aria-label", text(label));
  let items = [];
  function draw() {
    const focus = [...root.children].indexOf(document.activeElement);
    root.replaceChildren(...items.map((item, index) => {
      const name = item.name();
      const button = make("button", { type: "button", class: "gs-item", title: name, "aria-label": name,
        tabindex: index === Math.max(0, focus) ? "0" : "-1", onclick: () => pick(item, index) },
      make("img", { src: item.src, alt: "", draggable: "false" }));
      if (item.map) button.append(make("img", { class: "gs-map", src: item.map, alt: "", draggable: "false" }));
      if (item.shown) button.append(make("span", { class: "gs-name" }, name));
      if (item.present) button.setAttribute("aria-current", "true");
      return button;
    }));
    if (!items.length && hint) root.append(make("p", { class: "gs-hint" }, text(hint)));
    if (focus >= 0) root.children[focus]?.focus?.();
  }
  root.addEventListener("keydown", (event) => {
    const all = [...root.querySelectorAll("button")], at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || !all[to]) return;
    event.preventDefault();
    event.stopPropagation();
    all[at].tabIndex = -1;
    all[to].tabIndex = 0;
    all[to].focus();
  });
  hear("lang", draw);
  const strip = { root, set(next) { items = next; draw(); } };
  strip.set([]);
  return strip;
}

function mountTemplates(root, templates) {
  const strip = mountStrip(root, "templates", null, (_, index) => page.work.ask("template", { index }));
  strip.set(templates.map((item) => ({ ...item, shown: true, name: () => (page.lang === "zh" ? item.zh : item.en) })));
}

function mountVariants(root) {
  const strip = mountStrip(make("div", { id: "variants" }), "variants", "noVariants",
    ({ look }) => page.work.ask("adopt", { chosen: look }, "variant"));
  const more = wordButton("makeVariants", async () => {
    const answer = await page.work.request("variants");
    if (answer) page.work.set("variants", answer.items);
  }, { id: "make-variants" });
  root.append(make("div", { class: "gg-side" }, make("span", { class: "gg-label" }, more, explained("variants"))), strip.root);
  hear("thing:variants", (items) => strip.set((items ?? []).map((item, k) => ({ ...item, name: () => text("variant", { n: k + 1 }) }))));
}

const HISTORY = 24;

function mountHistory(root) {
  const strip = mountStrip(make("div", { id: "history" }), "history", "noHistory", ({ state }) => page.work.recall(state));
  root.append(make("div", { class: "gg-side" }, explained("history")), strip.root);
  follow(() => {
    const looks = page.work.steps.filter(({ state }) => state?.look && !state.failed);
    const last = looks.filter(({ state }, k) => state.look !== looks[k + 1]?.state.look).slice(-HISTORY).reverse();
    const present = page.work.state().look;
    strip.set(last.map(({ state }, k) => ({ src: state.src, state, present: state.look === present,
      name: () => (k ? text("earlier", { n: k }) : text("present")) })));
  });
}

function mountBlend(root) {
  const ends = {};
  const strip = mountStrip(make("div", { id: "blend" }), "blend", "noBlend",
    ({ look }) => page.work.ask("take", { chosen: look }, "blend"));
  const show = (items) => page.work.set("blend", { ...ends, items });
  const from = () => {
    const { look, src } = page.work.state();
    if (!look) return notice("error", message("empty"));
    Object.assign(ends, { start: look, end: null });
    show([{ src, look }]);
  };
  const to = async () => {
    if (!ends.start) return notice("error", message("no_start"));
    const answer = await page.work.request("blend", (state) => ({ start: ends.start, end: (ends.end = state.look) }));
    if (answer) show(answer.items);
  };
  const movie = async () => {
    if (!ends.start || !ends.end) return notice("error", message("no_blend"));
    download(await page.work.request("gif", { start: ends.start, end: ends.end }));
  };
  root.append(make("div", { class: "gg-side" }, make("span", { class: "gg-label" }, wordButton("blendFrom", from, { id: "blend-from" }), explained("blend")),
    wordButton("blendTo", to, { id: "blend-to" }), ...(page.answers("gif") ? [wordButton("gif", movie, { id: "gif" })] : [])), strip.root);
  hear("thing:blend", (blend) => {
    Object.assign(ends, { start: blend?.start, end: blend?.end });
    const items = blend?.items ?? [];
    strip.set(items.map((item, k) => ({ ...item, name: () => text("step", { n: k + 1, of: items.length }) })));
  });
}

// ---------------------------------------------------------------- settings

const DICE = 1_000_000; // seeds short enough to write down
const FREE = 0.5; // harmony when the parts no longer follow their garment

const rollDice = () => page.work.ask("roll", { dice: Math.floor(Math.random() * DICE) });

function mountSettings(root) {
  const seed = make("input", { type: "number", id: "seed-number", min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, inputmode: "numeric" });
  seed.addEventListener("input", () => {
    if (seed.value !== "" && seed.checkValidity()) page.work.change("seed", { seed: +seed.value });
  });
  seed.addEventListener("blur", () => show());
  const dice = wordButton("dice", rollDice, { id: "dice" });
  const sliders = { diversity: slider("diversity", 2), harmony: slider("harmony", 1) };
  const follow = make("input", { type: "checkbox", id: "follow-garment" });
  follow.addEventListener("change", () => page.work.change("harmony", { harmony: follow.checked ? 1 : FREE }));
  root.append(
    make("div", { id: "seed-row" },
      make("div", { id: "seed" }, make("span", { class: "gg-label" }, word("seed", "label", { for: "seed-number" }), explained("seed")), seed), dice),
    sliders.diversity.node, sliders.harmony.node,
    make("div", { id: "follow" }, follow, word("follow", "label", { for: "follow-garment" })));

  function show() {
    const state = page.work.state();
    if (document.activeElement !== seed || +seed.value !== state.seed) seed.value = state.seed;
    for (const [name, { set }] of Object.entries(sliders)) set(state[name]);
    follow.checked = state.harmony >= 1;
  }
  hear("state", show);
}

function slider(name, most) {
  const input = make("input", { type: "range", id: name + "-slider", min: 0, max: most, step: 0.05 });
  const number = make("output", { for: input.id });
  input.addEventListener("input", () => page.work.change(name, { [name]: +input.value }));
  const set = (value) => {
    input.value = value;
    number.textContent = (+value).toFixed(2);
    input.style.setProperty("--share", (100 * value) / most + "%");
  };
  const node = make("div", { id: name, class: "gg-slider" },
    make("span", { class: "gg-label" }, word(name, "label", { for: input.id }), explained(name), number), input);
  return { node, set };
}

// ---------------------------------------------------------------- files

/** File -> base64 text, or null when it is larger than `most` bytes. */
function readFile(file, most) {
  if (file.size > most) return Promise.resolve(null);
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => done("");
    reader.readAsDataURL(file);
  });
}

function saveAs(name, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Save a file the server made. */
function download(answer) {
  if (!answer?.file) return;
  const { name, mime, data } = answer.file;
  saveAs(name, new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type: mime }));
}

const LARGE = 1024; // px, resampled
const MOST_SESSION = 4_000_000, MOST_MAP = 4_000_000;

function mountFiles(root) {
  const input = make("input", { type: "file", accept: ".json,application/json", hidden: "", "data-name": "openSession" });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    input.value = "";
    if (file) page.work.ask("opened", { file: await readFile(file, MOST_SESSION), size: file.size });
  });
  const session = async () => {
    const look = await page.work.session();
    if (look) saveAs("garment-session.json", new Blob([look], { type: "application/json" }));
  };
  const kinds = [["size", page.side, false], ["sizeClear", page.side, true], ["sizeLarge", LARGE, false], ["sizeLargeClear", LARGE, true]];
  const kind = make("select", { id: "picture-kind", "data-name": "kind", "aria-label": text("kind") });
  const name = () => {
    const at = Math.max(0, kind.selectedIndex);
    kind.replaceChildren(...kinds.map(([key, side], k) => make("option", { value: k }, text(key, { side }))));
    kind.selectedIndex = at;
  };
  const picture = async () => {
    const [, side, transparent] = kinds[kind.selectedIndex];
    download(await page.work.request("picture", { side, transparent }));
  };
  hear("lang", name);
  name();
  const line = (...parts) => make("div", { class: "gf-line" }, ...parts);
  root.replaceChildren(word("save", "h3", { class: "gg-title" }), make("div", { class: "gf-lines" },
    line(wordButton("image", picture), kind),
    line(wordButton("map", () => page.painter.exportMap()), wordButton("session", session), explained("session"), wordButton("openSession", () => input.click()))), input);
}

/** How a map was read: [[sentence, is it a warning], ...] */
function tellNotes(notes) {
  if (notes.length) notice(notes.some(([, warning]) => warning) ? "warning" : "info", notes.map(([words]) => words).join(" "));
}

/** A picture of a map from a file becomes the painting. */
async function importMap(file) {
  const answer = await page.work.read("imported", { file: await readFile(file, MOST_MAP), size: file.size });
  if (!answer) return;
  tellNotes(answer.notes);
  page.work.change("import", { map: answer.labels });
}

// ---------------------------------------------------------------- maps as pictures

/** A map in RLE as a data URL in the labels' colours. */
function mapURL(value) {
  const canvas = make("canvas", { width: page.side, height: page.side });
  paintMap(canvas, value);
  return canvas.toDataURL("image/png");
}

function paintMap(canvas, value) {
  const pen = canvas.getContext("2d"), image = pen.createImageData(page.side, page.side);
  image.data.fill(255);
  decodeMap(value, page.side).forEach((id, i) => { if (id !== BACKGROUND) image.data.set(page.colors[id], 4 * i); });
  pen.putImageData(image, 0, 0);
}
