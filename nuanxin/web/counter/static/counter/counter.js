// The counter's small comforts: a tap sends once, an answer is felt and heard, and Enter goes on to the next member.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

function tone(context, frequency, start, length) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.value = 0.15;
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(context.currentTime + start);
  oscillator.stop(context.currentTime + start + length);
}

function sound(isValid) {
  if (!("AudioContext" in window)) return;
  const context = new AudioContext();
  if (context.state === "suspended") return; // the browser allows no sound here
  if (isValid) {
    tone(context, 880, 0, 0.12);
    tone(context, 1320, 0.13, 0.18);
  } else {
    tone(context, 220, 0, 0.4);
  }
}

const answer = document.querySelector("[data-answer]");
if (answer) {
  const isValid = answer.dataset.answer === "valid";
  if (navigator.vibrate) navigator.vibrate(isValid ? 120 : [120, 90, 120, 90, 120]);
  sound(isValid);
  document.getElementById("ct-next").focus({ preventScroll: true });
}
