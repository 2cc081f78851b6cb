// The worker's card pages: credentials are fetched ahead while there is a network; worker/account/offline.html shows the
// code that needs none. Sentences stand in the page; this only chooses which is seen.
import { encode as draw } from "uqr";
import { codeOf, facts, held, nextVisit, openCard, supported, sync } from "./offline/credentials.js";

const QUIET = 4;
const box = document.querySelector("[data-offline-card]");
const source = document.querySelector("[data-credentials]");

function show(part) {
  for (const each of box.querySelectorAll("[data-part]")) each.hidden = each.dataset.part !== part;
  document.querySelector("[data-keeps]").hidden = part !== "code"; // else nothing is kept to speak of
}

function say(name, value) {
  for (const place of document.querySelectorAll(`[data-say="${name}"]`)) place.textContent = String(value);
}

// Version 9, level M: 53 modules, the smallest that holds 260 characters so that a scratched screen still reads.
function picture(text) {
  const { data, size } = draw(text, { ecc: "M", boostEcc: false, minVersion: 9, maxVersion: 9, border: 0 });
  let path = "";
  data.forEach((line, y) => {
    for (let x = 0; x < size; x++) {
      if (!line[x]) continue;
      let width = 1;
      while (x + width < size && line[x + width]) width++;
      path += `M${x + QUIET} ${y + QUIET}h${width}v1h-${width}z`;
      x += width;
    }
  });
  return { path, side: size + 2 * QUIET };
}

function paint(text) {
  const { path, side } = picture(text);
  const svg = box.querySelector("[data-offline-qr]");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.querySelector("rect").setAttribute("width", side);
  svg.querySelector("rect").setAttribute("height", side);
  svg.querySelector("path").setAttribute("d", path);
}

async function tellHeld(db, offset) {
  const { today, later } = await held(db, offset);
  const days = new Set(later.map((row) => row.day)).size;
  say("today", today.filter((row) => !row.uses).length);
  say("days", days + (today.length ? 1 : 0));
  for (const note of box.querySelectorAll("[data-round]")) note.hidden = !today.length || today.some((row) => !row.uses);
}

// Show the code of each minute; return how to begin anew, after new credentials came, and how to stop.
async function run(db) {
  const known = await facts(db);
  let visit = null;
  let minute = -1;
  let busy = false;
  let timer = 0;
  const stop = () => clearInterval(timer);
  const draw = async () => {
    const now = Date.now() + known.offset;
    const here = Math.floor(now / 60000);
    say("seconds", 60 - Math.floor((now % 60000) / 1000));
    box.querySelector("progress").value = 60 - (now % 60000) / 1000;
    if (here === minute) return;
    visit = (await nextVisit(db, known.offset, visit)) || null;
    if (!visit) {
      show("none");
      return;
    }
    paint(await codeOf(visit, known.offset));
    show("code");
    await tellHeld(db, known.offset);
    minute = here;
  };
  const tick = async () => {
    if (busy || document.hidden) return;
    busy = true;
    try {
      await draw();
    } catch {
      stop(); // what was kept is gone: signed out in another window
      show("shut");
    } finally {
      busy = false;
    }
  };
  const again = async () => {
    Object.assign(known, await facts(db));
    minute = -1;
    await tick();
  };
  timer = setInterval(tick, 500);
  document.addEventListener("visibilitychange", tick);
  await tick();
  return { again, stop };
}

async function fetchAhead(db, force) {
  const { credentials: url, person } = source.dataset;
  return navigator.onLine ? sync(db, { url, person, force }) : "away";
}

// Without a network the ten-digit code cannot be renewed: the offline code takes over by itself.
function takeOver() {
  const digits = document.getElementById("card-code");
  const offline = source.dataset.offline;
  if (!digits || !offline) return;
  document.addEventListener("htmx:sendError", () => location.assign(offline));
}

async function begin() {
  if (!supported()) {
    if (box) show("unsupported");
    return;
  }
  let db;
  try {
    db = await openCard();
  } catch {
    if (box) show("unsupported"); // private windows of some browsers keep nothing
    return;
  }
  takeOver();
  if (box) show("wait");
  const known = await facts(db);
  const kept = Boolean(document.documentElement.dataset.keptAt);
  const mine = !known.person || known.person === source.dataset.person;
  if (!box) {
    await fetchAhead(db, false);
    return;
  }
  const today = mine ? (await held(db, known.offset)).today : [];
  let running = today.length ? await run(db) : null;
  const settle = async (outcome) => {
    if (outcome === "shut" || outcome === "rests") {
      running?.stop();
      running = null;
      show(outcome);
    } else if (outcome === "ready" && running) await running.again();
    else if (outcome === "ready") running = await run(db);
    else if (!running) show("none");
  };
  await settle(kept && !navigator.onLine ? "away" : await fetchAhead(db, !today.length));
  window.addEventListener("online", async () => settle(await fetchAhead(db, true)));
}

if (source) begin();
