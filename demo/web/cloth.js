/* Cloth of a part, chosen: the panel below a row of the region list, with colours and fabrics.
 * Read into the page's script after words.js and work.js.
 */

Object.assign(ICONS, {
  palette: "M12 4a8 8 0 1 0 0 16c1.5 0 2-.8 2-1.7 0-1.5-1.6-1.6-.6-3.1.8-1.2 6.6.8 6.6-3.6C20 7.200 16.400 4 12 4zM8 12.500v.1M9.500 8.500v.1M14.500 8.500v.1",
  pipette: "M14 6l4 4M11.500 8.500l4 4-7.500 7.500H4v-4zM15 5l1.500-1.500a2 2 0 0 1 3 3L18 8",
});

const RECENT = 8;
const PASTELS = ["#f4f1ea", "#1d1e22", "#8d9096", "#b3202c", "#e08a2e", "#f0c94a", "#3f7d4e", "#2f5fa8"];

/** Colours used last, newest first; at the start a few that garments often have. */
function recentColours() {
  try {
    const kept = JSON.parse(remember("colours"));
    if (Array.isArray(kept)) return kept.filter((colour) => /^#[0-9a-f]{6}$/.test(colour)).slice(0, RECENT);
  } catch { /* never kept, or by something else */ }
  return PASTELS;
}

/** The panel of a region, or of one side of a pair; `label` names it. */
function clothPanel(id, side, label) {
  const ask = (kind, args) => page.work.ask(kind, { region: id, side, ...args });
  const panel = make("div", { class: "gc-panel", role: "group", "aria-label": text("cloth") + ": " + label });

  function dye(colour) {
    remember("colours", JSON.stringify([colour, ...recentColours().filter((other) => other !== colour)].slice(0, RECENT)));
    ask("dye", { colour });
  }

  function colours() {
    const input = make("input", { type: "color", class: "gc-colour", value: recentColours()[0], "data-name": "chooseColour", "aria-label": text("chooseColour"), title: text("chooseColour"), onchange: () => dye(input.value) });
    const line = make("div", { class: "gc-line" }, input, ...recentColours().map((colour) =>
      make("button", { type: "button", class: "gc-dot", style: "background:" + colour, title: colour, "aria-label": text("dyeWith") + " " + colour, onclick: () => dye(colour) })));
    if (window.EyeDropper) line.append(iconButton("pipette", "eyedropper", async () => {
      try { dye((await new EyeDropper().open()).sRGBHex.toLowerCase()); } catch { /* given up with Escape */ }
    }));
    return line;
  }

  function fabrics() {
    const own = make("input", { type: "file", accept: "image/*", hidden: "", "data-name": "ownFabric" });
    own.addEventListener("change", async () => {
      const file = own.files[0], url = file && await shrunk(file);
      own.value = "";
      if (url) ask("drape", { picture: url.split(",")[1] });
      else if (file) notice("error", message("photo_unreadable"));
    });
    const dots = page.fabrics.map(({ src, en, zh }, fabric) => {
      const name = page.lang === "zh" ? zh : en;
      return make("button", { type: "button", class: "gc-fabric", title: name, "aria-label": name, onclick: () => ask("drape", { fabric }) }, make("img", { src, alt: "" }));
    });
    return make("div", { class: "gc-line" }, ...dots, wordButton("ownFabric", () => own.click()), own);
  }

  panel.append(colours(), ...(page.answers("drape") ? [fabrics()] : []));
  return panel;
}
