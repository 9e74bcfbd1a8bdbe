/* Masks of a square, {words, size}: 32 pixels lie in a word, so that a region grows by few operations.
 *
 * Words: Uint32Array, rows from the top, each of whole words; the lowest bit is leftmost, bits beyond the canvas are 0.
 */

const across = (size) => Math.ceil(size / 32);

/** Where an array [size x size] holds another value than `none`. */
export function maskOf(values, size, none) {
  const words = new Uint32Array(across(size) * size);
  for (let y = 0, i = 0, k = 0; y < size; y++)
    for (let x = 0; x < size; k++) {
      let word = 0;
      for (const first = x, end = Math.min(size, x + 32); x < end; x++, i++) if (values[i] !== none) word |= 1 << (x - first);
      words[k] = word;
    }
  return { words, size };
}

/** What lies beyond a mask, on the canvas. */
function outside({ words, size }) {
  const wide = across(size), last = 0xFFFFFFFF >>> (32 * wide - size);
  return { words: words.map((word, k) => ~word & ((k + 1) % wide ? -1 : last)), size };
}

/** What of one mask is not in another. */
export const without = (mask, other) => ({ words: mask.words.map((word, k) => word & ~other.words[k]), size: mask.size });

/** A mask and what lies in the square of `reach` pixels around each of its own. */
export function grown({ words, size }, reach) {
  const wide = across(size), last = wide - 1, beyond = 32 * wide - size, result = words.slice();
  const rows = new Uint32Array(words.length + 2 * wide); // an empty one above and below
  for (let times = 0; times < reach; times++) {
    for (let k = 0; k < words.length; k += wide) {
      for (let x = 0; x < wide; x++) {
        const word = result[k + x], before = x ? result[k + x - 1] >>> 31 : 0, after = x < last ? result[k + x + 1] << 31 : 0;
        rows[k + x + wide] = word | (word << 1) | (word >>> 1) | before | after;
      }
      rows[k + last + wide] &= 0xFFFFFFFF >>> beyond;
    }
    for (let k = 0; k < words.length; k++) result[k] = rows[k] | rows[k + wide] | rows[k + 2 * wide];
  }
  return { words: result, size };
}

/** Those pixels of a mask around which a square of `reach` pixels lies in it, as far as it lies on the canvas. */
export const shrunk = (mask, reach) => outside(grown(outside(mask), reach));

/** Whether a pixel, counted row by row, is in a mask. */
export const has = ({ words, size }, i) => (words[Math.floor(i / size) * across(size) + ((i % size) >> 5)] >>> (i % size & 31)) & 1;

/** The pixels of a mask, each counted row by row: an array of numbers. */
export function pixels({ words, size }) {
  const wide = across(size), found = [];
  for (let k = 0; k < words.length; k++) {
    const first = Math.floor(k / wide) * size + 32 * (k % wide);
    for (let word = words[k]; word; word &= word - 1) found.push(first + 31 - Math.clz32(word & -word));
  }
  return found;
}
