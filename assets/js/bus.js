// The scanner of the check-up bus. It always judges by itself, from the day's signed list, and tells the server as soon
// as there is a network: with and without one the counter works the same.
import { bundleOf, fetchBundle, memory, saw } from "./counter/keep.js";
import { arrivalsOf, fetchSnapshot, note, openBus, seenOf, sendArrivals, settleBus, snapshotOf } from "./counter/bus-keep.js";
import { close, showFace } from "./counter/sheet.js";
import { judgeArrival, queueNumber, readSnapshot } from "./offline/arrivals.js";
import { judge } from "./offline/judge.js";
import { post } from "./offline/link.js";
import { canDecompress } from "./offline/p256.js";
import { dayMinute, PREFIX } from "./offline/wire.js";

const EVERY = 60 * 1000;
const home = document.querySelector("[data-bus]");
const able = () => Boolean(window.isSecureContext && window.indexedDB && window.crypto?.subtle && canDecompress);
const localTime = (at) => new Date(at + 8 * 3600 * 1000).toISOString().slice(11, 16);
let db = null;
let asked = null; // who may be let in by the button of the sheet

const letIn = () => document.querySelector("[data-let-in]");
const offsetOf = async () => (await bundleOf(db))?.offset || 0;

function timeOf(snapshot, window) {
  const found = snapshot.windows[window];
  return found ? `${localTime(found.from)}–${localTime(found.until)}` : "";
}

function show(name, answer, facts) {
  letIn().hidden = answer !== "not_listed";
  showFace(name, answer, facts);
}

async function decide(person, walkIn) {
  const snapshot = readSnapshot(await snapshotOf(db));
  const now = Date.now() + (await offsetOf());
  const seen = seenOf(await arrivalsOf(db, now), snapshot.day);
  const found = judgeArrival({ snapshot, handle: person.handle, now, seen, walkIn });
  const facts = { surname: person.surname && `${person.surname}**`, time: timeOf(snapshot, found.window) };
  if (["booked", "walk_in"].includes(found.answer)) {
    const nth = Math.max(seen.given, snapshot.given) + 1;
    facts.number = queueNumber(snapshot.letter, nth);
    await note(db, {
      id: crypto.randomUUID(),
      at: new Date(now).toISOString(),
      code: person.code,
      answer: found.answer,
      window: snapshot.windows[found.window].id,
      number: facts.number,
      place: found.window,
      booking: found.booking,
      handle: person.handle,
      day: snapshot.day,
      nth,
    });
  }
  asked = found.answer === "not_listed" ? person : null;
  show(`bus_${found.answer}`, found.answer, facts);
  await showArrivals();
  sync();
}

// Any other code, ten digits or the printed card's, needs the register: with a network it answers at once.
async function askRegister(code, walkIn) {
  const snapshot = await snapshotOf(db);
  if (!snapshot) return show("not_ready", "not_ready", {});
  const now = Date.now() + (await offsetOf());
  const seen = seenOf(await arrivalsOf(db, now), snapshot.day);
  const nth = Math.max(seen.given, snapshot.given) + 1;
  const number = queueNumber(snapshot.letter, nth);
  const id = crypto.randomUUID();
  let told = null;
  try {
    const answer = await post(home.dataset.code, JSON.stringify({ id, code, number, walk_in: walkIn }));
    if (answer.status < 500) told = await answer.json();
  } catch {
    told = null; // no network after all
  }
  if (!told) return show("needs_network", "needs_network", {});
  if (!told.answer) return show("unknown", "unknown", {});
  const letsIn = ["booked", "walk_in"].includes(told.answer);
  if (letsIn) {
    const place = snapshot.windows.findIndex((window) => window.id === told.window);
    const row = { id, at: new Date(now).toISOString(), code: "", answer: told.answer, window: told.window, number, place };
    await note(db, { ...row, booking: "", handle: id, day: snapshot.day, nth, sent: true, clash: "" });
  }
  asked = told.answer === "not_listed" ? { typed: code } : null;
  const own = document.querySelector(`template[data-face="bus_${told.answer}"]`) ? `bus_${told.answer}` : told.answer;
  show(own, told.answer, { surname: told.surname, number: letsIn ? number : "", time: told.reason || "" });
  await showArrivals();
  sync();
}

