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
    const left = 100 * (share ?? 0);
    veil.style.clipPath = `inset(0 ${100 - left}% 0 0)`;
    handle.style.left = left + "%";
    handle.setAttribute("aria-valuenow", Math.round(left));
    if (share !== null) drawMap();
  }
  const locate = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
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
      ? (e) => setSplit(Math.min(1, Math.max(0, locate(e)[0] / stage.clientWidth)))
      : (e) => { state.x += e.movementX; state.y += e.movementY; place(); };
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
    if (!page.tracing) page.painter.setUnderlay(blank ? null : src);
    if (state.split !== null) drawMap();
    requestAnimationFrame(() => setTimeout(() => say("shown", { ms }), 0)); // after that frame is painted
  }
  hear("busy", () => { page.began = performance.now(); stage.classList.add("gv-busy"); });
  hear("idle", () => { page.began = null; stage.classList.remove("gv-busy"); });
  hear("answered", (answer) => show(answer));
  hear("state", () => { if (page.work.settled() && garment.getAttribute("src") !== page.work.state().src) show(); });
  setSplit(null);
}
