/* The garment label painter. One plain file: no build step, no dependency, no request to anywhere.
 *
 *   const painter = mountPainter(element, {
 *     labels,      // [{id, name, name_zh, group, group_zh, color: "#rrggbb"}, ...], ids 0 .. n-1
 *     size,        // side of the square map in pixels
 *     value,       // optional: the map to start with, RLE JSON
 *     lang,        // "en" or "zh"
 *     chosen,      // optional: id of the class in the brush at the start
 *     onChange,    // optional: (value, what) after each finished step; what is "stroke", "undo", "clear" ...
 *     onImport,    // optional: (File) when the user picks or drops a picture; without it there is no such button
 *     onExport,    // optional: () instead of saving the map as a PNG from here
 *   })
 *   painter.getValue()           the map as RLE JSON
 *   painter.setValue(value)      show another map; the former one can be brought back with undo; no onChange
 *   painter.setLang("zh")        names and tooltips in the other language
 *   painter.setUnderlay(url)     a picture beneath the labels, or null; seen when the labels are not opaque
 *   painter.setOpacity(percent)  of the labels
 *   painter.choose(id)           take a class into the brush
 *   painter.destroy()
 *
 * The value: {"w": 256, "h": 256, "runs": [id, count, id, count, ...]}, rows from the top, 255 = background.
 * The ids live in one Uint8Array. The canvas only shows them and is never read back.
 */

const BACKGROUND = 255;
const UNDO_STEPS = 100;

const TEXT = {
  en: {
    brush: "Brush", bucket: "Fill", eraser: "Eraser", picker: "Pick a class", rect: "Rectangle", polygon: "Polygon",
    mirror: "Mirror left and right", inside: "Stay inside the class under the first touch", undo: "Undo", redo: "Redo",
    clear: "Clear all", swap: "Replace a class everywhere", open: "Open a PNG map", save: "Save the map as PNG",
    help: "Keys", size: "Size", opacity: "Labels", search: "Search class", background: "background", none: "No such class",
    from: "From", to: "To", apply: "Replace", cancel: "Cancel", onMap: "on the map",
    helpText: [["B", "brush"], ["G", "fill"], ["E", "eraser"], ["I or Alt", "pick a class"], ["R", "rectangle"],
      ["P", "polygon: click corners, Enter closes, Esc drops"], ["M", "mirror"], ["S", "stay inside"],
      ["[ ]  or wheel", "brush size"], ["right button", "erase"], ["X", "former class"], ["/", "search class"],
      ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["?", "this sheet"]],
  },
  zh: {
    brush: "画笔", bucket: "填充", eraser: "橡皮", picker: "取色", rect: "矩形", polygon: "多边形",
    mirror: "左右对称", inside: "只在起笔的类别内绘制", undo: "撤销", redo: "重做",
    clear: "清空", swap: "把一个类别整体换成另一个", open: "打开 PNG 标签图", save: "保存标签图 PNG",
    help: "快捷键", size: "大小", opacity: "标签", search: "搜索类别", background: "背景", none: "没有这个类别",
    from: "从", to: "到", apply: "替换", cancel: "取消", onMap: "图中已有",
    helpText: [["B", "画笔"], ["G", "填充"], ["E", "橡皮"], ["I 或 Alt", "取色"], ["R", "矩形"],
      ["P", "多边形：点出顶点，回车闭合，Esc 放弃"], ["M", "对称"], ["S", "不出界"],
      ["[ ] 或滚轮", "画笔大小"], ["右键", "擦除"], ["X", "上一个类别"], ["/", "搜索类别"],
      ["Ctrl Z", "撤销"], ["Ctrl Shift Z", "重做"], ["?", "本表"]],
  },
};

