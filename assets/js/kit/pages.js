// Small delegated helpers used by both faces.
import { text, toast } from "./texts.js";

async function copy(value) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(value);
  const area = document.createElement("textarea");
  area.value = value;
  area.className = "nx-offscreen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const copier = target.closest("[data-copy], [data-copy-from]");
  if (copier) {
    const source = copier.dataset.copyFrom ? document.getElementById(copier.dataset.copyFrom) : null;
    const value = source ? source.value || source.textContent.trim() : copier.dataset.copy;
    copy(value).then(
      () => toast(text("copied")),
      () => toast(text("copyFailed")),
    );
    event.preventDefault();
  }
  if (target.closest("[data-print]")) {
    window.print();
    event.preventDefault();
  }
  if (target.closest("[data-back]") && document.referrer.startsWith(location.origin) && history.length > 1) {
    history.back();
    event.preventDefault();
  }
  for (const menu of document.querySelectorAll("details.nx-menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.nx-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLElement && field.matches("[data-submit-on-change]")) field.form?.requestSubmit();
});

// A form is sent once: the second tap on a slow line does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method.toLowerCase() !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  form.dataset.sending = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), 10000); // a download leaves the page where it is
}, true);

export function release(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
}
function releaseAll() {
  document.querySelectorAll("form[data-sending]").forEach(release);
}
window.addEventListener("pageshow", releaseAll);
document.addEventListener("htmx:afterRequest", releaseAll);

function showLine() {
  const banner = document.getElementById("nx-offline");
  if (banner) banner.hidden = navigator.onLine;
}
window.addEventListener("online", showLine);
window.addEventListener("offline", showLine);
showLine();

// After a refused form the summary gets the focus, so that nobody has to look for what went wrong.
function focusErrors() {
  document.querySelector("[data-error-summary]")?.focus();
}
focusErrors();
document.addEventListener("htmx:afterSettle", focusErrors);
