/* Small helpers for elements. */

import { ICONS } from "./texts.js";

export function make(tag, attributes = {}, ...children) {
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
export function rgb(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

const drawn = new Map(); // icons are asked for by the dozen at every step, and reading one takes longer than copying it

export function icon(name) {
  if (!drawn.has(name)) {
    const holder = make("span", { class: "gp-icon" });
    holder.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="' + ICONS[name] + '"/></svg>';
    drawn.set(name, holder);
  }
  return drawn.get(name).cloneNode(true);
}

/** Is the user writing there? Then single keys are letters. */
export function writes(node) {
  return node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName)
    || (node.tagName === "INPUT" && !/^(range|checkbox|radio|button|color|file)$/.test(node.type));
}

/**
 * Make one tab stop of the elements in `container` that match `selector`: arrow keys, Home and End go among them.
 * Call what is returned after elements came, went or were hidden; given one of them, that becomes the tab stop.
 */
export function rove(container, selector) {
  const all = () => [...container.querySelectorAll(selector)];
  const shown = () => all().filter((item) => !item.hidden);
  const settle = (stop) => {
    for (const item of all()) item.tabIndex = item === stop ? 0 : -1;
  };
  const update = (wanted) => {
    const items = shown();
    settle(items.includes(wanted) ? wanted : items.find((item) => item.tabIndex === 0) ?? items[0]);
  };
  container.addEventListener("focusin", (event) => {
    const item = event.target.closest(selector);
    if (item) settle(item);
  });
  container.addEventListener("keydown", (event) => {
    const items = shown(), now = items.indexOf(document.activeElement);
    if (now < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = { Home: 0, End: items.length - 1 }[event.key] ?? (step && (now + step + items.length) % items.length);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    items[to].focus();
  });
  update();
  return update;
}