async function scanned(text) {
  const code = text.trimStart();
  if (!code.toUpperCase().startsWith(PREFIX)) return askRegister(code.trim(), false);
  const kept = await bundleOf(db);
  const snapshot = await snapshotOf(db);
  const now = Date.now() + (kept?.offset || 0);
  if (!kept || !snapshot || snapshot.day !== dayMinute(now).day) return show("not_ready", "not_ready", {});
  const verdict = await judge({ code, bundle: kept.bundle, now, seen: await memory(db, now) });
  await saw(db, verdict, now);
  if (verdict.answer !== "valid") {
    return show(verdict.answer, verdict.answer, { surname: verdict.surname && `${verdict.surname}**` });
  }
  return decide({ code, handle: verdict.name.split(".")[0], surname: verdict.surname }, false);
}

async function showArrivals() {
  const rows = await arrivalsOf(db, Date.now() + (await offsetOf()));
  const waiting = rows.filter((row) => !row.sent).length;
  const counts = { in: rows.length, waiting, clashes: rows.filter((row) => row.clash).length };
  for (const [name, count] of Object.entries(counts)) {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = String(count);
  }
  const list = document.querySelector("[data-arrivals]");
  list.replaceChildren(
    ...rows.slice(0, 30).map((row) => {
      const item = document.querySelector("template[data-arrival]").content.firstElementChild.cloneNode(true);
      item.querySelector("time").textContent = localTime(Date.parse(row.at));
      item.querySelector("[data-number]").textContent = row.number;
      item.querySelector("[data-sent]").hidden = !row.sent;
      item.querySelector("[data-unsent]").hidden = Boolean(row.sent);
      item.querySelector("[data-clash]").hidden = !row.clash;
      item.querySelector("[data-clash] strong").textContent = row.clash || "";
      return item;
    }),
  );
}

async function showState(word) {
  const snapshot = await snapshotOf(db);
  const today = dayMinute(Date.now() + (await offsetOf())).day;
  const state = word === "untrusted" ? word : snapshot && snapshot.day === today ? "ready" : "none";
  for (const line of document.querySelectorAll("[data-sync]")) line.hidden = line.dataset.sync !== state;
  if (state !== "ready") return;
  for (const place of document.querySelectorAll("[data-list-at]")) {
    place.textContent = localTime(Date.parse(snapshot.issued_at));
  }
  for (const place of document.querySelectorAll("[data-list-count]")) place.textContent = String(snapshot.booked.length);
}

let syncing = false;
async function sync() {
  if (syncing || !db) return;
  syncing = true;
  let word = "away";
  try {
    if (navigator.onLine) {
      await fetchBundle(db, { url: home.dataset.bundle, person: home.dataset.person });
      await sendArrivals(db, home.dataset.arrivalsUrl);
      const kept = await bundleOf(db);
      if (kept) word = await fetchSnapshot(db, home.dataset.snapshot, kept.bundle.keys);
    }
  } catch {
    word = "away"; // the network went; the next round tries again
  } finally {
    syncing = false;
  }
  await showState(word);
  await showArrivals();
}

async function begin() {
  if (!able()) {
    for (const line of document.querySelectorAll("[data-sync]")) line.hidden = line.dataset.sync !== "unable";
    return;
  }
  db = await openBus();
  await settleBus(db, home.dataset.person);
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("form.ct-code")) return;
    event.preventDefault();
    await scanned(form.elements.code.value);
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  });
  document.querySelector("[data-sheet-close]").addEventListener("click", close);
  letIn().addEventListener("click", () => asked && (asked.typed ? askRegister(asked.typed, true) : decide(asked, true)));
  window.addEventListener("online", sync);
  setInterval(sync, EVERY);
  await showArrivals();
  await showState("");
  home.dataset.ready = "1";
  await sync();
}

begin();
