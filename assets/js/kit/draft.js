// Keep what was typed: <form data-draft="key">. Stored on this device for seven days, never fields marked data-secret,
// passwords, files or hidden values. On a lost signal the form says so and can be sent again with one tap.
import { release } from "./pages.js";
import { text } from "./texts.js";

const PREFIX = "nx-draft:";
const SENT = "nx-draft-sent";
const LIFETIME = 7 * 24 * 3600 * 1000;
const NEVER = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

function kept(form) {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.type) && !field.closest("[data-secret]"));
}

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + key) || "null");
    if (draft && Date.now() - draft.at < LIFETIME) return draft.values;
    localStorage.removeItem(PREFIX + key);
  } catch {
    // A full or forbidden store only costs the convenience.
  }
  return null;
}

function save(form) {
  const values = {};
  for (const field of kept(form)) {
    const list = (values[field.name] ||= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else list.push(field.value);
  }
  try {
    localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // See read().
  }
}

function drop(key) {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // See read().
  }
}

function fill(form, values) {
  let changed = false;
  const seen = {};
  for (const field of kept(form)) {
    const list = values[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      const on = list.includes(field.value);
      changed ||= on !== field.checked;
      field.checked = on;
    } else {
      const at = (seen[field.name] = (seen[field.name] ?? -1) + 1);
      const value = list[at];
      if (value === undefined || value === field.value) continue;
      field.value = value;
      changed = true;
    }
  }
  return changed;
}

function notice(form, message, label, onClick, kind) {
  form.querySelector(".nx-draft")?.remove();
  const box = document.createElement("div");
  box.className = `nx-draft nx-draft-${kind}`;
  box.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.className = "btn btn-link";
  button.addEventListener("click", () => {
    box.remove();
    onClick();
  });
  if (message) box.append(message, " ");
  box.append(button);
  form.prepend(box);
}

function retry(form) {
  save(form);
  release(form);
  notice(form, "", text("lost"), () => form.requestSubmit(), "lost");
  form.querySelector(".nx-draft")?.scrollIntoView({ block: "center" });
}

function enhance(form) {
  if (form.dataset.draftReady) return;
  form.dataset.draftReady = "1";
  const values = form.querySelector(".is-invalid, [data-error-summary]") ? null : read(form.dataset.draft);
  if (values && fill(form, values)) {
    const fresh = () => {
      drop(form.dataset.draft);
      form.reset();
    };
    notice(form, text("restored"), text("startOver"), fresh, "restored");
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => save(form), 300);
  });
}

// A draft is done with when the form it belongs to was sent and does not come back with the next page.
function settle() {
  let key = null;
  try {
    key = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
  } catch {
    // See read().
  }
  const back = [...document.querySelectorAll("form[data-draft]")].some((form) => form.dataset.draft === key);
  if (key && !back && !document.querySelector("[data-draft-keep]")) drop(key);
  document.querySelectorAll("form[data-draft]").forEach(enhance);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.draft || event.defaultPrevented) return;
  save(form);
  if (!navigator.onLine) {
    event.preventDefault();
    event.stopImmediatePropagation();
    retry(form);
    return;
  }
  try {
    sessionStorage.setItem(SENT, form.dataset.draft);
  } catch {
    // See read().
  }
}, true);

function lost(event) {
  const form = event.detail.elt?.closest?.("form[data-draft]");
  if (!form) return;
  try {
    sessionStorage.removeItem(SENT);
  } catch {
    // See read().
  }
  retry(form);
}
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:timeout", lost);
document.addEventListener("htmx:afterSettle", settle);

// Sent through htmx, a lost signal can be told apart from an answer; without it the browser's own error page would show.
export function boostDrafts(htmx) {
  for (const form of document.querySelectorAll('form[data-draft]:not([hx-post]):not([hx-boost])')) {
    form.setAttribute("hx-boost", "true");
    htmx.process(form);
  }
}
document.addEventListener("htmx:afterSettle", () => window.htmx && boostDrafts(window.htmx));
settle();