const ICONS = {
  brush: "M4 20c3 0 5-1 5-4l9-11a1.8 1.8 0 0 1 2.6 2.5L10 17M9 16c-3-1-5 1-5 4",
  bucket: "M5 12l7-8 7 8-6 7a1.5 1.5 0 0 1-2 0zM5 12h14M12 4L9 2M20 15c1.5 2.5 1.5 4 0 4.5-1.5-.5-1.5-2 0-4.5",
  eraser: "M8 20l-4-4a2 2 0 0 1 0-2.8L13 4a2 2 0 0 1 2.8 0L20 8.3a2 2 0 0 1 0 2.8L11.5 20zM7.5 9.5l7 7M8 20h12",
  picker: "M4 20l1-4 8-8 3 3-8 8zM12 7l2-3a2.3 2.3 0 0 1 4 0l2 2a2.3 2.3 0 0 1 0 4l-3 2z",
  rect: "M4 6h16v12H4z",
  polygon: "M12 3l9 7-4 10H7L3 10z",
  mirror: "M12 3v18M9 7v10H3zM15 7v10h6z",
  inside: "M4 4h16v16H4zM9 9h6v6H9z",
  undo: "M9 6L4 11l5 5M4 11h10a5 5 0 0 1 0 10h-2",
  redo: "M15 6l5 5-5 5M20 11H10a5 5 0 0 0 0 10h2",
  clear: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
  open: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
  save: "M12 4v12M7 11l5 5 5-5M4 16v4h16v-4",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5",
};

// ---------------------------------------------------------------- the map as text

export function encodeMap(ids, size) {
  const runs = [];
  for (let i = 0; i < ids.length; ) {
    let end = i + 1;
    while (end < ids.length && ids[end] === ids[i]) end++;
    runs.push(ids[i], end - i);
    i = end;
  }
  return JSON.stringify({ w: size, h: size, runs });
}

export function decodeMap(text, size) {
  const { w, h, runs } = JSON.parse(text);
  if (w !== size || h !== size) throw new Error("map of another size");
  const ids = new Uint8Array(size * size).fill(BACKGROUND);
  for (let i = 0, at = 0; i < runs.length; i += 2) ids.fill(runs[i], at, (at += runs[i + 1]));
  return ids;
}

// ---------------------------------------------------------------- shapes: each calls put(x, y) for its pixels

/** Every pixel whose centre is within `radius` of the segment (points in pixel units, corner = 0). */
function capsule(x0, y0, x1, y1, radius, put) {
  const dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
  const reach = Math.max(radius, 0.71); // a brush of one pixel still hits the pixel it is in
  const fromY = Math.floor(Math.min(y0, y1) - reach), toY = Math.ceil(Math.max(y0, y1) + reach);
  const fromX = Math.floor(Math.min(x0, x1) - reach), toX = Math.ceil(Math.max(x0, x1) + reach);
  for (let y = fromY; y <= toY; y++) {
    for (let x = fromX; x <= toX; x++) {
      const px = x + 0.5 - x0, py = y + 0.5 - y0;
      const t = length2 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
      const ex = px - t * dx, ey = py - t * dy;
      if (ex * ex + ey * ey <= radius * radius) put(x, y);
    }
  }
  put(Math.floor(x1), Math.floor(y1));
}

function rectangle([x0, y0], [x1, y1], put) {
  const toY = Math.floor(Math.max(y0, y1)), toX = Math.floor(Math.max(x0, x1));
  for (let y = Math.floor(Math.min(y0, y1)); y <= toY; y++)
    for (let x = Math.floor(Math.min(x0, x1)); x <= toX; x++) put(x, y);
}

/** Even-odd filling at pixel centres. */
function polygon(points, size, put) {
  for (let y = 0; y < size; y++) {
    const cuts = [];
    points.forEach(([x0, y0], i) => {
      const [x1, y1] = points[(i + 1) % points.length];
      if (y0 <= y + 0.5 !== y1 <= y + 0.5) cuts.push(x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0));
    });
    cuts.sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i += 2)
      for (let x = Math.ceil(cuts[i] - 0.5); x < cuts[i + 1] - 0.5; x++) put(x, y);
  }
}

/** The 4-connected area of one id around (x, y), as a list of indices. */
function area(ids, size, x, y) {
  const first = y * size + x, id = ids[first];
  const seen = new Uint8Array(ids.length), found = [first];
  seen[first] = 1;
  for (let k = 0; k < found.length; k++) {
    const i = found[k], column = i % size;
    const near = [column > 0 ? i - 1 : -1, column < size - 1 ? i + 1 : -1, i - size, i + size];
    for (const j of near) {
      if (j < 0 || j >= ids.length || seen[j] || ids[j] !== id) continue;
      seen[j] = 1;
      found.push(j);
    }
  }
  return found;
}

