/* The garment: its picture, the map beside it under a divider, zoom and pan. */

function mountView(root) {
  const state = { scale: 1, x: 0, y: 0, split: null };
  const garment = make("img", { class: "gv-picture", alt: text("garment"), draggable: "false" });
  const map = make("canvas", { class: "gv-picture gv-map", role: "img", "data-name": "labelMap", width: page.side, height: page.side });
  const veil = make("div", { class: "gv-veil" }, map);
  const handle = make("div", { class: "gv-handle", role: "slider", tabindex: "0", "data-name": "divider", "aria-valuemin": 0, "aria-valuemax": 100 });
  const hint = make("p", { class: "gv-hint", "data-text": "noGarment" }, text("noGarment"));
  const stage = make("div", { class: "gv-stage" }, garment, veil, handle, hint, make("div", { class: "gv-bar" }));
  const time = make("span", { class: "gv-time", "data-tip": "timeTip" });
  const compare = iconButton("compare", "compare", () => setSplit(state.split === null ? 0.5 : null));
  root.replaceChildren(
    make("div", { class: "gv-head" }, word("garment", "h2", { class: "gg-title" }), time,
      make("span", { class: "gv-tools" }, iconButton("again", "dice", rollDice), compare,
        iconButton("zoomOut", "zoomOut", () => zoom(1 / 1.5)), iconButton("zoomIn", "zoomIn", () => zoom(1.5)))), stage);

  /** Look at a part: {scale, x, y}, x and y the point in the left top corner in shares of the picture. */
  function setView(view) {
    Object.assign(state, clampView(view));
    const { scale, x, y } = state;
    for (const picture of [garment, map])
      picture.style.transform = `translate(${-100 * x * scale}%, ${-100 * y * scale}%) scale(${scale})`;
    stage.classList.toggle("gv-zoomed", scale > 1);
  }
  function move(view) {
    setView(view);
    page.painter.setView({ scale: state.scale, x: state.x, y: state.y });
  }
  function zoom(factor, [px, py] = [0.5, 0.5]) {
    const scale = Math.min(16, Math.max(1, state.scale * factor));
    move({ scale, x: state.x + px / state.scale - px / scale, y: state.y + py / state.scale - py / scale });
  }
  function setSplit(share) {
    state.split = share;
    compare.setAttribute("aria-pressed", share !== null);
    stage.classList.toggle("gv-split", share !== null);
    const left = 100 * (share ?? 0);
    veil.style.clipPath = `inset(0 ${100 - left}% 0 0)`;
    handle.style.left = left + "%";
    handle.setAttribute("aria-valuenow", Math.round(left));
    if (share !== null) drawMap();
  }
  const locate = (event) => {
    const box = stage.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
    if (!by) return;
    event.preventDefault();
    setSplit(Math.min(1, Math.max(0, state.split + by)));
  });
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
      ? (e) => setSplit(Math.min(1, Math.max(0, locate(e)[0])))
      : (e) => move({ scale: state.scale, x: state.x - e.movementX / stage.clientWidth / state.scale,
        y: state.y - e.movementY / stage.clientWidth / state.scale });
    stage.setPointerCapture(event.pointerId);
    stage.addEventListener("pointermove", drag);
    stage.addEventListener("lostpointercapture", () => stage.removeEventListener("pointermove", drag), { once: true });
  });

  const drawMap = () => paintMap(map, page.work.state().map);

  /** Show the look of the present step; `ms`: what the server needed, null when nobody waited. */
  async function show({ ms } = {}) {
    const { src, look } = page.work.state();
    const blank = !look;
    stage.classList.toggle("gv-blank", blank);
    garment.hidden = blank;
    if (!blank && garment.getAttribute("src") !== src) {
      garment.src = src;
      await garment.decode().catch(() => {});
    }
    const waited = page.began ? performance.now() - page.began : ms;
    if (waited && !blank) time.textContent = Math.round(waited) + " ms";
    page.began = null;
    stage.classList.remove("gv-busy");
    if (state.split !== null) drawMap();
    requestAnimationFrame(() => setTimeout(() => { // after that frame is painted
      say("shown", { ms });
      if (!page.tracing) page.painter.setUnderlay(page.work.state().src);
    }, 0));
  }
  hear("busy", () => { page.began = performance.now(); stage.classList.add("gv-busy"); });
  hear("idle", () => { page.began = null; stage.classList.remove("gv-busy"); });
  hear("view", setView);
  hear("answered", (answer) => show(answer));
  hear("state", () => { if (page.work.known() && garment.getAttribute("src") !== page.work.state().src) show(); });
  setSplit(null);
}
