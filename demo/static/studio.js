/* What each event of the page does and what goes back: the twin of demo/actions.py and demo/answers.py, in a worker.
 * In a built folder it lies beside the modules of garmentgen/web.
 */

import { classesOn } from "./geometry.js";
import { Refused, fromBase64, fromRuns, lookFromJson, lookToJson, toBase64, toRuns } from "./look.js";
import { under } from "./scenes.js";
import { cutOut, onWhite, outline, spread } from "./pictures.js";

const VARIANTS = 8, BLEND_STEPS = 8, THUMBNAIL = 128;
const MOST_SESSION = 4_000_000;

/** What a page can ask for. */
export const EVENTS = ["paint", "template", "roll", "reroll", "lock", "adopt", "take", "opened", "variants", "blend", "picture"];

export class Studio {
  /** templates: maps in RLE; opening: the seed they are dressed with; messages: see demo/texts.py. */
  constructor(designer, renderer, { templates, opening, messages }) {
    Object.assign(this, { designer, renderer, templates, opening, messages, facts: designer.facts, size: designer.size });
  }

  /** One event of the page -> its answer, an object; it always comes, with a sentence if something failed. */
  async answer(kind, data) {
    try {
      if (!EVENTS.includes(kind)) throw new Error(`there is no event ${kind}`);
      return { id: data.id, ...await this[kind](this.read(data)) };
    } catch (error) {
      return { id: data.id, blank: error.key === "empty", error: this.sentence(error, data.lang) };
    }
  }

  sentence(error, lang) {
    const [key, values] = error instanceof Refused ? [error.key, error.values] : ["page_broken", {}];
    if (!(error instanceof Refused)) console.error(error);
    return this.say(lang, key, values);
  }