// ---------------------------------------------------------------- small DOM helpers

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** "#rrggbb" -> [r, g, b] */
function rgb(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

function icon(name) {
  const holder = make("span", { class: "gp-icon" });
  holder.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="' + ICONS[name] + '"/></svg>';
  return holder;
}

// ---------------------------------------------------------------- the document: ids, undo, redo

class MapDocument {
  constructor(size, value) {
    this.size = size;
    this.ids = value ? decodeMap(value, size) : new Uint8Array(size * size).fill(BACKGROUND);
    this.past = [];
    this.future = [];
  }

  /** Keep `before` (a copy of the ids) as the step to return to; false when nothing changed since. */
  commit(before) {
    if (before.every((id, i) => id === this.ids[i])) return false;
    this.past.push(before);
    if (this.past.length > UNDO_STEPS) this.past.shift();
    this.future = [];
    return true;
  }

  /** Run `change()` as one undoable step. */
  edit(change) {
    const before = this.ids.slice();
    change();
    return this.commit(before);
  }

  travel(from, to) {
    if (!from.length) return false;
    to.push(this.ids);
    this.ids = from.pop();
    return true;
  }

  present() {
    return [...new Set(this.ids)].filter((id) => id !== BACKGROUND).sort((a, b) => a - b);
  }
}

// ---------------------------------------------------------------- the class list

function mountPalette(root, labels, onChoose) {
  const search = make("input", { class: "gp-search", type: "search", autocomplete: "off", spellcheck: "false" });
  const list = make("div", { class: "gp-classes", role: "listbox" });
  const empty = make("div", { class: "gp-none" });
  root.append(search, list, empty);
  const items = new Map(), groups = [];
  for (const label of labels) {
    let group = groups.find((g) => g.name === label.group);
    if (!group) {
      group = { name: label.group, zh: label.group_zh, title: make("div", { class: "gp-group" }), items: [] };
      groups.push(group);
      list.append(group.title);
    }
    const swatch = make("span", { class: "gp-swatch", style: "background:" + label.color });
    const name = make("span", { class: "gp-name" });
    const item = make("button", { class: "gp-class", type: "button", role: "option", "data-id": label.id,
      onclick: () => onChoose(label.id) }, swatch, name);
    item.nameNode = name;
    list.append(item);
    items.set(label.id, item);
    group.items.push({ label, item });
  }

  function filter() {
    const words = search.value.trim().toLowerCase();
    const hit = ({ id, name, name_zh }) => !words || (name + " " + name_zh).toLowerCase().includes(words) || String(id) === words;
    let any = false;
    for (const group of groups) {
      const whole = words && (group.name + " " + group.zh).toLowerCase().includes(words);
      for (const { label, item } of group.items) item.hidden = !(hit(label) || whole);
      group.title.hidden = group.items.every(({ item }) => item.hidden);
      any = any || !group.title.hidden;
    }
    empty.hidden = any;
  }
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const first = [...items.values()].find((item) => !item.hidden);
    if (event.key === "Enter" && first) first.click();
    if (event.key === "Enter" || event.key === "Escape") { search.value = ""; filter(); search.blur(); }
  });
  filter();

  return {
    search,
    mark(chosen, present) {
      for (const [id, item] of items) {
        item.setAttribute("aria-selected", id === chosen);
        item.classList.toggle("gp-present", present.has(id));
      }
    },
    reveal(id) {
      const item = items.get(id); // scroll the list alone, never the page
      if (!item || item.hidden) return;
      const box = list.getBoundingClientRect(), own = item.getBoundingClientRect();
      if (own.top < box.top || own.bottom > box.bottom) list.scrollTop += own.top - box.top - box.height / 2;
      if (own.left < box.left || own.right > box.right) list.scrollLeft += own.left - box.left - box.width / 2;
    },
    setLang(lang) {
      const t = TEXT[lang];
      search.placeholder = t.search;
      search.setAttribute("aria-label", t.search);
      empty.textContent = t.none;
      for (const { title, name, zh } of groups) title.textContent = lang === "zh" ? zh : name;
      for (const { id, name, name_zh } of labels) {
        items.get(id).nameNode.textContent = lang === "zh" ? name_zh : name;
        items.get(id).title = name + " · " + name_zh;
      }
    },
  };
}

