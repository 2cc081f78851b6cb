// What a scanner of the bus keeps on this device: the day's signed list, whom it let in, and what is still to be told.
import { ask, post } from "../offline/link.js";
import { all, clear, get, openStore, put, remove } from "../offline/store.js";
import { openSigned } from "../offline/judge.js";
import { dayMinute } from "../offline/wire.js";

const NAME = "nuanxin-bus";
const STORES = ["meta", "seen", "arrivals"];
const AT_ONCE = 50;

export const openBus = () => openStore(NAME, STORES);

export async function settleBus(db, person) {
  const known = await get(db, "meta", "person");
  if (known && known.person !== person) for (const store of STORES) await clear(db, store);
  await put(db, "meta", { id: "person", person });
}

// The list of the day. One that no trusted key signed is not taken.
export async function fetchSnapshot(db, url, keys) {
  const answer = await ask(url);
  if (!answer.ok) return answer.status === 404 ? "none" : "away";
  const snapshot = await openSigned(await answer.json(), keys, "NX2S");
  if (!snapshot) return "untrusted";
  await put(db, "meta", { id: "snapshot", snapshot });
  return "synced";
}

export async function snapshotOf(db) {
  const row = await get(db, "meta", "snapshot");
  return row ? row.snapshot : null;
}

// Today's arrivals, newest first; what was told on an earlier day is forgotten.
export async function arrivalsOf(db, now) {
  const { day } = dayMinute(now);
  const rows = [];
  for (const row of await all(db, "arrivals")) {
    if (dayMinute(Date.parse(row.at)).day === day || !row.sent) rows.push(row);
    else await remove(db, "arrivals", row.id);
  }
  return rows.sort((a, b) => (a.at < b.at ? 1 : -1));
}

export function seenOf(rows, day) {
  const seen = { bookings: new Set(), handles: new Set(), walked: {}, given: 0 };
  for (const row of rows) {
    if (row.day !== day) continue;
    seen.handles.add(row.handle);
    if (row.booking) seen.bookings.add(row.booking);
    if (row.answer === "walk_in") seen.walked[row.place] = (seen.walked[row.place] || 0) + 1;
    seen.given = Math.max(seen.given, row.nth);
  }
  return seen;
}

export const note = (db, row) => put(db, "arrivals", row);

// Tell whom this scanner let in; what the server took waits no more, and what the register says against it is noted.
export async function sendArrivals(db, url) {
  const waiting = (await all(db, "arrivals")).filter((row) => !row.sent).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (let from = 0; from < waiting.length; from += AT_ONCE) {
    const part = waiting.slice(from, from + AT_ONCE);
    const arrivals = part.map(({ id, at, code, answer, window, number }) => ({ id, at, code, answer, window, number }));
    const answer = await post(url, JSON.stringify({ arrivals }));
    if (!answer.ok) return;
    const told = await answer.json();
    const done = new Set([...told.taken, ...told.refused]);
    const clashes = new Map(told.clashes.map((clash) => [clash.id, clash.word]));
    for (const row of part) {
      if (done.has(row.id)) await put(db, "arrivals", { ...row, sent: true, code: "", clash: clashes.get(row.id) || "" });
    }
  }
}
