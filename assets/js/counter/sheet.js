// The sheet that an answer fills: color, icon and word from the page's templates, or as the server wrote it.
import { feel } from "./feel.js";

const sheet = () => document.getElementById("ct-sheet");
let opener = null;

function open(part, tone) {
  const box = sheet();
  const place = box.querySelector("[data-sheet-answer]");
  place.replaceChildren(part);
  box.className = `ct-sheet ct-full ct-full-${tone}`;
  box.hidden = false;
  for (const other of document.body.children) if (other !== box) other.inert = true;
  opener = document.activeElement;
  box.querySelector("[data-sheet-close]").focus({ preventScroll: true });
  box.scrollTop = 0;
  feel(part.dataset.answer);
}

export function close() {
  const box = sheet();
  if (!box || box.hidden) return;
  box.hidden = true;
  for (const other of document.body.children) other.inert = false;
  const field = document.querySelector("form.ct-code input[name=code]");
  if (field) field.value = "";
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
}

function fill(part, name, value) {
  for (const place of part.querySelectorAll(`[data-fill="${name}"]`)) {
    if (value) place.append(value);
    else if (name !== "icon") place.closest("[data-line]").remove();
  }
}

// The answer of this device itself. facts: number, surname, time, badge (name), icon (an <svg>), minutes, at, list, hours.
export function showFace(name, answer, facts) {
  const face = document.querySelector(`template[data-face="${name}"]`);
  const part = face.content.firstElementChild.cloneNode(true);
  part.dataset.answer = answer;
  for (const fact of ["number", "surname", "icon", "badge", "time", "minutes", "at", "list", "hours"]) fill(part, fact, facts[fact]);
  open(part, face.dataset.tone);
}

// The answer page of the server, shown without leaving this one.
export function showPage(page) {
  const part = page.querySelector(".ct-answer");
  const tone = [...page.body.classList].find((name) => name.startsWith("ct-full-")) || "";
  open(document.importNode(part, true), tone.replace("ct-full-", ""));
}
