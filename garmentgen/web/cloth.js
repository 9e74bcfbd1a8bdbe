/* Colours of cloth: the twin of garmentgen/cloth.py. Pictures are RGBA [S, S, 4], regions Uint8Array of 0 and 1. */

const FADED = 0.35, FOLDS = 3, SWATCH = 96; // see cloth.py
const WHITE = [0.950456, 1, 1.088754];

const linear = Float64Array.from({ length: 256 }, (_, value) => (value > 0.04045 * 255 ? ((value / 255 + 0.055) / 1.055) ** 2.4 : value / 255 / 12.92));
const gamma = (value) => (value > 0.0031308 ? 1.055 * value ** (1 / 2.4) - 0.055 : 12.92 * value);
const root = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
const unroot = (f) => (f > 0.206893 ? f ** 3 : (f - 16 / 116) / 7.787);

/** CIE L*a*b* (D65) of a colour in bytes. */
export function toLab(red, green, blue) {
  const [r, g, b] = [linear[red], linear[green], linear[blue]];
  const x = root((0.412453 * r + 0.357580 * g + 0.180423 * b) / WHITE[0]);
  const y = 0.212671 * r + 0.715160 * g + 0.072169 * b;
  const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE[2]);
  return [y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y, 500 * (x - root(y)), 200 * (root(y) - z)];
}

/** Bytes of a colour in Lab; what lies outside RGB is clipped. */
export function toRgb([lightness, a, b]) {
  const f = (lightness + 16) / 116, y = lightness > 7.9996 ? f ** 3 : lightness / 903.3;
  const x = WHITE[0] * unroot(f + a / 500), z = WHITE[2] * unroot(f - b / 200);
  return [3.240479 * x - 1.53715 * y - 0.498535 * z, -0.969256 * x + 1.875991 * y + 0.041556 * z, 0.055648 * x - 0.204043 * y + 1.057311 * z]
    .map((value) => Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, value))))));
}

const labAt = (pixels, i) => toLab(pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]);

function indices(region) {
  const found = [];
  for (let i = 0; i < region.length; i++) if (region[i]) found.push(i);
  return found;
}

/** Mean of a region in Lab. */
export function meanColour(pixels, region) {
  const all = indices(region), sum = [0, 0, 0];
  for (const i of all) labAt(pixels, i).forEach((value, k) => { sum[k] += value; });
  return sum.map((value) => value / all.length);
}

/** The picture with a region in this mean colour; folds and light are kept, other regions untouched. */
export function dyed(pixels, region, colour) {
  const mean = meanColour(pixels, region), result = pixels.slice();
  for (const i of indices(region)) {
    const lab = labAt(pixels, i).map((value, k) => colour[k] + (value - mean[k]) * (k ? FADED : 1));
    result.set(toRgb(lab), 4 * i);
  }
  return result;
}

/** The picture with a region in a fabric; `plain`: the same map in plain cloth, whose folds fall on it. */
export function draped(pixels, region, plain, fabric, size) {
  const all = indices(region), light = new Float64Array(size * size), result = pixels.slice();
  let mean = 0;
  for (const i of all) mean += (light[i] = labAt(plain, i)[0]);
  mean /= all.length;
  for (let i = 0; i < light.length; i++) if (!region[i]) light[i] = mean;
  const folds = blurred(light, size, (FOLDS * size) / 256);
  for (const i of all) {
    const [lightness, a, b] = labAt(fabric, i);
    result.set(toRgb([Math.min(100, Math.max(0, lightness + folds[i] - mean)), a, b]), 4 * i);
  }
  return result;
}

/** Side of the square that a fabric's shorter side covers on a canvas of this size before it repeats. */
export const swatchSide = (size) => (SWATCH * size) / 256;

/** A Gaussian over a square; its edge is a mirror. */
function blurred(values, size, deviation) {
  const reach = Math.ceil(4 * deviation), taps = [];
  for (let k = -reach; k <= reach; k++) taps.push(Math.exp(-(k * k) / (2 * deviation * deviation)));
  const sum = taps.reduce((total, tap) => total + tap), last = size - 1;
  const mirrored = (k) => (k < 0 ? -k : k > last ? 2 * last - k : k);
  const along = (from, step, line) => {
    const to = new Float64Array(size * size);
    for (let row = 0; row < size; row++)
      for (let at = 0; at < size; at++) {
        let value = 0;
        for (let k = -reach; k <= reach; k++) value += taps[k + reach] * from[row * line + mirrored(at + k) * step];
        to[row * line + at * step] = value / sum;
      }
    return to;
  };
  return along(along(values, 1, size), size, 1);
}