  say(lang, key, values = {}) {
    return this.messages[key][lang === "zh" ? 1 : 0].replace(/\{(\w+)[^}]*\}/g, (_, name) => values[name]);
  }

  /** What stands on the page as it asks: {look, map, seed, diversity, harmony, ...what it brings}. */
  read(data) {
    const look = data.look == null ? null : this.lookOf(data.look);
    return { ...data, look, map: data.map == null ? look?.map ?? null : this.mapOf(data.map) };
  }

  lookOf(text) { return lookFromJson(text, this.facts.shape, this.facts.labels.length); }

  mapOf(text) { return fromRuns(JSON.parse(text).runs, this.size, this.facts.labels.length); }

  // ---- looks

  follow({ look, map, seed, diversity, harmony }) {
    if (!map || !classesOn(map).length) throw new Refused("empty");
    return this.designer.look(map, seed, diversity, harmony, look);
  }

  paint(ask) { return this.shown(this.follow(ask)); }

  roll(ask) { return this.shown(this.follow({ ...ask, look: fresh(ask.look), seed: ask.dice })); }

  reroll(ask) { return this.shown(this.designer.reroll(this.follow(ask), ask.region, ask.side ?? null)); }

  lock(ask) { return this.shown(this.designer.lock(this.follow(ask), ask.region, ask.locked)); }

  template({ index }) {
    return this.shown(this.designer.look(this.mapOf(this.templates[index]), this.opening, 1, 1));
  }

  adopt(ask) {
    const chosen = this.lookOf(ask.chosen), { seed, diversity, harmony } = chosen;
    return this.shown(this.follow({ ...ask, look: chosen, seed, diversity, harmony }));
  }

  take(ask) { return this.shown(this.lookOf(ask.chosen)); }

  /** A session file, {file: base64, size}, on our canvas. */
  async opened({ file, size, lang }) {
    if (file === null) throw new Refused("file_large", { size: (size / 1e6).toFixed(1), most: MOST_SESSION / 1e6 });
    const bytes = fromBase64(file);
    if (!bytes) throw new Refused("file_unreadable");
    let text;
    try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { throw new Refused("not_text"); }
    const [look, notes] = this.fitted(this.lookOf(text));
    return { ...await this.shown(look), notes: notes.map(([key, values]) => [this.say(lang, key, values), true]) };
  }

  /** A look on this canvas, and [[message, what fills it], ...] on what that changed or will change. */
  fitted(look) {
    const { size } = look.map, notes = [];
    if (look.weights !== this.designer.weights) notes.push(["session_weights", { from: look.weights, to: this.designer.weights }]);
    if (size === this.size) return [under(look, look.scenes), notes];
    if (size !== 2 * this.size && !this.facts.sizes.includes(size)) throw new Refused("session_size", { size, side: this.size });
    notes.push(["session_resized", { from: size, to: this.size }]);
    const map = this.renderer.at(look.map, this.size), here = new Set(classesOn(map));
    const codes = new Map([...look.codes].filter(([c]) => here.has(c)));
    return [under({ ...look, map, codes }, look.scenes), notes];
  }

  // ---- strips and files

  async variants(ask) {
    const look = this.follow(ask);
    const others = this.designer.variations(ask.map, VARIANTS, ask.seed, ask.diversity, ask.harmony, fresh(look)).slice(1);
    return this.items([look, ...others]);
  }

  async blend(ask) {
    if (!ask.start || !ask.end) throw new Refused("no_start");
    const [start, end] = [ask.start, ask.end].map((text) => this.lookOf(text));
    return this.items(Array.from({ length: BLEND_STEPS }, (_, k) => this.designer.blend(start, end, k / (BLEND_STEPS - 1))));
  }

  async picture({ look, side, transparent }) {
    if (!look) throw new Refused("nothing_shown");
    if (look.weights !== this.designer.weights) throw new Refused("other_weights");
    const colours = await resized(spread(await this.render(look), look.map), this.size, side), opaque = outline(look.map, side);
    const pixels = transparent ? cutOut(colours, opaque) : onWhite(colours, opaque);
    const data = toBase64(new Uint8Array(await (await blobOf(pixels, side, "image/png")).arrayBuffer()));
    const name = `garment-${look.seed}${transparent ? "-transparent" : ""}-${side}.png`;
    return { file: { name, mime: "image/png", data } };
  }

  // ---- what goes back

  render(look) { return this.renderer.render(look, this.size); }

  async shown(look) {
    const began = performance.now();
    const pixels = onWhite(spread(await this.render(look), look.map), outline(look.map, this.size));
    const ms = Math.round(performance.now() - began);
    return { look: this.text(look), map: encoded(look.map), seed: look.seed, diversity: look.diversity, harmony: look.harmony,
      locked: [...look.locked].sort((a, b) => a - b), pairs: this.designer.pairs(look), src: await url(pixels, this.size, this.size), ms };
  }

  async items(looks) {
    const items = [];
    for (const look of looks) items.push({ src: await url(await this.render(look), this.size, THUMBNAIL), look: this.text(look) });
    return { items };
  }

  text(look) { return lookToJson(look, this.facts.shape, this.facts.labels); }
}

/** The look with re-rolls and photo styles forgotten where not locked, so that a new seed reaches them. */
const fresh = (look) => look && { ...look, seeds: new Map(), pinned: new Set([...look.pinned].filter((c) => look.locked.has(c))) };

const encoded = ({ ids, size }) => JSON.stringify({ w: size, h: size, runs: toRuns(ids) });

// ---- pictures in the browser

function canvasOf(pixels, size) {
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext("2d").putImageData(new ImageData(pixels, size, size), 0, 0);
  return canvas;
}

/** The same picture at another side, resampled by the browser. */
function smaller(canvas, side) {
  if (side === canvas.width) return canvas;
  const result = new OffscreenCanvas(side, side), pen = result.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, 0, 0, side, side);
  return result;
}

async function resized(pixels, size, side) {
  return side === size ? pixels : smaller(canvasOf(pixels, size), side).getContext("2d").getImageData(0, 0, side, side).data;
}

const blobOf = (pixels, size, type) => canvasOf(pixels, size).convertToBlob({ type });

/** A data URL, which outlives the page: JPEG at full quality, for only so are its colours not halved. */
async function url(pixels, size, side) {
  const blob = await smaller(canvasOf(pixels, size), side).convertToBlob({ type: "image/jpeg", quality: 1 });
  return new FileReaderSync().readAsDataURL(blob);
}
