/* Half precision (IEEE 754 binary16): codes are kept as its bits, a Uint16Array, and never rounded twice. */

const single = new Float32Array(1), word = new Uint32Array(single.buffer);

/** The bits of the half nearest to a number that single precision holds; of two as near, the even one. */
export function toHalf(value) {
  single[0] = value;
  const sign = (word[0] >>> 16) & 0x8000, magnitude = word[0] & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return sign | 0x7E00; // not a number
  if (magnitude >= 0x477FF000) return sign | 0x7C00; // from 65520 on: infinite
  if (magnitude < 0x38800000) { // below 2^-14: a multiple of 2^-24
    const steps = Math.abs(value) * 2 ** 24, whole = Math.floor(steps), rest = steps - whole;
    return sign | (whole + (rest > 0.5 || (rest === 0.5 && whole % 2) ? 1 : 0));
  }
  return sign | ((magnitude - 0x38000000 + 0xFFF + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The number that bits stand for. */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >>> 10) & 31, fraction = bits & 0x3FF;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const TABLE = Float32Array.from({ length: 65536 }, (_, bits) => fromHalf(bits));

/** Uint16Array of bits -> Float32Array. */
export function floats(code) {
  const values = new Float32Array(code.length); // a loop: what `from` calls for each takes ten times as long
  for (let k = 0; k < code.length; k++) values[k] = TABLE[code[k]];
  return values;
}

/** Numbers -> Uint16Array of bits, each rounded to single precision on the way, as Python rounds it. */
export const halves = (values) => Uint16Array.from(values, toHalf);
