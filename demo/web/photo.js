/* Style from a photo: the photo with a box to draw, what was cut out of it, and what is dressed in that.
 *
 * things.photo   data URL of the photo
 * things.cut     {box: [top, left, bottom, right] in shares of the photo as drawn here, or null; whole: take all of the box;
 *                found: the box of what was taken; src: its picture}, null while nothing was found
 * things.mapped  the photo is taken by a map, its own (things.photoMap) or the painting: the two are framed alike
 */

const PHOTO_SIDE = 1024;

/** A photo as the server takes it: JPEG data URL, upright, on white, at most PHOTO_SIDE pixels a side; null if unreadable. */
async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
    const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = make("canvas", { width, height }), pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, width, height);
    return canvas.toDataURL("image/jpeg", 0.95);
  } catch { return null; }
}

/** A place for a photo: choose, drop, see, remove; `give(file)`. */
function mountWell(id, label, give, remove) {
  const input = make("input", { type: "file", accept: "image/*", hidden: "", "data-name": label });
  const picture = make("img", { alt: "", draggable: "false" });
  const choose = make("button", { type: "button", class: "gg-well", onclick: () => input.click() }, word(label));
  const close = iconButton("close", "removeFile", remove);
  const node = make("div", { id, class: "gg-place" }, choose, close, input);
  input.addEventListener("change", () => { give(input.files[0]); input.value = ""; });
  node.addEventListener("dragover", (event) => event.preventDefault());
  node.addEventListener("drop", (event) => { event.preventDefault(); give(event.dataTransfer.files[0]); });
  return { node, picture, show(src) {
    picture.hidden = close.hidden = !src;
    choose.hidden = Boolean(src);
    if (src) picture.src = src; else picture.removeAttribute("src");
  } };
}

/** A photo on which a box can be drawn, moved and resized, by pointer and by keys; `draw(box)`: it has been. */
function mountBoxed(photo, draw) {
  const corners = ["nw", "ne", "sw", "se"].map((at) => make("span", { class: "gx-corner gx-" + at, "data-corner": at }));
  const frame = make("button", { type: "button", class: "gx-box", "data-tip": "photoBox", "aria-label": text("photoBox"), title: text("photoBox") }, ...corners);
  const stage = make("div", { class: "gx-stage" }, photo, frame);
  const LEAST = 0.04, STEP = 0.02;
  let box = null, waiting = null;
  const within = (value) => Math.min(1, Math.max(0, value));
  function show(next) {
    box = next;
    frame.hidden = !box;
    if (!box) return;
    const [top, left, bottom, right] = box.map((share) => 100 * share);
    Object.assign(frame.style, { top: top + "%", left: left + "%", width: right - left + "%", height: bottom - top + "%" });
  }
  const locate = (event) => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return [within((event.clientY - top) / height), within((event.clientX - left) / width)];
  };
  const between = ([y, x], [v, u]) => [Math.min(y, v), Math.min(x, u), Math.max(y, v), Math.max(x, u)];
  const moved = ([top, left, bottom, right], down, along) => {
    const y = Math.min(Math.max(down, -top), 1 - bottom), x = Math.min(Math.max(along, -left), 1 - right);
    return [top + y, left + x, bottom + y, right + x];
  };
  const large = ([top, left, bottom, right]) => bottom - top >= LEAST && right - left >= LEAST;

  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    frame.focus({ preventScroll: true });
    const before = box, start = locate(event), corner = event.target.dataset.corner, onFrame = event.target === frame;
    const fixed = corner ? [box[corner[0] === "n" ? 2 : 0], box[corner[1] === "w" ? 3 : 1]] : start;
    const drag = (e) => {
      const at = locate(e);
      show(onFrame ? moved(before, at[0] - start[0], at[1] - start[1]) : between(fixed, at));
    };
    stage.setPointerCapture(event.pointerId);
    stage.addEventListener("pointermove", drag);
    stage.addEventListener("lostpointercapture", () => {
      stage.removeEventListener("pointermove", drag);
      if (!large(box ?? [0, 0, 0, 0])) show(before);
      else if (String(box) !== String(before)) draw(box);
    }, { once: true });
  });
  frame.addEventListener("keydown", (event) => {
    const [down, along] = { ArrowUp: [-STEP, 0], ArrowDown: [STEP, 0], ArrowLeft: [0, -STEP], ArrowRight: [0, STEP] }[event.key] ?? [0, 0];
    if (!down && !along) return;
    event.preventDefault();
    event.stopPropagation();
    const next = event.shiftKey ? [box[0], box[1], within(box[2] + down), within(box[3] + along)] : moved(box, down, along);
    if (!large(next)) return;
    show(next);
    clearTimeout(waiting);
    waiting = setTimeout(() => draw(box), 400);
  });
  show(null);
  return { node: stage, show };
}

/** Buttons of which one is pressed: {name: text key}; `choose(name)`. */
function mountChoice(id, label, names, choose) {
  const chips = names.map((name) => make("button", { type: "button", class: "gg-chip", "data-text": name, "data-choice": name, onclick: () => choose(name) }, text(name)));
  const node = make("div", { id, class: "gg-chips", role: "group", "data-name": label, "aria-label": text(label) }, ...chips);
  return { node, show: (chosen) => { for (const chip of chips) chip.setAttribute("aria-pressed", chip.dataset.choice === chosen); } };
}

const WAYS = ["takeGarment", "takeBox", "takeMapped"];

