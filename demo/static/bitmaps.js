/* Pictures as a worker has them: files, canvases, data URLs, and photographs on their way to the encoder.
 * In a built folder it lies beside the modules of garmentgen/web.
 */

import { swatchSide } from "./cloth.js";
import { boxOf, findObject } from "./cutting.js";
import { BACKGROUND } from "./geometry.js";
import { Refused, fromBase64 } from "./look.js";

const SOUGHT = 192;   // px in which a garment is sought in a photo
const FOREIGN = 0.01; // share of a map's pixels that may be of no colour of the palette

export function canvasOf(pixels, size) {
  const canvas = new OffscreenCanvas(size, size);
  canvas.getContext("2d").putImageData(new ImageData(pixels, size, size), 0, 0);
  return canvas;
}

/** The same picture at another side, resampled by the browser. */
export function smaller(canvas, side) {
  if (side === canvas.width) return canvas;
  const result = new OffscreenCanvas(side, side), pen = result.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, 0, 0, side, side);
  return result;
}

export async function resized(pixels, size, side) {
  return side === size ? pixels : smaller(canvasOf(pixels, size), side).getContext("2d").getImageData(0, 0, side, side).data;
}

export const blobOf = (pixels, size, type) => canvasOf(pixels, size).convertToBlob({ type });

/** A data URL, which outlives the page: JPEG at full quality, for only so are its colours not halved. */
export async function url(pixels, size, side) {
  const blob = await smaller(canvasOf(pixels, size), side).convertToBlob({ type: "image/jpeg", quality: 1 });
  return new FileReaderSync().readAsDataURL(blob);
}

/** A picture file in base64 as an image, its colours as stored. */
export async function bitmapOf(text) {
  const bytes = fromBase64(text);
  try {
    return await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch { throw new Refused("file_unreadable"); }
}

export function drawn(canvas, source, ...place) {
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, ...place);
  return canvas;
}

/** A photo centred on a white square of this side, RGBA. */
export function framed(bitmap, side) {
  const canvas = new OffscreenCanvas(side, side), pen = canvas.getContext("2d"), scale = side / Math.max(bitmap.width, bitmap.height);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, side, side);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  drawn(canvas, bitmap, (side - width) / 2, (side - height) / 2, width, height);
  return pen.getImageData(0, 0, side, side).data;
}

/** A square of this side full of a fabric at its scale, its middle repeated mirror-wise so that no seam shows. */
export function tiled(bitmap, side) {
  const swatch = Math.round(swatchSide(side)), least = Math.min(bitmap.width, bitmap.height), canvas = new OffscreenCanvas(swatch, swatch);
  drawn(canvas, bitmap, (bitmap.width - least) / 2, (bitmap.height - least) / 2, least, least, 0, 0, swatch, swatch);
  const { data } = canvas.getContext("2d").getImageData(0, 0, swatch, swatch), result = new Uint8ClampedArray(4 * side * side);
  const mirrored = (k) => (k % (2 * swatch) < swatch ? k % swatch : swatch - 1 - (k % swatch));
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++, i += 4) {
      const at = 4 * (mirrored(y) * swatch + mirrored(x));
      result.set(data.subarray(at, at + 4), i);
    }
  return result;
}

/** What of a photo is cloth: {cloth, a canvas of its box, clear where there is none; box in shares of the photo}. */
export async function cutOf(photo, { box: given, whole }) {
  const bitmap = await bitmapOf(photo), [top, left, bottom, right] = given ?? [0, 0, 1, 1];
  const [x, y, width, height] = [left * bitmap.width, top * bitmap.height, (right - left) * bitmap.width, (bottom - top) * bitmap.height];
  const scale = Math.min(1, SOUGHT / Math.max(width, height)), small = new OffscreenCanvas(Math.max(2, Math.round(width * scale)), Math.max(2, Math.round(height * scale)));
  drawn(small, bitmap, x, y, width, height, 0, 0, small.width, small.height);
  const pen = small.getContext("2d"), image = pen.getImageData(0, 0, small.width, small.height);
  const mask = whole ? null : findObject({ pixels: image.data, width: small.width, height: small.height });
  if (!mask && !whole && !given) throw new Refused("no_garment");
  const [up, before, down, after] = mask ? boxOf(mask, small.width) : [0, 0, small.height, small.width];
  const [across, along] = [width / small.width, height / small.height];
  const cloth = new OffscreenCanvas(Math.max(2, Math.round((after - before) * across)), Math.max(2, Math.round((down - up) * along)));
  drawn(cloth, bitmap, x + before * across, y + up * along, (after - before) * across, (down - up) * along, 0, 0, cloth.width, cloth.height);
  if (mask) {
    mask.forEach((value, i) => { image.data[4 * i + 3] = 255 * value; });
    pen.putImageData(image, 0, 0);
    cloth.getContext("2d").globalCompositeOperation = "destination-in";
    drawn(cloth, small, before, up, after - before, down - up, 0, 0, cloth.width, cloth.height);
    cloth.getContext("2d").globalCompositeOperation = "source-over";
  }
  const share = (pixels, from, length, all) => (from + pixels * length) / all;
  const box = [share(up, y, along, bitmap.height), share(before, x, across, bitmap.width), share(down, y, along, bitmap.height), share(after, x, across, bitmap.width)];
  return { cloth, box };
}

/** Ids of a picture in the palette's colours, or grey as the ids are; null where it is neither. White and clear are background. */
export function idsOf(data, labels) {
  const number = (r, g, b) => (r << 16) | (g << 8) | b, known = new Map(labels.map(({ color }, c) => [number(...color), c]));
  known.set(number(255, 255, 255), BACKGROUND);
  const read = (find) => {
    let foreign = 0;
    const ids = new Uint8Array(data.length / 4).map((_, i) => {
      if (data[4 * i + 3] < 128) return BACKGROUND;
      const id = find(data[4 * i], data[4 * i + 1], data[4 * i + 2]);
      if (id === undefined) foreign++;
      return id ?? BACKGROUND;
    });
    return foreign <= FOREIGN * ids.length ? ids : null;
  };
  const grey = (r, g, b) => (r === g && g === b && (r < labels.length || r === BACKGROUND) ? r : undefined);
  return read((...colour) => known.get(number(...colour))) ?? read(grey);
}
