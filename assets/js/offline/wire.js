// The offline code: 175 bytes as 256 digits in base 45 behind "NX2:". Pure functions, the same on card and counter.
// A day begins at midnight in Shanghai, which has no summer time; day 0 is 2026-01-01.
export const PREFIX = "NX2:";
export const CODE_LENGTH = 260;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const DIGITS = 256;
const PAYLOAD = 175;
const HEAD = 110;
const SIGNED = 46;
const ZONE = 8 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;
const MINUTE = 60 * 1000;
const FIRST_DAY = 20454; // days from 1970-01-01 to 2026-01-01

// Local day and minute of a moment in milliseconds.
export function dayMinute(at) {
  const local = at + ZONE;
  return { day: Math.floor(local / DAY) - FIRST_DAY, minute: Math.floor((local % DAY) / MINUTE) };
}

// The moment, in milliseconds, at which a minute of a day begins.
export function momentOf(day, minute) {
  return (day + FIRST_DAY) * DAY - ZONE + minute * MINUTE;
}

export function toBase64Url(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64Url(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

// 65 bytes of a public key to 33: which of the two points, and its x.
export function compress(key) {
  return join([2 + (key[64] & 1)], key.subarray(1, 33));
}

export function encode(payload) {
  const number = Uint8Array.from(payload);
  const digits = new Array(DIGITS);
  for (let place = DIGITS - 1; place >= 0; place--) {
    let rest = 0;
    for (let at = 0; at < number.length; at++) {
      const value = rest * 256 + number[at];
      number[at] = Math.floor(value / 45);
      rest = value % 45;
    }
    digits[place] = ALPHABET[rest];
  }
  return PREFIX + digits.join("");
}

// The payload of a code; null for anything else. Up to four blanks lost at the end, as copying does, are put back.
export function decode(code) {
  const text = code.replace(/^[ \r\n\t]+|[\r\n\t]+$/g, "").toUpperCase();
  if (!text.startsWith(PREFIX) || text.length < CODE_LENGTH - 4) return null;
  const digits = text.slice(PREFIX.length).padEnd(DIGITS, " ");
  if (digits.length > DIGITS) return null;
  const number = new Uint8Array(PAYLOAD);
  for (const letter of digits) {
    let carry = ALPHABET.indexOf(letter);
    if (carry < 0) return null;
    for (let at = PAYLOAD - 1; at >= 0; at--) {
      carry += number[at] * 45;
      number[at] = carry & 255;
      carry >>= 8;
    }
    if (carry) return null; // more than 175 bytes hold
  }
  return number;
}

// What the server signed for: without its signature, with the three letters before.
function signedText(head) {
  return join(ascii("NX2"), head.subarray(0, SIGNED));
}

// What the phone signs for one minute: the credential's head (110 bytes) and day and minute (3 bytes).
export function deviceText(head, stamp) {
  return join(ascii("NX2M"), signedText(head), head.subarray(SIGNED), stamp);
}

export function stampOf(day, minute) {
  const value = (day << 11) | minute;
  return Uint8Array.of(value >> 16, (value >> 8) & 255, value & 255);
}

export function dayOfHead(head) {
  return (head[1] << 8) | head[2];
}

// Put together what the phone shows: the day of the head makes room for day and minute.
export function pack(head, stamp, signature) {
  return join(head.subarray(0, 1), stamp, head.subarray(3), signature);
}

function surnameOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\0+$/, "");
  } catch {
    return "";
  }
}

export function unpack(payload) {
  const value = (payload[1] << 16) | (payload[2] << 8) | payload[3];
  const day = value >> 11;
  const head = join(payload.subarray(0, 1), [day >> 8, day & 255], payload.subarray(4, HEAD + 1));
  return {
    keyId: payload[0],
    day,
    minute: value & 2047,
    handle: payload.subarray(4, 10),
    badge: payload[10],
    surname: surnameOf(payload.subarray(11, 14)),
    deviceKey: payload.subarray(14, 47),
    issuerText: signedText(head),
    issuerSignature: payload.subarray(47, 111),
    deviceText: deviceText(head, payload.subarray(1, 4)),
    deviceSignature: payload.subarray(111, 175),
  };
}
