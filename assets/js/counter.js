// The counter: online the server answers; without a network this device judges offline codes by itself, and tells the
// server later. Browsers that cannot judge send the form as ever.
import { bundleOf, checksOf, fetchBundle, memory, openCounter, remember, saw, sendChecks, settle } from "./counter/keep.js";
import { offerCoupons } from "./counter/coupons.js";
import { feel } from "./counter/feel.js";
import { close, showFace, showPage } from "./counter/sheet.js";
import { judge } from "./offline/judge.js";
import { post } from "./offline/link.js";
import { canDecompress } from "./offline/p256.js";
import { PREFIX } from "./offline/wire.js";

const EVERY = 3 * 60 * 1000;
const PATIENCE = 5000;
const DAY_HOURS = 24;
const home = document.querySelector("[data-counter]"); // what the server answers instead of the form leaves it in place
const able = () => Boolean(window.isSecureContext && window.indexedDB && window.crypto?.subtle && canDecompress);
let db = null;
let opened = null; // resolves when this device can judge by itself

const localTime = (at) => new Date(at + 8 * 3600 * 1000).toISOString().slice(11, 16);
const clockTime = (at) => new Date(at + 8 * 3600 * 1000).toISOString().slice(11, 19);
const isOffline = (code) => code.trimStart().toUpperCase().startsWith(PREFIX);
const newId = () =>
  crypto.randomUUID
    ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (at) =>
        (at ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (at / 4)))).toString(16),
      );

function icon(name) {
  const sprite = document.querySelector("[data-sync] use").getAttribute("href").split("#")[0];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "nx-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

function badgeOf(bundle, number) {
  const badge = bundle.badges[number - 1];
  if (!badge) return { badge: "", icon: "" };
  const english = document.documentElement.lang === "en";
  return { badge: (english && badge.name_en) || badge.name, icon: badge.icon ? icon(badge.icon) : "" };
}

async function judgeHere(code) {
  const kept = await bundleOf(db);
  if (!kept) return showFace("not_ready", "not_ready", {});
  const now = Date.now() + kept.offset;
  const seen = await memory(db, now);
  performance.mark("nuanxin-verify-begin");
  const verdict = await judge({ code, bundle: kept.bundle, now, seen });
  performance.measure("nuanxin-verify", "nuanxin-verify-begin");
  const again = verdict.name && seen.first(verdict.name) && verdict.answer !== "replayed";
  await saw(db, verdict, now);
  const row = { id: newId(), at: new Date(now).toISOString(), code: code.trimStart(), answer: verdict.answer };
  if (verdict.answer !== "unknown" && !again) await remember(db, row);
  const old = verdict.listHours && verdict.answer === "valid";
  showFace(old ? "valid_old" : verdict.answer, verdict.answer, {
    surname: verdict.surname && `${verdict.surname}**`,
    ...badgeOf(kept.bundle, verdict.badge),
    minutes: verdict.minutes || "",
    at: clockTime(now),
    list: verdict.listHours ? "" : localTime(Date.parse(kept.bundle.issued_at)),
    hours: verdict.listHours || "",
  });
  if (verdict.answer === "valid" && !again) await offerCoupons(db, row, now, showChecks);
  await showChecks();
}

const here = (code) => (isOffline(code) ? judgeHere(code) : showFace("needs_network", "needs_network", {}));

function release(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
}

async function check(form) {
  const code = form.elements.code.value;
  let answer = null;
  if (navigator.onLine) {
    try {
      answer = await post(form.action, new FormData(form), PATIENCE);
    } catch {
      answer = null; // no network after all
    }
  }
  if (!answer || answer.status >= 500) return here(code);
  if (answer.type === "opaqueredirect") return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.querySelector(".ct-answer")) return showPage(page);
  document.querySelector("main").replaceWith(document.importNode(page.querySelector("main"), true));
  document.dispatchEvent(new Event("htmx:afterSettle"));
  await showState("");
  return showChecks();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!opened || !(form instanceof HTMLFormElement) || !form.matches("form.ct-code")) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    await opened;
    await check(form);
  } finally {
    button.disabled = false;
    release(form);
  }
});

async function showChecks() {
  const section = document.getElementById("ct-offline");
  const rows = await checksOf(db, Date.now() + ((await bundleOf(db))?.offset || 0));
  if (!section) return;
  section.hidden = rows.length === 0;
  const waiting = rows.filter((row) => !row.sent).length;
  for (const place of document.querySelectorAll("[data-waiting]")) place.textContent = String(waiting);
  section.querySelector("[data-none-waiting]").hidden = waiting > 0;
  section.querySelector("[data-some-waiting]").hidden = waiting === 0;
  section.querySelector("ul").replaceChildren(
    ...rows.slice(0, 20).map((row) => {
      const line = document.querySelector(`template[data-row="${row.answer}"]`);
      const item = line.content.firstElementChild.cloneNode(true);
      item.querySelector("time").textContent = localTime(Date.parse(row.at));
      item.querySelector("[data-clash]").hidden = !row.clash;
      item.querySelector("[data-clash] strong").textContent = row.clash || "";
      item.querySelector("[data-sent]").hidden = !row.sent;
      item.querySelector("[data-unsent]").hidden = Boolean(row.sent);
      return item;
    }),
  );
}

async function showState(word) {
  const kept = await bundleOf(db);
  const hours = kept ? (Date.now() + kept.offset - Date.parse(kept.bundle.issued_at)) / 3600000 : 0;
  const state = word === "untrusted" ? word : !kept ? "none" : hours > DAY_HOURS ? "old" : "ready";
  for (const line of document.querySelectorAll("[data-sync]")) line.hidden = line.dataset.sync !== state;
  if (!kept) return;
  const at = Date.parse(kept.bundle.issued_at);
  for (const place of document.querySelectorAll("[data-list-at]")) place.textContent = localTime(at);
  for (const place of document.querySelectorAll("[data-list-hours]")) place.textContent = String(Math.floor(hours));
}

let syncing = false;
async function sync() {
  if (syncing || !db) return;
  syncing = true;
  let word = "away";
  try {
    if (navigator.onLine) {
      word = await fetchBundle(db, { url: home.dataset.bundle, person: home.dataset.person });
      if (word !== "shut") await sendChecks(db, home.dataset.checks);
    }
  } catch {
    word = "away"; // the network went; the next round tries again
  } finally {
    syncing = false;
  }
  await showState(word);
  await showChecks();
}

async function refreshRecent() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("ct-recent");
    if (fresh) document.getElementById("ct-recent").replaceWith(document.importNode(fresh, true));
  } catch {
    // without a network the list stays as it is
  }
}

async function begin() {
  const answered = document.querySelector("main [data-answer]");
  if (answered) {
    feel(answered.dataset.answer);
    document.getElementById("ct-next").focus({ preventScroll: true });
  }
  if (!home) return;
  if (!able()) {
    for (const line of document.querySelectorAll("[data-sync]")) line.hidden = line.dataset.sync !== "unable";
    return;
  }
  opened = openCounter().then(async (fresh) => {
    await settle(fresh, home.dataset.person);
    db = fresh;
  });
  await opened;
  document.querySelector("[data-sheet-close]").addEventListener("click", () => {
    close();
    if (navigator.onLine) refreshRecent();
  });
  window.addEventListener("online", sync);
  setInterval(sync, EVERY);
  await showChecks();
  await showState("");
  await sync();
}

begin();
