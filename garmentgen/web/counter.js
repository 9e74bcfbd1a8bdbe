/* Random numbers that every language repeats: SplitMix64 read at a counter. The twin of garmentgen/counter.py, which says
 * what is computed; tests/fixtures/counter.json holds the numbers that both give.
 */

const STEP = 0x9E3779B97F4A7C15n, FIRST = 0xBF58476D1CE4E5B9n, SECOND = 0x94D049BB133111EBn;
const wrapped = (z) => BigInt.asUintN(64, z);

function mix(z) {
  z = wrapped((z ^ (z >> 30n)) * FIRST);
  z = wrapped((z ^ (z >> 27n)) * SECOND);
  return z ^ (z >> 31n);
}

/** Where one sequence starts, a BigInt: another for every seed and every list of words, all whole numbers. */
export function key(seed, ...words) {
  return wrapped(words.reduce((state, word) => mix(wrapped(state + STEP)) ^ BigInt(word), BigInt(seed)));
}

/** BigUint64Array [count]: the key's sequence from its first number. */
export function bits(start, count) {
  const drawn = new BigUint64Array(count);
  for (let n = 0, z = start; n < count; n++) drawn[n] = mix((z = wrapped(z + STEP)));
  return drawn;
}

const upper = (number) => Number(number >> 32n);

/** Array [count] of doubles in [0, 1): the upper halves of `bits` over 2^32, exact. */
export const uniform = (start, count) => Array.from(bits(start, count), (number) => upper(number) / 2 ** 32);

/** Array [count] of whole numbers in [0, below); exact where below is a power of two or at most 2^21. */
export const integers = (start, below, count) =>
  Array.from(bits(start, count), (number) => Math.floor((upper(number) * below) / 2 ** 32));

/** Standard normal Float32Array [count] (Box and Muller, 1958). */
export function normal(start, count) {
  const drawn = new Float32Array(count);
  bits(start, Math.ceil(count / 2)).forEach((number, n) => {
    const radius = Math.sqrt(-2 * Math.log((upper(number) + 1) / 2 ** 32));
    const angle = Number(number & 0xFFFFFFFFn) * ((2 * Math.PI) / 2 ** 32);
    drawn[2 * n] = radius * Math.cos(angle);
    drawn[2 * n + 1] = radius * Math.sin(angle);
  });
  return drawn;
}

/** How far down and to the right a seed rolls a noise tile of this side. */
export const tileOffset = (seed, side) => integers(key(seed, side), side, 2);