// ---------------------------------------------------------------- the picture: labels, underlay, brush outline

function mountCanvas(stage, size, colors) {
  const underlay = make("img", { class: "gp-underlay", alt: "", hidden: "" });
  const canvas = make("canvas", { class: "gp-labels", width: size, height: size });
  const overlay = make("canvas", { class: "gp-overlay", tabindex: "-1" });
  const mini = make("img", { class: "gp-mini", alt: "", hidden: "" }); // narrow screens: the underlay seen by itself
  stage.append(underlay, canvas, overlay, mini);
  const context = canvas.getContext("2d"), pen = overlay.getContext("2d");
  const image = context.createImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer);
  let side = 0; // CSS pixels
  const resize = () => {
    side = stage.clientWidth;
    overlay.width = overlay.height = Math.round(side * (window.devicePixelRatio || 1));
  };
  const observer = new ResizeObserver(resize);
  observer.observe(stage);
  resize();

  function outline(path) { // dark line in a light one: seen on every colour
    for (const [style, width] of [["rgba(255,255,255,.9)", 3], ["rgba(20,20,30,.95)", 1.2]]) {
      pen.strokeStyle = style;
      pen.lineWidth = width;
      pen.stroke(path);
    }
  }

  return {
    overlay,
    setUnderlay(url) {
      for (const picture of [underlay, mini]) {
        picture.hidden = !url;
        if (url) picture.src = url;
      }
    },
    draw(ids) {
      for (let i = 0; i < ids.length; i++) pixels[i] = colors[ids[i]];
      context.putImageData(image, 0, 0);
    },
    setOpacity(share) { canvas.style.opacity = share; },
    /** Pointer event -> [x, y] in map pixels, fractions kept. */
    locate(event) {
      const box = overlay.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * size, ((event.clientY - box.top) / box.height) * size];
    },
    /** shapes: {circles: [[x, y, radius]], lines: [[[x, y], ...]], axis: bool}, all in map pixels. */
    drawOverlay({ circles = [], lines = [], axis = false }) {
      const ratio = overlay.width / (side || 1), scale = side / size;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, side, side);
      if (axis) {
        const path = new Path2D();
        path.moveTo(side / 2, 0);
        path.lineTo(side / 2, side);
        pen.setLineDash([5, 5]);
        outline(path);
        pen.setLineDash([]);
      }
      for (const [x, y, radius] of circles) {
        const path = new Path2D();
        path.arc(x * scale, y * scale, Math.max(radius * scale, 1.5), 0, 2 * Math.PI);
        outline(path);
      }
      for (const points of lines) {
        const path = new Path2D();
        points.forEach(([x, y], i) => (i ? path.lineTo(x * scale, y * scale) : path.moveTo(x * scale, y * scale)));
        outline(path);
      }
    },
    destroy() { observer.disconnect(); },
  };
}

// ---------------------------------------------------------------- the painter

class Painter {
  constructor(element, options) {
    this.options = options;
    this.labels = options.labels;
    this.size = options.size;
    this.map = new MapDocument(options.size, options.value);
    this.tool = "brush";
    this.chosen = options.chosen ?? this.map.present()[0] ?? this.labels[0].id;
    this.former = this.chosen;
    this.diameter = Math.max(2, Math.round(options.size / 16));
    this.mirror = this.inside = false;
    this.hover = null;    // pointer over the canvas, map pixels
    this.gesture = null;  // the stroke or rectangle under way
    this.corners = [];    // of the polygon under way
    this.pointers = new Set();
    this.build(element);
    this.setLang(options.lang === "zh" ? "zh" : "en");
    this.listen();
    this.setOpacity(100);
    this.setTool("brush");
    this.palette.reveal(this.chosen);
  }

  // ---- building

