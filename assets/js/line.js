// The page of a line: asks what is the same for everybody, works the own place out of it, and says what it means.
// Asks seldom before the opening, soon after it, and ever less often while the network fails; nothing is lost by that.
import { shuffled } from "./kit/shuffle.js";

const root = document.querySelector("[data-line][data-now-url]");
const SOON = 4000;
const SELDOM = 60000;

function spread(time) {
  return time * (0.75 + Math.random() / 2);
}

function begin() {
  const nth = Number(root.dataset.nth || 0);
  const early = root.dataset.early === "1";
  const opens = Number(root.dataset.opens);
  let ahead = Number(root.dataset.clock) - Date.now();
  let failures = 0;
  let told = null;

  const words = (seconds) =>
    seconds >= 90
      ? root.dataset.minutesWord.replace("{n}", String(Math.ceil(seconds / 60)))
      : root.dataset.secondsWord.replace("{n}", String(seconds));
  const put = (name, value) => {
    const place = root.querySelector(`[data-line="${name}"]`);
    if (place) place.textContent = typeof value === "number" ? value.toLocaleString("en-US") : value;
  };
  const show = (stage) => {
    root.dataset.stage = stage;
    root.querySelectorAll("[data-when]").forEach((part) => {
      part.hidden = part.dataset.when !== stage;
    });
    const take = document.querySelector("[data-line-take]");
    const look = document.querySelector("[data-line-look]");
    if (take) take.hidden = stage !== "turn";
    if (look) look.hidden = stage === "turn" || stage === "out";
  };

  const draw = () => {
    if (!told) return;
    put("stock", told.stock);
    put("left", told.left);
    put("count", told.early + told.late);
    if (told.over || told.left <= 0) return show("out");
    if (!nth) return;
    if (!told.drawn) return show("before");
    const now = Date.now() + ahead;
    const place = early ? shuffled(told.seed, told.early, nth) : told.early + nth;
    const admitted = now < told.opens ? 0 : Math.floor(((now - told.opens) / 1000 + 1) * told.pace);
    const wait = Math.max(0, Math.ceil((place - admitted) / told.pace));
    put("place", place);
    put("ahead", Math.max(0, place - 1 - admitted));
    put("wait", words(wait));
    put("lacking", Math.max(0, place - told.stock));
    const within = place <= Math.max(told.stock, admitted);
    root.querySelectorAll("[data-chance]").forEach((part) => {
      part.hidden = (part.dataset.chance === "within") !== within;
    });
    show(wait > 0 ? "waiting" : "turn");
  };

  const next = () => {
    if (failures) return Math.min(SELDOM, SOON * 2 ** failures);
    if (root.dataset.stage === "out") return SELDOM;
    const until = opens - (Date.now() + ahead);
    if (until > SELDOM + 5000) return SELDOM;
    return until > 0 ? until + 500 + Math.random() * 2500 : SOON;
  };

  const ask = () => {
    if (!root.isConnected) return;
    const stop = window.AbortController ? new AbortController() : null;
    const late = setTimeout(() => stop && stop.abort(), 15000);
    fetch(root.dataset.nowUrl, { credentials: "omit", signal: stop ? stop.signal : undefined })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((answer) => {
        failures = 0;
        told = answer;
        ahead = answer.now - Date.now();
        draw();
      })
      .catch(() => {
        failures += 1;
      })
      .then(() => {
        clearTimeout(late);
        const trouble = root.querySelector('[data-line="trouble"]');
        if (trouble) trouble.hidden = failures === 0;
        setTimeout(ask, failures || next() > SELDOM ? spread(next()) : next());
      });
  };
  setInterval(draw, 1000);
  ask();
}

if (root) begin();
