// Proof of work: while somebody types, a worker of our own origin solves the form's challenge (the protocol of the
// altcha package). Nobody waits for it: without a worker, without encryption or after a while the form goes without.
const PATIENCE = 8000;
const running = new WeakMap();

function solve(challenge, program) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program);
    const end = (act, value) => {
      worker.terminate();
      act(value);
    };
    worker.onmessage = ({ data }) => end(data && data.derivedKey ? resolve : reject, data);
    worker.onerror = (event) => end(reject, event);
    worker.postMessage({ type: "work", challenge, counterStart: 0, counterStep: 1, timeout: 60000 });
  });
}

async function work(field) {
  const answer = await fetch(field.dataset.proof, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no challenge: ${answer.status}`);
  const challenge = await answer.json();
  const began = performance.now();
  const solution = await solve(challenge, field.dataset.proofWorker);
  field.value = btoa(JSON.stringify({ challenge, solution }));
  field.dataset.proofTook = String(Math.round(performance.now() - began));
  // A page that stays open longer than its answer counts works once more.
  const left = challenge.parameters.expiresAt * 1000 - Date.now();
  setTimeout(() => {
    field.value = "";
    running.delete(field);
  }, Math.max(0, left - 30000));
}

function start(form) {
  const field = form && form.querySelector ? form.querySelector("[data-proof]") : null;
  if (!field || !window.Worker || !(window.crypto && crypto.subtle)) return null;
  if (!running.has(field)) running.set(field, work(field).catch(() => (field.dataset.proofGivenUp = "1")));
  return field;
}

function begun(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const button = target.closest("button[form]");
  start(button ? button.form : target.closest("form"));
}
document.addEventListener("focusin", begun);
document.addEventListener("pointerdown", begun);

function say(form, on) {
  const note = form.querySelector("[data-proof-note]");
  if (note) note.textContent = on ? note.dataset.proofNote : "";
}

// Sent before the answer is there: hold the form back for a moment, then send it by the same button.
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const field = form instanceof HTMLFormElement ? start(form) : null;
    if (!field || field.value || field.dataset.proofGivenUp) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.proofWaits) return;
    form.dataset.proofWaits = "1";
    say(form, true);
    const submitter = event.submitter;
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    Promise.race([running.get(field), late]).then(() => {
      if (!field.value) field.dataset.proofGivenUp = "1";
      delete form.dataset.proofWaits;
      say(form, false);
      if (form.requestSubmit) form.requestSubmit(submitter && submitter.form === form ? submitter : undefined);
      else form.submit();
    });
  },
  true,
);
