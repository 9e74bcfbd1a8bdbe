/* Words in the chosen language, and the small parts that carry them. Read into one script with painter.js (make, icon,
 * ICONS, encodeMap, decodeMap, mountPainter) and with TEXTS, TERMS, MESSAGES (texts.py).
 */

Object.assign(ICONS, {
  compare: "M12 3v18M4 6h5v12H4zM15 6h5v12h-5z",
  zoomIn: "M11 4a7 7 0 1 0 .01 0zM16 16l4 4M11 8v6M8 11h6",
  zoomOut: "M11 4a7 7 0 1 0 .01 0zM16 16l4 4M8 11h6",
  again: "M5 11a7 7 0 0 1 12-4l2 2M19 4v5h-5M19 13a7 7 0 0 1-12 4l-2-2M5 20v-5h5",
  locked: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlocked: "M6 11h12v9H6zM8.5 11V7a3.5 3.5 0 0 1 6.8-1.2",
  moon: "M19 14.5A8 8 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
  info: "M12 3.5a8.5 8.5 0 1 0 .01 0zM12 11v5.5M12 7.4v.3",
  close: "M6 6l12 12M18 6L6 18",
});

const page = { painter: null, lang: null, began: null }; // began: when the wait for a garment did, null without one

const pick = (table, key) => (table[key] ?? [key, key])[page.lang === "zh" ? 1 : 0];
const text = (key, values = {}) => pick(TEXTS, key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const message = (key) => pick(MESSAGES, key);
const say = (name, detail) => document.dispatchEvent(new CustomEvent("garment:" + name, { detail }));
const hear = (name, act) => document.addEventListener("garment:" + name, (event) => act(event.detail));

/** Have `draw` follow the state, but never while a garment is awaited: it needs the same processor. */
function follow(draw) {
  for (const event of ["state", "shown", "idle"]) hear(event, () => { if (page.began === null) draw(); });
}

/** Where choices of this browser are kept that are no work: language, light or dark. */
function remember(key, value) {
  try {
    if (value === undefined) return localStorage.getItem("garmentgen." + key);
    localStorage.setItem("garmentgen." + key, value);
  } catch { /* storage is off: the choice lasts as long as the page */ }
  return null;
}

function setLang(lang) {
  page.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-term]")) node.textContent = pick(TERMS, node.dataset.term);
  for (const node of document.querySelectorAll("[data-tip]")) named(node, text(node.dataset.tip));
  for (const node of document.querySelectorAll("[data-name]")) node.setAttribute("aria-label", text(node.dataset.name));
  say("lang", lang);
}

function named(node, name) {
  node.title = name;
  node.setAttribute("aria-label", name);
  return node;
}

const word = (key, tag = "span", attributes = {}) => make(tag, { "data-text": key, ...attributes }, text(key));

function iconButton(name, tip, onclick) {
  return named(make("button", { type: "button", class: "gg-icon", "data-tip": tip, onclick }, icon(name)), text(tip));
}

function wordButton(key, onclick, attributes = {}) {
  return make("button", { type: "button", class: "gg-word", "data-text": key, onclick, ...attributes }, text(key));
}

/** A small "i" whose sentence shows while it is pointed at, focused or tapped. */
function explained(term) {
  const id = "term-" + term;
  const button = iconButton("info", "explain", () => button.toggleAttribute("data-open"));
  button.classList.add("gg-info");
  button.setAttribute("aria-describedby", id);
  button.addEventListener("blur", () => button.removeAttribute("data-open"));
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { button.removeAttribute("data-open"); button.blur(); }
  });
  return make("span", { class: "gg-explained" }, button,
    make("span", { class: "gg-sentence", role: "tooltip", id, "data-term": term }, pick(TERMS, term)));
}

/** A message that goes by itself, or stays until it is removed; kind is "error", "warning" or "info". */
function notice(kind, words, stays = false) {
  const toast = make("div", { class: "gg-toast gg-" + kind, role: kind === "error" ? "alert" : "status" },
    make("span", {}, words), iconButton("close", "close", () => toast.remove()));
  const holder = document.querySelector("#notices");
  for (const other of [...holder.children]) if (other.firstElementChild.textContent === words) other.remove();
  while (holder.childElementCount > 3) holder.firstElementChild.remove();
  holder.append(toast);
  if (!stays) setTimeout(() => toast.remove(), kind === "info" ? 8000 : 12000);
  return toast;
}
