// What a code is worth, judged from keys and a signed list alone. Named here as the server names it.
import { decompress } from "./p256.js";
import { ascii, decode, fromBase64Url, join, momentOf, toBase64Url, unpack } from "./wire.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const MINUTE = 60 * 1000;
const TOLERANCE = 90 * 1000;
const SAME_SCAN = 120 * 1000;
const LAST_MINUTE = 24 * 60 - 1;
const OLD_LIST = 24 * 3600 * 1000;
const keys = new Map();

async function importKey(bytes) {
  const name = toBase64Url(bytes);
  if (!keys.has(name)) keys.set(name, await crypto.subtle.importKey("raw", bytes, CURVE, false, ["verify"]));
  return keys.get(name);
}

async function signed(key, signature, text) {
  try {
    return await crypto.subtle.verify(SIGNING, key, signature, text);
  } catch {
    return false;
  }
}

// Whether a bundle was signed by a key that this counter trusts: those of the bundle before, or, at the first one that
// comes over the enrolled session, its own.
export async function openBundle(told, trusted) {
  const text = fromBase64Url(told.bundle);
  const bundle = JSON.parse(new TextDecoder().decode(text));
  const known = trusted || bundle.keys;
  const key = known[String(told.key_id)];
  if (!key) return null;
  return (await isRight(key, told.signature, "NX2B", text)) ? bundle : null;
}

async function isRight(key, signature, name, text) {
  return signed(await importKey(fromBase64Url(key)), fromBase64Url(signature), join(ascii(name), text));
}

// Another text that the installation signed, under a name of its own: null unless one of the trusted keys did.
export async function openSigned(told, trusted, name) {
  const key = trusted[String(told.key_id)];
  const text = fromBase64Url(told.bundle);
  if (!key || !(await isRight(key, told.signature, name, text))) return null;
  return JSON.parse(new TextDecoder().decode(text));
}

function listed(list, handle) {
  const handles = typeof list === "string" ? fromBase64Url(list) : list;
  for (let at = 0; at < handles.length; at += 6) {
    let same = true;
    for (let place = 0; same && place < 6; place++) same = handles[at + place] === handle[place];
    if (same) return true;
  }
  return false;
}

const minutesOf = (span) => Math.floor(span / MINUTE + 0.5);

// The time alone: "" when it is right. Behind is stale or, when its day is over, expired; ahead is a clock that is wrong.
export function judgeTime(day, minute, now) {
  const begins = momentOf(day, minute);
  if (now < begins - TOLERANCE) return { answer: "clock", minutes: minutesOf(begins - now) };
  if (now <= begins + MINUTE + TOLERANCE) return { answer: "", minutes: 0 };
  return { answer: now >= momentOf(day + 1, 0) ? "expired" : "stale", minutes: minutesOf(now - begins - MINUTE / 2) };
}

async function authentic(code, bundle) {
  const payload = decode(code);
  const told = payload && unpack(payload);
  if (!told || told.minute > LAST_MINUTE) return { answer: "unknown" };
  const issuer = bundle.keys[String(told.keyId)];
  if (!issuer) return { answer: "unknown_key" };
  const whole = decompress(told.deviceKey);
  if (!whole) return { answer: "forged" };
  const issuerKey = await importKey(fromBase64Url(issuer));
  if (!(await signed(issuerKey, told.issuerSignature, told.issuerText))) return { answer: "forged" };
  let device;
  try {
    device = await crypto.subtle.importKey("raw", whole, CURVE, false, ["verify"]);
  } catch {
    return { answer: "forged" };
  }
  if (!(await signed(device, told.deviceSignature, told.deviceText))) return { answer: "forged" };
  return { answer: "", told };
}

const answered = (verdict, answer) => ({ ...verdict, answer });

// The order is the server's: what says more about a picture of a code comes first.
// seen: { first(name) → when this handle and minute were first accepted here, or 0; skew(name, minutes) → whether other
// codes came late by as much lately, so that it is a clock and not a picture }.
export async function judge({ code, bundle, now, seen }) {
  const { answer, told } = await authentic(code, bundle);
  const nothing = { answer, surname: "", badge: 0, minutes: 0, listHours: 0, name: "" };
  if (answer) return nothing;
  const name = `${toBase64Url(told.handle)}.${told.day}.${told.minute}`;
  const time = judgeTime(told.day, told.minute, now);
  const verdict = { ...nothing, name, minutes: time.minutes };
  if (time.answer === "expired") return answered({ ...verdict, minutes: 0 }, "expired");
  const first = seen.first(name);
  if (first && Math.abs(now - first) > SAME_SCAN) return answered({ ...verdict, minutes: 0 }, "replayed");
  if (time.answer === "stale" && seen.skew(name, time.minutes)) return answered(verdict, "clock");
  if (time.answer) return answered(verdict, time.answer);
  const age = now - Date.parse(bundle.issued_at);
  const listHours = age > OLD_LIST ? Math.floor(age / 3600000) : 0;
  const state = ["ended", "revoked", "suspended"].find((list) => listed(bundle[list] || "", told.handle)) || "valid";
  if (state === "revoked") return answered(verdict, state);
  return { ...verdict, answer: state, surname: told.surname, badge: told.badge, listHours };
}
