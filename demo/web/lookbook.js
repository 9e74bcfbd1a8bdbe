/* Pinned looks, and the sheets they make: drawn here, where every script has its letters. */

const MOST_PINS = 24;
const PAGE = { width: 2339, height: 1654, columns: 3, rows: 2, margin: 90, caption: 76 }; // A4 across, 200 dots an inch

function mountLookbook(root) {
  const strip = make("div", { id: "lookbook", class: "gs-strip" });
  const pins = () => page.work.things.pins ?? [];
  const pin = async () => {
    const state = await page.work.shown();
    if (!state) return;
    if (pins().length === MOST_PINS) return notice("error", message("pins_full").replace("{most}", MOST_PINS));
    page.work.set("pins", [...pins(), { state, name: text("look", { n: pins().length + 1 }) }]);
  };
  const sheet = async (save) => pins().length ? save(pins()) : notice("error", message("no_pins"));
  root.append(make("div", { class: "gg-side" }, make("span", { class: "gg-label" }, wordButton("pin", pin, { id: "pin" }), explained("lookbook")), wordButton("sheetPng", () => sheet(savePng), { id: "sheet-png" }),
    ...(page.answers("pdf") ? [wordButton("sheetPdf", () => sheet(savePdf), { id: "sheet-pdf" })] : [])), strip);

  function card({ state, name }, index) {
    const others = () => pins().filter((_, k) => k !== index);
    const take = make("button", { type: "button", class: "gs-item", title: name, "aria-label": name, onclick: () => page.work.recall(state) },
      make("img", { src: state.src, alt: "", draggable: "false" }));
    const called = make("input", { type: "text", class: "gg-pin-name", maxlength: 40, "data-name": "pinName", "aria-label": text("pinName") });
    called.value = name;
    called.addEventListener("change", () => page.work.set("pins", pins().map((one, k) => (k === index ? { ...one, name: called.value } : one))));
    return make("div", { class: "gg-pin" }, take, iconButton("close", "unpin", () => page.work.set("pins", others())), called);
  }
  const draw = () => strip.replaceChildren(...(pins().length ? pins().map(card) : [make("p", { class: "gs-hint" }, text("noPins"))]));
  hear("thing:pins", draw);
  hear("lang", draw);
  draw();
}

/** One sheet of pins [{state, name}] as a canvas: garment, map beside it, name beneath. */
async function drawSheet(pins, rows) {
  const { width, columns, margin, caption } = PAGE;
  const cell = (width - 2 * margin) / columns, garment = cell * 0.68, map = cell * 0.26;
  const canvas = make("canvas", { width, height: Math.round(rows * (garment + caption) + 2 * margin) }), pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (const [k, { state, name }] of pins.entries()) {
    const x = margin + (k % columns) * cell, y = margin + Math.floor(k / columns) * (garment + caption);
    const picture = new Image(), small = make("canvas", { width: page.side, height: page.side });
    picture.src = state.src;
    await picture.decode();
    paintMap(small, state.map);
    pen.drawImage(picture, x, y, garment, garment);
    pen.drawImage(small, x + garment + 8, y, map, map);
    pen.fillStyle = "#27272a";
    pen.font = "34px system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', sans-serif";
    pen.fillText(name, x + 4, y + garment + 42, cell - 16);
  }
  return canvas;
}

async function savePng(pins) {
  const canvas = await drawSheet(pins, Math.ceil(pins.length / PAGE.columns));
  canvas.toBlob((blob) => saveAs("garment-lookbook.png", blob));
}

async function savePdf(pins) {
  const each = PAGE.columns * PAGE.rows, pages = [];
  for (let k = 0; k < pins.length; k += each)
    pages.push((await drawSheet(pins.slice(k, k + each), PAGE.rows)).toDataURL("image/jpeg", 0.92).split(",")[1]);
  download(await page.work.read("pdf", { pages }));
}
