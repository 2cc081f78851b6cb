// Where a number lands in the line: the same permutation as nuanxin/benefits/rules/line.py, held together by
// tests/benefits/line_vectors.json. Plain integers of 32 bits; every phone counts alike.
const ROUNDS = 6;

function mixed(value, key) {
  let x = (value + key) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b) >>> 0;
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

export function shuffled(seed, count, nth) {
  const keys = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) keys.push(parseInt(seed.substr(8 * turn, 8), 16));
  const bits = count > 1 ? 32 - Math.clz32(count - 1) : 0;
  const half = Math.max(1, Math.floor((bits + 1) / 2));
  const mask = (1 << half) - 1;
  let value = nth - 1;
  for (;;) {
    let left = value >>> half;
    let right = value & mask;
    for (const key of keys) [left, right] = [right, left ^ (mixed(right, key) & mask)];
    value = ((left << half) | right) >>> 0;
    if (value < count) return value + 1;
  }
}