  build(element) {
    const colors = new Uint32Array(256).fill(0); // transparent: the paper or the underlay shows
    for (const { id, color } of this.labels) {
      const [r, g, b] = rgb(color);
      colors[id] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    }
    this.root = make("div", { class: "gp-painter", tabindex: "-1" });
    const side = make("div", { class: "gp-side" });
    this.stage = make("div", { class: "gp-stage" });
    this.status = make("div", { class: "gp-status" });
    this.sheet = make("div", { class: "gp-sheet", hidden: "" });
    this.swapBox = make("div", { class: "gp-swap", hidden: "" });
    this.palette = mountPalette(side, this.labels, (id) => this.choose(id));
    this.canvas = mountCanvas(this.stage, this.size, colors);
    this.stage.append(this.sheet, this.swapBox);
    this.root.append(side, make("div", { class: "gp-main" }, ...this.buildTools(), this.stage, this.buildSliders(), this.status));
    element.replaceChildren(this.root);
  }

  buildTools() {
    this.buttons = {};
    const button = (name, action) => {
      this.buttons[name] = make("button", { class: "gp-tool", type: "button", "data-tool": name, onclick: action }, icon(name));
      return this.buttons[name];
    };
    const group = (...nodes) => make("div", { class: "gp-tools" }, ...nodes);
    const tools = ["brush", "bucket", "eraser", "picker", "rect", "polygon"].map((name) => button(name, () => this.setTool(name)));
    this.file = make("input", { type: "file", accept: "image/png", hidden: "", onchange: () => this.importFile(this.file.files[0]) });
    const files = [button("save", () => this.exportMap())];
    if (this.options.onImport) files.unshift(button("open", () => this.file.click()), this.file);
    const strokes = make("div", { class: "gp-strokes", role: "toolbar" }, group(...tools),
      group(button("mirror", () => this.toggle("mirror")), button("inside", () => this.toggle("inside"))));
    const edits = make("div", { class: "gp-edits", role: "toolbar" },
      group(button("undo", () => this.undo()), button("redo", () => this.redo()), button("clear", () => this.clear()),
        button("swap", () => this.showSwap())),
      group(...files), group(button("help", () => this.showHelp())));
    return [edits, strokes];
  }

  buildSliders() {
    const slider = (name, min, max, value, oninput) => {
      const input = make("input", { type: "range", min, max, value, "data-slider": name, oninput });
      const caption = make("span", { class: "gp-caption" }), number = make("output", {}, String(value));
      this[name + "Slider"] = { input, caption, number };
      return make("label", { class: "gp-slider" }, caption, input, number);
    };
    return make("div", { class: "gp-sliders" },
      slider("size", 1, Math.round(this.size / 4), this.diameter, (e) => this.setDiameter(+e.target.value)),
      slider("opacity", 0, 100, 100, (e) => this.setOpacity(+e.target.value)));
  }

