// A compressed point of P-256 made whole: browsers import only whole ones. BigInt by calls, because older browsers that
// have none must still be able to read this file.
const CURVE = typeof BigInt === "undefined" ? null : curve();

function curve() {
  const p = BigInt("0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  const b = BigInt("0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
  return { p, b, root: (p + BigInt(1)) / BigInt(4) };
}

function toNumber(bytes) {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return BigInt(text);
}

function toBytes(number) {
  const text = number.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

function power(base, exponent, modulus) {
  let result = BigInt(1);
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}

// 33 bytes to 65; null when there is no such point.
export function decompress(key) {
  if (key.length !== 33 || (key[0] !== 2 && key[0] !== 3)) return null;
  const { p, b, root } = CURVE;
  const x = toNumber(key.subarray(1));
  if (x >= p) return null;
  const square = (x * x * x + (p - BigInt(3)) * x + b) % p;
  let y = power(square, root, p);
  if ((y * y) % p !== square) return null;
  if (Number(y % BigInt(2)) !== (key[0] & 1)) y = p - y;
  const whole = new Uint8Array(65);
  whole[0] = 4;
  whole.set(key.subarray(1), 1);
  whole.set(toBytes(y), 33);
  return whole;
}

export const canDecompress = CURVE !== null;
