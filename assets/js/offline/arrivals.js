// Who is let in at the bus by this scanner alone, as nuanxin/activities/rules/arrivals.py decides it. Pure.
import { fromBase64Url, toBase64Url } from "./wire.js";

const MINUTE = 60 * 1000;
const HANDLE = 6;

// The signed text as it is judged by: handle → its booking.
export function readSnapshot(told) {
  const booked = new Map();
  for (const row of told.booked) {
    const handles = fromBase64Url(row.handles);
    for (let at = 0; at < handles.length; at += HANDLE) {
      booked.set(toBase64Url(handles.subarray(at, at + HANDLE)), row);
    }
  }
  const windows = told.windows.map((each) => ({ ...each, from: Date.parse(each.starts_at), until: Date.parse(each.ends_at) }));
  return { ...told, windows, handles: booked, earlyFor: told.early * MINUTE };
}

export function currentWindow(snapshot, now) {
  const at = snapshot.windows.findIndex((window) => window.from <= now && now < window.until);
  if (at >= 0 || !snapshot.windows.length) return at;
  const first = snapshot.windows[0];
  return first.from - snapshot.earlyFor <= now && now < first.from ? 0 : -1;
}

// seen: { bookings: Set, handles: Set, walked: { window: how many } } of this scanner today.
export function judgeArrival({ snapshot, handle, now, seen, walkIn = false }) {
  const row = snapshot.handles.get(handle);
  const window = row ? row.window : currentWindow(snapshot, now);
  const told = (answer) => ({ answer, booking: row ? row.key : "", window });
  if (seen.handles.has(handle) || (row && (row.came || seen.bookings.has(row.key)))) return told("already");
  if (row) {
    const times = snapshot.windows[row.window];
    if (now < times.from - snapshot.earlyFor) return told("early");
    return told(now > times.until ? "late" : "booked");
  }
  if (window < 0) return told("no_window");
  if ((seen.walked[window] || 0) >= snapshot.windows[window].walk_ins) return told("walk_ins_full");
  return told(walkIn ? "walk_in" : "not_listed");
}

export function queueNumber(letter, nth) {
  return `${letter}-${String(nth).padStart(3, "0")}`;
}