  setLang(lang) {
    this.lang = lang;
    const t = (this.text = TEXT[lang]);
    this.palette.setLang(lang);
    for (const [name, button] of Object.entries(this.buttons)) {
      button.title = t[name];
      button.setAttribute("aria-label", t[name]);
    }
    this.sizeSlider.caption.textContent = t.size;
    this.opacitySlider.caption.textContent = t.opacity;
    this.sheet.replaceChildren(make("dl", {}, ...t.helpText.flatMap(([key, what]) => [
      make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)])));
    this.swapBox.hidden = true;
    this.showStatus();
  }

  nameOf(id) {
    if (id === BACKGROUND) return this.text.background;
    const { name, name_zh } = this.labels[id];
    return this.lang === "zh" ? name_zh : name;
  }

  // ---- showing

  refresh() {
    this.draw();
    const present = new Set(this.map.present());
    this.palette.mark(this.tool === "eraser" ? null : this.chosen, present);
    this.buttons.undo.disabled = !this.map.past.length;
    this.buttons.redo.disabled = !this.map.future.length;
    this.buttons.swap.disabled = !present.size;
    this.showStatus();
  }

  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.root.classList.toggle("gp-busy", this.gesture !== null); // the small picture makes way
      this.canvas.draw(this.map.ids);
      this.canvas.drawOverlay(this.overlayShapes());
    });
  }

  overlayShapes() {
    const shapes = { circles: [], lines: [], axis: this.mirror };
    const flip = ([x, y]) => [this.size - x, y];
    const add = (list, item, mirrored) => { list.push(item); if (this.mirror) list.push(mirrored); };
    if (this.hover && (this.tool === "brush" || this.tool === "eraser")) {
      const [x, y] = this.hover, radius = this.diameter / 2;
      add(shapes.circles, [x, y, radius], [this.size - x, y, radius]);
    }
    if (this.gesture?.from && this.hover) {
      const [[x0, y0], [x1, y1]] = [this.gesture.from, this.hover];
      const box = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]];
      add(shapes.lines, box, box.map(flip));
    }
    if (this.corners.length) {
      const path = this.hover ? [...this.corners, this.hover] : this.corners;
      add(shapes.lines, path, path.map(flip));
      shapes.circles.push([...this.corners[0], 3]);
    }
    return shapes;
  }

  showStatus() {
    const swatch = (id) => make("span", { class: "gp-swatch", style: "background:" + (this.labels[id]?.color ?? "#fff") });
    const brush = this.tool === "eraser" ? BACKGROUND : this.chosen;
    const parts = [make("span", { class: "gp-current" }, swatch(brush), this.nameOf(brush))];
    const [x, y] = (this.hover ?? [-1, -1]).map(Math.floor);
    if (x >= 0 && y >= 0 && x < this.size && y < this.size) {
      const id = this.map.ids[y * this.size + x];
      parts.push(make("span", { class: "gp-under" }, swatch(id), this.nameOf(id), make("small", {}, x + ", " + y)));
    }
    this.status.replaceChildren(...parts);
  }

  // ---- state

  setTool(name) {
    if (name !== "polygon" || this.tool !== "polygon") this.corners = [];
    else this.closePolygon();
    this.tool = name;
    for (const tool of ["brush", "bucket", "eraser", "picker", "rect", "polygon"])
      this.buttons[tool].setAttribute("aria-pressed", tool === name);
    this.root.dataset.tool = name;
    this.refresh();
  }

  toggle(name) {
    this[name] = !this[name];
    this.buttons[name].setAttribute("aria-pressed", this[name]);
    this.draw();
  }

  choose(id) {
    if (id === BACKGROUND) return this.setTool("eraser");
    if (!this.labels[id]) return;
    if (id !== this.chosen) this.former = this.chosen;
    this.chosen = id;
    this.palette.reveal(id);
    this.setTool(this.tool === "eraser" || this.tool === "picker" ? "brush" : this.tool);
  }

  setDiameter(pixels) {
    this.diameter = Math.min(Math.max(1, pixels), +this.sizeSlider.input.max);
    this.sizeSlider.input.value = this.diameter;
    this.sizeSlider.number.textContent = this.diameter;
    this.draw();
  }

  setOpacity(percent) {
    this.opacitySlider.input.value = percent;
    this.opacitySlider.number.textContent = percent;
    this.root.classList.toggle("gp-opaque", percent >= 100); // else the underlay's soft edges peep out
    this.canvas.setOpacity(percent / 100);
  }

  setUnderlay(url) { this.canvas.setUnderlay(url); }

  getValue() { return encodeMap(this.map.ids, this.size); }

  setValue(value) {
    const ids = decodeMap(value, this.size);
    this.gesture = null;
    this.corners = [];
    this.map.edit(() => { this.map.ids = ids; });
    this.refresh();
  }

  changed(what) {
    this.refresh();
    this.options.onChange?.(this.getValue(), what);
  }

  // ---- changing the map

  /** put(x, y) that sets the brush's class, with mirror and "stay inside" applied. */
  putter(id, only) {
    const { size, map, mirror } = this;
    const set = (x, y) => {
      if (x < 0 || y < 0 || x >= size || y >= size) return;
      const at = y * size + x;
      if (only === null || map.ids[at] === only) map.ids[at] = id;
    };
    return mirror ? (x, y) => { set(x, y); set(size - 1 - x, y); } : set;
  }

  only([x, y]) {
    const inMap = x >= 0 && y >= 0 && x < this.size && y < this.size;
    return this.inside && inMap ? this.map.ids[Math.floor(y) * this.size + Math.floor(x)] : null;
  }

  fill([x, y]) {
    [x, y] = [Math.floor(x), Math.floor(y)];
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    const done = this.map.edit(() => {
      for (const column of this.mirror ? [x, this.size - 1 - x] : [x])
        for (const i of area(this.map.ids, this.size, column, y)) this.map.ids[i] = this.chosen;
    });
    if (done) this.changed("fill");
  }

  pick([x, y]) {
    const id = this.map.ids[Math.floor(y) * this.size + Math.floor(x)];
    if (id !== undefined) this.choose(id);
  }

  addCorner(point) {
    const [first] = this.corners;
    const near = 8 * (this.size / (this.stage.clientWidth || this.size)); // eight screen pixels
    if (this.corners.length > 2 && Math.hypot(point[0] - first[0], point[1] - first[1]) < near) return this.closePolygon();
    this.corners.push(point);
    this.draw();
  }

  closePolygon() {
    const points = this.corners;
    this.corners = [];
    const done = points.length > 2 && this.map.edit(() => polygon(points, this.size, this.putter(this.chosen, this.only(points[0]))));
    if (done) this.changed("polygon");
    this.draw();
  }

  undo() { if (this.map.travel(this.map.past, this.map.future)) this.changed("undo"); }

  redo() { if (this.map.travel(this.map.future, this.map.past)) this.changed("redo"); }

  clear() { if (this.map.edit(() => this.map.ids.fill(BACKGROUND))) this.changed("clear"); }

  swap(from, to) {
    const change = () => this.map.ids.forEach((id, i) => { if (id === from) this.map.ids[i] = to; });
    if (this.map.edit(change)) this.changed("swap");
  }

  // ---- the pointer

  listen() {
    const { overlay } = this.canvas;
    overlay.addEventListener("pointerdown", (e) => this.down(e));
    overlay.addEventListener("pointermove", (e) => this.move(e));
    overlay.addEventListener("pointerup", (e) => this.up(e));
    overlay.addEventListener("pointercancel", (e) => this.drop(e));
    overlay.addEventListener("pointerleave", () => { if (!this.gesture) { this.hover = null; this.draw(); this.showStatus(); } });
    overlay.addEventListener("dblclick", () => { if (this.tool === "polygon") this.closePolygon(); });
    overlay.addEventListener("contextmenu", (e) => e.preventDefault());
    overlay.addEventListener("wheel", (e) => {
      if (e.ctrlKey) return; // the browser's own zoom
      e.preventDefault();
      this.setDiameter(this.diameter + (e.deltaY < 0 ? 1 : -1) * Math.max(1, Math.round(this.diameter / 8)));
    }, { passive: false });
    this.root.addEventListener("keydown", (e) => this.key(e));
    this.root.addEventListener("pointerenter", () => this.takeFocus());
    this.stage.addEventListener("dragover", (e) => e.preventDefault());
    this.stage.addEventListener("drop", (e) => { e.preventDefault(); this.importFile(e.dataTransfer.files[0]); });
  }

  /** Keys work while the pointer is over the painter, unless the user is writing somewhere. */
  takeFocus() {
    const active = document.activeElement;
    const writing = active && (active.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName));
    if (!writing && !this.root.contains(active)) this.root.focus({ preventScroll: true });
  }

  down(event) {
    event.preventDefault();
    this.sheet.hidden = this.swapBox.hidden = true;
    this.root.focus({ preventScroll: true });
    this.pointers.add(event.pointerId);
    if (this.pointers.size > 1) return this.abandon(); // a second finger: not a stroke
    const point = (this.hover = this.canvas.locate(event));
    if (this.tool === "picker" || event.altKey) return this.pick(point);
    if (event.button === 0 && this.tool === "bucket") return this.fill(point);
    if (event.button === 0 && this.tool === "polygon") return this.addCorner(point);
    if (event.button === 1) return;
    this.canvas.overlay.setPointerCapture(event.pointerId);
    const id = event.button === 2 || this.tool === "eraser" ? BACKGROUND : this.chosen;
    this.gesture = { before: this.map.ids.slice(), last: point, put: this.putter(id, this.only(point)) };
    if (event.button === 0 && this.tool === "rect") this.gesture.from = point;
    else this.stroke([point]);
  }

  move(event) {
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length ? events : [event]).map((e) => this.canvas.locate(e));
    this.hover = points[points.length - 1];
    if (this.gesture && !this.gesture.from) this.stroke(points);
    else this.draw();
    this.showStatus();
  }

  stroke(points) {
    for (const point of points) {
      capsule(...this.gesture.last, ...point, this.diameter / 2, this.gesture.put);
      this.gesture.last = point;
    }
    this.draw();
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    const gesture = this.gesture;
    this.gesture = null;
    if (event.pointerType === "touch") this.hover = null;
    if (!gesture) return;
    if (gesture.from) rectangle(gesture.from, this.canvas.locate(event), gesture.put);
    if (this.map.commit(gesture.before)) this.changed(gesture.from ? "rect" : "stroke");
    this.draw();
  }

  drop(event) {
    this.pointers.delete(event.pointerId);
    this.abandon();
  }

  abandon() {
    if (this.gesture) this.map.ids = this.gesture.before;
    this.gesture = null;
    this.draw();
  }

  // ---- keys, sheets, files

  key(event) {
    if (/^(INPUT|SELECT)$/.test(event.target.tagName) && event.target.type !== "range") return;
    const key = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
    const plain = {
      b: () => this.setTool("brush"), g: () => this.setTool("bucket"), e: () => this.setTool("eraser"),
      i: () => this.setTool("picker"), r: () => this.setTool("rect"), m: () => this.toggle("mirror"),
      p: () => { if (this.tool !== "polygon") this.setTool("polygon"); }, s: () => this.toggle("inside"),
      x: () => this.choose(this.former), "[": () => this.setDiameter(this.diameter - 1), "]": () => this.setDiameter(this.diameter + 1),
      "/": () => this.palette.search.focus(), "?": () => this.showHelp(),
      enter: () => this.closePolygon(), escape: () => this.escape(),
    };
    const commands = { z: () => (event.shiftKey ? this.redo() : this.undo()), y: () => this.redo() };
    if (key === "enter" && event.target.tagName === "BUTTON") return;
    const action = command ? commands[key] : plain[key];
    if (!action || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // Jupyter has its own single-key commands
    action();
  }

  escape() {
    this.corners = [];
    this.sheet.hidden = this.swapBox.hidden = true;
    this.abandon();
  }

  showHelp() {
    this.swapBox.hidden = true;
    this.sheet.hidden = !this.sheet.hidden;
  }

  showSwap() {
    this.sheet.hidden = true;
    this.swapBox.hidden = !this.swapBox.hidden;
    if (this.swapBox.hidden) return;
    const choice = (ids, chosen) => {
      const select = make("select", {}, ...ids.map((id) => make("option", { value: id }, this.nameOf(id))));
      select.value = chosen;
      return select;
    };
    const present = this.map.present();
    const from = choice(present, present.includes(this.chosen) ? this.chosen : present[0]);
    const to = choice([...this.labels.map((label) => label.id), BACKGROUND], this.chosen);
    const apply = () => { this.swapBox.hidden = true; this.swap(+from.value, +to.value); };
    this.swapBox.replaceChildren(
      make("label", {}, this.text.from, from), make("label", {}, this.text.to, to),
      make("div", { class: "gp-row" },
        make("button", { type: "button", class: "gp-apply", onclick: apply }, this.text.apply),
        make("button", { type: "button", onclick: () => { this.swapBox.hidden = true; } }, this.text.cancel)));
  }

  importFile(file) {
    if (file && this.options.onImport) this.options.onImport(file);
    this.file.value = "";
  }

  exportMap() {
    if (this.options.onExport) return this.options.onExport();
    const canvas = make("canvas", { width: this.size, height: this.size }), pen = canvas.getContext("2d");
    const image = pen.createImageData(this.size, this.size);
    image.data.fill(255);
    this.map.ids.forEach((id, i) => { if (id !== BACKGROUND) image.data.set(rgb(this.labels[id].color), 4 * i); });
    pen.putImageData(image, 0, 0);
    const link = make("a", { href: canvas.toDataURL("image/png"), download: "garment-map.png" });
    link.click();
  }

  destroy() {
    this.canvas.destroy();
    this.root.remove();
  }
}

export function mountPainter(element, options) {
  return new Painter(element, options);
}
