/* What each event of the page does and what goes back: the twin of demo/actions.py and demo/answers.py, in a worker.
 * In a built folder it lies beside the modules of garmentgen/web.
 */

import { bitmapOf, blobOf, cutOf, drawn, framed, idsOf, resized, tiled, url } from "./bitmaps.js";
import { dyed, draped, meanColour, toLab } from "./cloth.js";
import { boxOf, laidOver } from "./cutting.js";
import { encode } from "./encoder.js";
import { BACKGROUND, boxes, classesOn, gaps, mainClass, partOf } from "./geometry.js";
import { halves } from "./half.js";
import { Refused, fromBase64, fromRuns, lookFromJson, lookToJson, toBase64, toRuns } from "./look.js";
import { under } from "./scenes.js";
import { cutOut, onWhite, outline, spread } from "./pictures.js";

const VARIANTS = 8, BLEND_STEPS = 8, THUMBNAIL = 128;
const MOST_SESSION = 4_000_000, MOST_MAP = 4_000_000;
const CORRECTIONS = 2;     // a decoder paints a code a little off; each adds what the encoder misses in it
const TAKEN = 256;         // px, longest side of what was cut from a photo
const CLOTH = 0.9;         // share of a pixel that must be cloth, so that no ground shows along the edge

/** What a page can ask for. */
export const EVENTS = ["paint", "template", "roll", "reroll", "lock", "adopt", "take", "opened", "dye", "drape", "style",
  "variants", "blend", "picture", "imported", "mapped", "cut"];

export class Studio {
  /** encoder: its graph. templates: maps in RLE; opening: the seed they are dressed with; messages: see demo/texts.py. */
  constructor(designer, renderer, encoder, { templates, opening, messages }) {
    Object.assign(this, { designer, renderer, encoder, templates, opening, messages, facts: designer.facts, size: designer.size });
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
    const map = data.map == null ? look?.map ?? null : this.mapOf(data.map);
    const named = data.region == null ? data.regions ?? [] : [data.region], here = map && named.length ? classesOn(map) : named;
    if (named.some((region) => !here.includes(region))) throw new Refused("no_part");
    return { ...data, look, map };
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

  // ---- cloth: a colour, a fabric, a photograph

  /** Codes of a picture, RGBA at the side that codes belong to, with its map: of each class a Float32Array. */
  encode(pixels, map) { return encode(this.encoder, this.facts, pixels, map); }

  /** Codes whose picture on this map the encoder reads as it reads this one; see garmentgen/dressing.py. */
  async asPhotographed(pixels, map) {
    return corrected(await this.encode(pixels, map), async (codes) => {
      const scene = { codes: new Map([...codes].map(([c, code]) => [c, halves(code)])), noiseSeed: 0 };
      return this.encode(await this.renderer.paint(map, scene, map.size), map);
    });
  }

  /** Where a class, or one side of it, is seen on the map at the side that codes belong to. */
  region({ map }, coarse, c, side) {
    const shown = coarse.ids.map((id) => (id === c ? 1 : 0));
    if (side && shown.includes(1)) {
      const share = gaps(map).get(c), [, left, , right] = boxes(coarse).get(c), middle = left + share * (right - left);
      if (share === undefined) throw new Refused("no_sides");
      shown.forEach((_, i) => { if ((i % coarse.size) + 0.5 < middle !== (side === "left")) shown[i] = 0; });
    }
    if (!shown.includes(1)) throw new Refused("too_thin");
    return shown;
  }

  async dye({ region: c, colour, side = null, ...ask }) {
    const look = this.follow(ask), map = this.designer.coarse(look.map), shown = this.region(look, map, c, side);
    const wanted = toLab(...[1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))), picture = await this.renderer.render(look, map.size);
    const alone = { ...map, ids: map.ids.map((id) => (id === c ? id : BACKGROUND)) };
    const read = (pixels) => this.encode(pixels, alone);
    const dressed = (code) => this.designer.onOneSide(look, c, halves(code), side);
    const painted = (code) => this.renderer.render(dressed(code), map.size);
    const first = await read(dyed(picture, shown, wanted));
    const code = (await corrected(first, async (codes) => read(await painted(codes.get(c))))).get(c);
    const found = meanColour(await painted(code), shown), aim = wanted.map((value, k) => 2 * value - found[k]);
    return this.shown(dressed(plus(code, (await read(dyed(picture, shown, aim))).get(c), first.get(c))));
  }

  async drape({ region: c, picture, side = null, ...ask }) {
    const look = this.follow(ask), map = this.designer.coarse(look.map), shown = this.region(look, map, c, side);
    const plain = this.designer.sampled({ ...look, diversity: 0 }, new Map([...look.codes].filter(([k]) => k !== c)));
    const [seen, light] = [await this.renderer.render(look, map.size), await this.renderer.render(plain, map.size)];
    const cloth = draped(seen, shown, light, tiled(await bitmapOf(picture), map.size), map.size);
    return this.shown(this.designer.onOneSide(look, c, halves((await this.asPhotographed(cloth, map)).get(c)), side));
  }

