/* The list of regions on the map. A pair (sleeves, legs, shoes) is one row, which stands for both sides and opens into two. */

Object.assign(ICONS, { disclose: "M9 6l6 6-6 6" });

/** The classes of a map in RLE, largest first: [{id, share}]. */
function classesOf(map) {
  const { runs } = JSON.parse(map), counts = new Map();
  for (let i = 0; i < runs.length; i += 2)
    if (runs[i] !== BACKGROUND) counts.set(runs[i], (counts.get(runs[i]) ?? 0) + runs[i + 1]);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([id, count]) => ({ id, share: count / all }));
}

const nameOf = ({ name, name_zh }) => (page.lang === "zh" ? name_zh : name);

function mountRegions(root) {
  const rows = make("div", { class: "gr-rows" });
  const parted = new Set(); // pairs whose sides are listed
  let chosen = null; // the row whose cloth is being chosen
  root.replaceChildren(make("span", { class: "gg-label" }, word("regions", "h3", { class: "gg-title" }), explained("regions")), rows);

  const keyOf = (id, side) => (side ? id + "-" + side : String(id));
  const share = (part) => make("small", {}, part >= 0.01 ? Math.round(100 * part) + "%" : "<1%");

  /** One row, and the panel below it while its cloth is chosen; `buttons` stand between its name and its cloth. */
  function row(id, side, name, buttons) {
    const key = keyOf(id, side), label = nameOf(page.labels[id]) + (side ? ", " + text(side + "Side") : "");
    const cloth = iconButton("palette", "cloth", () => { chosen = chosen === key ? null : key; draw(); });
    cloth.setAttribute("aria-expanded", chosen === key);
    const again = iconButton("again", side ? "rerollSide" : "reroll", () => page.work.ask("reroll", { region: id, side }));
    for (const button of [cloth, ...buttons, again]) button.setAttribute("aria-label", button.title + ": " + label);
    const line = make("div", { class: side ? "gr-row gr-side" : "gr-row", "data-region": id, "data-row": key }, ...name, ...(page.answers("dye") ? [cloth] : []), ...buttons, again);
    return chosen === key ? [line, clothPanel(id, side, label)] : [line];
  }

  function part(id) {
    const open = parted.has(id);
    const button = iconButton("disclose", open ? "joinSides" : "partSides", () => {
      open ? parted.delete(id) : parted.add(id);
      if (chosen?.startsWith(id + "-")) chosen = null;
      draw();
    });
    button.classList.add("gr-open");
    button.setAttribute("aria-expanded", open);
    button.setAttribute("aria-label", button.title + ": " + nameOf(page.labels[id]));
    return button;
  }

  function both({ id, share: size }, isLocked, isPair) {
    const label = page.labels[id];
    const lock = iconButton(isLocked ? "locked" : "unlocked", isLocked ? "unlock" : "lock", () => page.work.ask("lock", { region: id, locked: !isLocked }));
    lock.setAttribute("aria-pressed", isLocked);
    const name = make("button", { type: "button", class: "gr-name", title: label.name + " · " + label.name_zh, onclick: () => page.painter.choose(id) },
      make("span", { class: "gp-swatch", style: "background:" + label.color }), make("span", { class: "gp-name" }, nameOf(label)), share(size));
    return row(id, null, [isPair ? part(id) : make("span", { class: "gr-open" }), name], [lock]);
  }

  const sides = (id) => ["left", "right"].flatMap((side) => row(id, side, [make("span", { class: "gr-name" }, word(side + "Side"))], []));

  function draw() {
    const { map, locked, pairs } = page.work.state(), focus = document.activeElement?.closest?.(".gr-row");
    const kept = focus && rows.contains(focus) ? [focus.dataset.row, [...focus.children].indexOf(document.activeElement)] : null;
    const listed = classesOf(map).flatMap((region) => {
      const isPair = (pairs ?? []).includes(region.id);
      return [...both(region, (locked ?? []).includes(region.id), isPair), ...(isPair && parted.has(region.id) ? sides(region.id) : [])];
    });
    rows.replaceChildren(...(listed.length ? listed : [make("p", { class: "gs-hint" }, text("noRegions"))]));
    if (kept) rows.querySelector(`[data-row="${kept[0]}"]`)?.children[kept[1]]?.focus();
  }
  follow(draw);
  hear("lang", draw);
}
