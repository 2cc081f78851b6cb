// The phone's half of the offline card: keys that never leave it, credentials fetched ahead, the code of a minute.
import { ask, offsetOf, post } from "./link.js";
import { all, change, clear, get, openStore, put, remove } from "./store.js";
import { compress, dayMinute, dayOfHead, deviceText, encode, fromBase64Url, pack, stampOf, toBase64Url } from "./wire.js";

const NAME = "nuanxin-card";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const VISIT = 120 * 1000;
const REST = 15 * 60 * 1000; // between two questions whether more credentials are wanted

export function supported() {
  return Boolean(window.isSecureContext && window.indexedDB && window.crypto?.subtle && navigator.serviceWorker);
}

export const openCard = () => openStore(NAME, ["credentials", "meta"]);

export async function wipe(db) {
  await clear(db, "credentials");
  await clear(db, "meta");
}

export async function facts(db) {
  return (await get(db, "meta", "facts")) || { id: "facts", person: "", offset: 0, syncedAt: 0 };
}

async function newKey(day) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const whole = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { day, key: toBase64Url(compress(whole)), private: pair.privateKey };
}

async function fetchMore(db, url, wanted) {
  const fresh = [];
  for (const [day, count] of Object.entries(wanted)) {
    for (let made = 0; made < count; made++) fresh.push(await newKey(Number(day)));
  }
  if (!fresh.length) return;
  const answer = await post(url, JSON.stringify({ keys: fresh.map(({ day, key }) => ({ day, key })) }));
  if (!answer.ok) return;
  const keys = new Map(fresh.map((row) => [row.key, row]));
  for (const { key, head } of (await answer.json()).credentials) {
    const own = keys.get(key);
    if (!own) continue;
    const bytes = fromBase64Url(head);
    await put(db, "credentials", { id: key, day: dayOfHead(bytes), head: bytes, private: own.private, uses: 0, usedAt: 0 });
  }
}

// Unused ones of each day, as the server reads them: 325:6,326:4.
async function heldByDay(db) {
  const counts = new Map();
  for (const row of await all(db, "credentials")) if (!row.uses) counts.set(row.day, (counts.get(row.day) || 0) + 1);
  return [...counts].map(([day, count]) => `${day}:${count}`).join(",");
}

// Fetch what is wanted. Answers "ready", "rested" (asked lately), "away" (no network), "rests" (the membership does) or
// "shut" (no longer this person's session); with the last two everything is forgotten.
export async function sync(db, { url, person, force = false }) {
  let known = await facts(db);
  if (known.person && known.person !== person) {
    await wipe(db);
    known = await facts(db);
  }
  if (!force && Math.abs(Date.now() - known.syncedAt) < REST) return "rested";
  try {
    return await fetchAll(db, url, { ...known, person });
  } catch {
    return "away"; // in the middle of it the network went, or the page
  }
}

async function fetchAll(db, url, known) {
  const asked = Date.now();
  const answer = await ask(`${url}?held=${await heldByDay(db)}`);
  if (answer.type === "opaqueredirect" || [401, 403, 404, 409].includes(answer.status)) {
    await wipe(db);
    return answer.status === 409 ? "rests" : "shut";
  }
  if (!answer.ok) return "away";
  const told = await answer.json();
  const fresh = { ...known, offset: offsetOf(Date.parse(told.now), asked, Date.now()) };
  if (await forgetVoid(db, told.day, told.keys)) return fetchAll(db, url, known); // it counted what is void as held
  await put(db, "meta", fresh);
  await fetchMore(db, url, told.wanted || {});
  await put(db, "meta", { ...fresh, syncedAt: Date.now() });
  return "ready";
}

// Forget what is over, and what a key signed that is believed no more; answer whether there was any of the latter.
async function forgetVoid(db, today, keys) {
  let isVoid = false;
  for (const row of await all(db, "credentials")) {
    const believed = keys.includes(row.head[0]);
    if (row.day < today || !believed) await remove(db, "credentials", row.id);
    isVoid ||= row.day >= today && !believed;
  }
  return isVoid;
}

export async function held(db, offset) {
  const { day } = dayMinute(Date.now() + offset);
  const rows = await all(db, "credentials");
  return { today: rows.filter((row) => row.day === day), later: rows.filter((row) => row.day > day) };
}

// The credential of this visit: the one shown in the last two minutes on this page, or the next that nobody has seen;
// when all were shown they go round.
export function nextVisit(db, offset, current) {
  const now = Date.now();
  const { day } = dayMinute(now + offset);
  if (current && current.day === day && Math.abs(now - current.begun) < VISIT) return Promise.resolve(current);
  return change(db, "credentials", (rows) => {
    const today = rows.filter((row) => row.day === day).sort((a, b) => a.uses - b.uses || a.usedAt - b.usedAt);
    const next = today[0];
    if (!next) return undefined;
    return { ...next, uses: next.uses + 1, usedAt: now, begun: now };
  });
}

export async function codeOf(credential, offset) {
  const { day, minute } = dayMinute(Date.now() + offset);
  const stamp = stampOf(day, minute);
  const signature = await crypto.subtle.sign(SIGNING, credential.private, deviceText(credential.head, stamp));
  return encode(pack(credential.head, stamp, new Uint8Array(signature)));
}