  /** The style of a photo: of what is cut out of it, or of all of it where photo and map are framed alike. */
  async style({ photo, photo_map: given, cut, regions, ...ask }) {
    if (!photo) throw new Refused("no_photo");
    const look = this.follow(ask), wanted = regions?.length ? regions : [...look.codes.keys()];
    if (cut) return this.shown(await this.worn(look, await cutOf(photo, cut), wanted));
    const map = this.designer.coarse(given ? this.mapOf(given) : ask.map), main = mainClass(map, this.facts.labels);
    const { ids } = this.designer.coarse(look.map), own = map.ids.every((id, k) => id === ids[k]), pixels = framed(await bitmapOf(photo), map.size);
    const found = await (own ? this.asPhotographed(pixels, map) : this.encode(pixels, map));
    const codes = new Map([...found].map(([c, code]) => [c, halves(code)]));
    return this.shown(this.designer.styled(look, codes, main, wanted));
  }

  /** The look with classes in cloth that was cut from a photo, its box stretched over theirs. */
  async worn(look, { cloth }, regions) {
    const { ids, size } = this.designer.coarse(look.map), { grid } = this.designer.bank;
    const wanted = { ids: ids.map((id) => (regions.includes(id) ? id : BACKGROUND)), size };
    if (!classesOn(wanted).length) throw new Refused("too_thin");
    const [top, left, bottom, right] = boxOf(wanted.ids.map((id) => (id === BACKGROUND ? 0 : 1)), size), laid = new OffscreenCanvas(size, size);
    drawn(laid, cloth, left, top, right - left, bottom - top);
    const pixels = laid.getContext("2d").getImageData(0, 0, size, size).data;
    const map = laidOver(wanted, Uint8Array.from({ length: size * size }, (_, i) => (pixels[4 * i + 3] > 255 * CLOTH ? 1 : 0)));
    const whole = boxes(wanted), seen = boxes(map), found = new Map();
    for (const [c, code] of await this.asPhotographed(pixels, map)) found.set(c, halves(partOf(code, grid, seen.get(c), whole.get(c))));
    return this.designer.styled(look, found, mainClass(map, this.facts.labels), regions);
  }

  /** What of a photo is garment: its box in shares, and its picture. */
  async cut(ask) {
    const { box, cloth } = await cutOf(ask.photo, ask), scale = Math.min(1, TAKEN / Math.max(cloth.width, cloth.height));
    const small = new OffscreenCanvas(Math.max(1, Math.round(cloth.width * scale)), Math.max(1, Math.round(cloth.height * scale)));
    drawn(small, cloth, 0, 0, small.width, small.height);
    return { box, src: new FileReaderSync().readAsDataURL(await small.convertToBlob()) };
  }

  /** A picture of a map in the palette's colours, or in grey ids, on this canvas. */
  async imported({ file, size, lang }) {
    if (file === null) throw new Refused("file_large", { size: (size / 1e6).toFixed(1), most: MOST_MAP / 1e6 });
    const bitmap = await bitmapOf(file), side = Math.max(bitmap.width, bitmap.height), canvas = new OffscreenCanvas(this.size, this.size);
    const pen = canvas.getContext("2d", { willReadFrequently: true }), scale = this.size / side;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(bitmap, ((side - bitmap.width) / 2) * scale, ((side - bitmap.height) / 2) * scale, bitmap.width * scale, bitmap.height * scale);
    const ids = idsOf(pen.getImageData(0, 0, this.size, this.size).data, this.facts.labels);
    if (!ids) throw new Refused("map_colours");
    const notes = side === this.size ? [] : [[this.say(lang, "session_resized", { from: side, to: this.size }), false]];
    return { labels: encoded({ ids, size: this.size }), notes };
  }

  mapped(ask) { return this.imported(ask); }

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
    const began = performance.now(), { opaque, pairs } = this.drawn(look);
    const pixels = onWhite(spread(await this.render(look), look.map), opaque);
    const ms = Math.round(performance.now() - began), src = url(pixels, this.size, this.size); // written while the rest is
    return { look: this.text(look), map: encoded(look.map), seed: look.seed, diversity: look.diversity, harmony: look.harmony,
      locked: [...look.locked].sort((a, b) => a - b), pairs, src: await src, ms };
  }

  /** What the map alone decides, remembered for the last one: its outline's opacity, and which classes are pairs. */
  drawn(look) {
    const { ids } = look.map;
    if (!this.last || this.last.ids.some((id, i) => id !== ids[i]))
      this.last = { ids, opaque: outline(look.map, this.size), pairs: this.designer.pairs(look) };
    return this.last;
  }

  async items(looks) {
    const items = [], [side] = this.facts.sizes; // the smallest: nobody waits for detail that shrinking takes away
    for (const look of looks) items.push({ src: await url(await this.renderer.render(look, side), side, THUMBNAIL), look: this.text(look) });
    return { items };
  }

  text(look) { return lookToJson(look, this.facts.shape, this.facts.labels); }
}

/** The look with re-rolls and photo styles forgotten where not locked, so that a new seed reaches them. */
const fresh = (look) => look && { ...look, seeds: new Map(), pinned: new Set([...look.pinned].filter((c) => look.locked.has(c))) };

/** Codes near `wanted` of which `read`, what the encoder says of their picture, is nearer to it: Maps of class -> code. */
async function corrected(wanted, read) {
  let codes = wanted;
  for (let k = 0; k < CORRECTIONS; k++) {
    const before = codes, said = await read(before);
    codes = new Map([...wanted].map(([c, code]) => [c, plus(before.get(c), code, said.get(c))]));
  }
  return codes;
}

/** A code and what is added and taken away, rounded as numpy rounds. */
const plus = (code, more, less) => code.map((value, k) => Math.fround(value + more[k]) - less[k]);

const encoded = ({ ids, size }) => JSON.stringify({ w: size, h: size, runs: toRuns(ids) });
