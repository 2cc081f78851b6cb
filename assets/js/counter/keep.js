// What a counter keeps on this device: the keys and the list, what was checked without a network, and what it saw today.
import { offsetOf, ask, post } from "../offline/link.js";
import { all, clear, get, openStore, put, remove } from "../offline/store.js";
import { openBundle } from "../offline/judge.js";
import { dayMinute } from "../offline/wire.js";

const NAME = "nuanxin-counter";
const SKEW_KEPT = 10 * 60 * 1000;
const AT_ONCE = 50;

export const openCounter = () => openStore(NAME, ["meta", "checks", "seen"]);

// Another counter's things, as after a new enrollment, are not this one's.
export async function settle(db, person) {
  const known = await get(db, "meta", "bundle");
  if (known && known.person !== person) for (const store of ["meta", "checks", "seen"]) await clear(db, store);
}

export async function bundleOf(db) {
  return (await get(db, "meta", "bundle")) || null;
}

// Fetch keys and list. A bundle that no trusted key signed is not taken. Answers what happened in one word.
export async function fetchBundle(db, { url, person }) {
  const known = await bundleOf(db);
  const asked = Date.now();
  const answer = await ask(url);
  if (!answer.ok) return answer.type === "opaqueredirect" || answer.status === 401 ? "shut" : "away";
  const told = await answer.json();
  const bundle = await openBundle(told, known && known.bundle.keys);
  if (!bundle) return "untrusted";
  const answered = Date.now();
  const offset = offsetOf(Date.parse(told.now), asked, answered);
  const older = known && Date.parse(bundle.issued_at) < Date.parse(known.bundle.issued_at); // it tells less, but the time
  await put(db, "meta", { id: "bundle", person, bundle: older ? known.bundle : bundle, offset, syncedAt: answered });
  return "synced";
}

// Send what was checked without a network; what the server took is waiting no more, and what it knows better is noted.
export async function sendChecks(db, url) {
  const rows = (await all(db, "checks")).filter((row) => !row.sent).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const part = rows.slice(from, from + AT_ONCE);
    const checks = part.map(({ id, at, code, answer, coupon }) => ({ id, at, code, answer, coupon }));
    const answer = await post(url, JSON.stringify({ checks }));
    if (!answer.ok) return;
    const told = await answer.json();
    const done = new Set([...told.taken, ...told.refused]);
    const clashes = new Map([...told.clashes, ...(told.coupons || [])].map((clash) => [clash.id, clash]));
    for (const row of part) {
      const clash = clashes.get(row.id);
      if (done.has(row.id)) await put(db, "checks", { ...row, sent: true, code: "", clash: clash ? clash.word : "" });
    }
  }
}

export async function remember(db, row) {
  await put(db, "checks", row);
}

// Today's, newest first; what was sent on an earlier day is forgotten.
export async function checksOf(db, now) {
  const { day } = dayMinute(now);
  const rows = [];
  for (const row of await all(db, "checks")) {
    if (dayMinute(Date.parse(row.at)).day === day || !row.sent) rows.push(row);
    else await remove(db, "checks", row.id);
  }
  return rows.sort((a, b) => (a.at < b.at ? 1 : -1));
}

// What this counter saw, as the judge asks for it. Yesterday's counts too: its last code is good a little past midnight.
export async function memory(db, now) {
  const rows = [];
  const { day } = dayMinute(now);
  for (const row of await all(db, "seen")) {
    if (row.day < day - 1) await remove(db, "seen", row.id);
    else rows.push(row);
  }
  return {
    first: (name) => rows.find((row) => row.id === name && !row.late)?.at || 0,
    skew: (name, minutes) =>
      rows.some((row) => row.late && row.id !== name && now - row.at < SKEW_KEPT && Math.abs(row.late - minutes) <= 2),
  };
}

// Accepted codes are seen from then on; late ones are remembered by how late they were.
export async function saw(db, verdict, now) {
  if (!verdict.name || ["expired", "replayed", "clock"].includes(verdict.answer)) return;
  const known = await get(db, "seen", verdict.name);
  const late = verdict.answer === "stale" ? verdict.minutes : 0;
  if (!known || (known.late && !late)) await put(db, "seen", { id: verdict.name, at: now, day: dayMinute(now).day, late });
}
