// An answer is felt and heard: a long buzz and two rising tones for a valid card, short ones and a low tone otherwise.
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

export function feel(answer) {
  const isValid = answer === "valid";
  if (navigator.vibrate) navigator.vibrate(isValid ? 120 : [120, 90, 120, 90, 120]);
  sound(isValid);
}
