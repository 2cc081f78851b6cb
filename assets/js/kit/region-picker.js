// The region picker (kit/region_picker.html) without page loads: type to search, drill down, recent picks.
// The page works without this: every choice is a link or a form the server answers.
import htmx from "./htmx.js";

const RECENT = "nx-recent-regions";

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) || "[]").slice(0, 5);
  } catch {
    return [];
  }
}

function remember(pick) {
  try {
    const rest = recent().filter((entry) => entry.code !== pick.code);
    localStorage.setItem(RECENT, JSON.stringify([pick, ...rest].slice(0, 5)));
  } catch {
    // A full or forbidden store only costs the convenience.
  }
}

let timer;

function choose(picker, pick) {
  clearTimeout(timer); // a search still to come would open the panel again
  const hidden = picker.querySelector("input[data-region-value]");
  hidden.value = pick.code;
  remember(pick);
  const shown = picker.querySelector("[data-region-selected]");
  if (shown) {
    shown.hidden = false;
    shown.querySelector("[data-region-name]").textContent = pick.name;
  }
  const panel = picker.querySelector("[data-region-panel]");
  if (panel) panel.hidden = true;
  const search = picker.querySelector("[data-region-search]");
  if (search) search.value = "";
  hidden.dispatchEvent(new Event("input", { bubbles: true }));
  hidden.dispatchEvent(new Event("change", { bubbles: true }));
  shown?.querySelector("button, a")?.focus();
}

function load(picker, url) {
  const panel = picker.querySelector("[data-region-panel]");
  panel.hidden = false;
  return htmx.ajax("GET", url, { source: picker, target: panel, swap: "innerHTML" });
}

function withQuery(url, name, value) {
  const full = new URL(url, location.href);
  full.searchParams.set(name, value);
  return full.pathname + full.search;
}

function showRecent(picker) {
  const box = picker.querySelector("[data-region-recent]");
  const picks = recent();
  const search = picker.querySelector("[data-region-search]");
  if (!box || !picks.length || (search && search.value)) return;
  const list = box.querySelector("[data-region-recent-list]");
  list.replaceChildren(
    ...picks.map((pick) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "nx-chip";
      button.dataset.regionCode = pick.code;
      button.dataset.regionLabel = pick.name;
      button.textContent = pick.name;
      return button;
    }),
  );
  box.hidden = false;
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const picker = target?.closest("[data-region-picker]");
  if (!picker) return;
  const option = target.closest("[data-region-code]");
  const level = target.closest("a[data-region-open]");
  const change = target.closest("[data-region-change]");
  if (option) {
    event.preventDefault();
    choose(picker, { code: option.dataset.regionCode, name: option.dataset.regionLabel });
  } else if (level) {
    event.preventDefault();
    load(picker, level.getAttribute("href"));
  } else if (change) {
    event.preventDefault();
    load(picker, picker.dataset.url).then(() => picker.querySelector("[data-region-search]")?.focus());
  }
});

document.addEventListener("input", (event) => {
  const search = event.target;
  if (!(search instanceof HTMLInputElement) || !search.matches("[data-region-search]")) return;
  const picker = search.closest("[data-region-picker]");
  clearTimeout(timer);
  timer = setTimeout(() => load(picker, withQuery(picker.dataset.url, "q", search.value.trim())), 250);
});

// Enter in the search field searches; it does not send the form around it.
document.addEventListener("keydown", (event) => {
  const search = event.target;
  if (event.key !== "Enter" || !(search instanceof HTMLInputElement) || !search.matches("[data-region-search]")) return;
  event.preventDefault();
  const picker = search.closest("[data-region-picker]");
  clearTimeout(timer);
  load(picker, withQuery(picker.dataset.url, "q", search.value.trim()));
});

function enhanceAll() {
  document.querySelectorAll("[data-region-picker]").forEach(showRecent);
}
document.addEventListener("htmx:afterSettle", enhanceAll);
enhanceAll();