function mountStyle(root) {
  const chosen = new Set(), things = () => page.work.things;
  let sought = 0, asked = null; // number of the last question, and its box until the answer is there

  /** Ask what the photo shows, in a box or anywhere. */
  async function seek(box, whole) {
    const mine = ++sought;
    asked = box;
    page.work.set("mapped", false);
    taken.classList.add("gx-busy");
    const answer = await page.work.read("cut", { photo: things().photo.split(",")[1], box, whole });
    if (mine !== sought) return;
    taken.classList.remove("gx-busy");
    asked = null;
    page.work.set("cut", answer && { box, whole, found: answer.box, src: answer.src });
  }
  const give = async (file) => {
    const url = file && await shrunk(file);
    if (file && !url) notice("error", message("photo_unreadable"));
    if (!url) return;
    page.work.set("photoMap", null);
    page.work.set("photo", url);
    seek(null, false);
  };
  const giveMap = async (file) => {
    const answer = await page.work.read("mapped", { file: await readFile(file, MOST_MAP), size: file.size });
    tellNotes(answer?.notes ?? []);
    if (answer) page.work.set("photoMap", { labels: answer.labels, src: mapURL(answer.labels) });
  };

  const well = mountWell("photo", "choosePhoto", give, () => { sought++; for (const name of ["photo", "cut", "photoMap"]) page.work.set(name, null); });
  const boxed = mountBoxed(well.picture, (box) => seek(box, things().cut?.whole ?? false));
  well.node.prepend(boxed.node);
  const way = mountChoice("style-way", "styleWay", WAYS, (name) => {
    if (name === "takeMapped") return page.work.set("mapped", true);
    const { cut } = things();
    const whole = name === "takeBox";
    seek(whole ? cut?.box ?? cut?.found ?? ALL : cut?.box ?? null, whole);
  });
  const picture = make("img", { alt: "", hidden: "" }), said = make("figcaption", { role: "status" });
  const mapInput = make("input", { type: "file", accept: "image/*", hidden: "", "data-name": "photoMap" });
  mapInput.addEventListener("change", () => { if (mapInput.files[0]) giveMap(mapInput.files[0]); mapInput.value = ""; });
  const mapButton = wordButton("photoMap", () => mapInput.click());
  const again = wordButton("findAgain", () => seek(null, false));
  const taken = make("figure", { id: "taken" }, make("div", { class: "gx-taken" }, picture), said);
  const chips = make("div", { class: "gg-chips", role: "group", "data-name": "styleRegions", "aria-label": text("styleRegions"), id: "style-regions" });
  const apply = () => {
    const { photo, photoMap, mapped, cut } = things();
    if (!photo) return notice("error", message("no_photo"));
    const how = mapped ? { photo_map: photoMap?.labels ?? null } : { cut: { box: cut?.box ?? null, whole: cut?.whole ?? false } };
    page.work.ask("style", { photo: photo.split(",")[1], regions: [...chosen], ...how });
  };
  const mapTools = make("div", { id: "photo-map", class: "gx-tools" }, mapButton, mapInput);
  const tools = make("div", { class: "gx-tools" }, again);
  const choices = make("div", { class: "gg-choices" },
    make("div", { class: "gx-choice" }, make("span", { class: "gg-label" }, word("styleWay"), explained("style")), make("div", { class: "gx-options" }, way.node, tools, mapTools)),
    make("div", { class: "gx-choice" }, word("styleRegions", "span", { class: "gg-label" }), chips),
    make("div", { class: "tab-row" }, wordButton("applyStyle", apply, { id: "apply-style" }), wordButton("trace", trace, { id: "trace" })));
  root.append(make("div", { id: "style-row" }, well.node, make("p", { class: "gs-hint", "data-term": "style" }, pick(TERMS, "style")), taken, choices));

  function drawRegions() {
    const here = classesOf(page.work.state().map).map(({ id }) => id);
    for (const id of [...chosen]) if (!here.includes(id)) chosen.delete(id);
    chips.replaceChildren(...here.map((id) => {
      const chip = make("button", { type: "button", class: "gg-chip", "aria-pressed": chosen.has(id), onclick: () => {
        chosen.has(id) ? chosen.delete(id) : chosen.add(id);
        chip.setAttribute("aria-pressed", chosen.has(id));
      } }, nameOf(page.labels[id]));
      return chip;
    }));
  }
  function draw() {
    const { photo, cut, mapped, photoMap } = things();
    root.classList.toggle("gx-empty", !photo);
    well.show(photo);
    boxed.show(photo && !mapped ? asked ?? cut?.box ?? cut?.found ?? ALL : null);
    way.show(mapped ? WAYS[2] : WAYS[cut?.whole ? 1 : 0]);
    mapTools.hidden = !mapped;
    tools.hidden = mapped || !cut?.box;
    const src = mapped ? photoMap?.src ?? mapURL(page.work.state().map) : cut?.src;
    picture.hidden = !src;
    if (src) picture.src = src; else picture.removeAttribute("src");
    said.textContent = text(mapped ? (photoMap ? "takenByMap" : "takenByPainting") : cut ? "taken" : "drawBox");
  }
  hear("state", () => { drawRegions(); if (things().mapped) draw(); });
  hear("lang", () => { drawRegions(); draw(); });
  for (const name of ["photo", "cut", "mapped", "photoMap"]) hear("thing:" + name, draw);
  draw();
}

const ALL = [0, 0, 1, 1];

/** Show the photo beneath the labels, to be traced; the second call shows the garment again. */
function trace() {
  const { photo } = page.work.things;
  page.tracing = !page.tracing && Boolean(photo);
  page.painter.setUnderlay(page.tracing ? photo : page.work.state().src);
  page.painter.setOpacity(page.tracing ? 50 : 100);
  document.querySelector("#painter").scrollIntoView({ behavior: "smooth", block: "nearest" });
}
