// The counter's scanner: kit/partials/scanner.html. The camera's picture never leaves the device; what was read goes
// into the form's field and the form is sent. Without a camera the number is typed into the same field.
const INTERVAL = 160;

async function reader(box) {
  if ("BarcodeDetector" in window) {
    try {
      const formats = await window.BarcodeDetector.getSupportedFormats();
      if (formats.includes("qr_code")) {
        const detector = new window.BarcodeDetector({ formats: formats.filter((name) => ["qr_code", "code_128"].includes(name)) });
        return async (video) => (await detector.detect(video))[0]?.rawValue || "";
      }
    } catch {
      // Some browsers name the interface and cannot use it: read in JavaScript.
    }
  }
  const { decode } = await import(box.dataset.decoder);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 640 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decode(context.getImageData(0, 0, canvas.width, canvas.height));
  };
}

function say(box, part) {
  for (const state of box.querySelectorAll("[data-scan-state]")) state.hidden = state.dataset.scanState !== part;
}

function stop(box) {
  const video = box.querySelector("video");
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
  box.querySelector("[data-scan-start]").hidden = false;
}

function found(box, value) {
  stop(box);
  say(box, "found");
  if (navigator.vibrate) navigator.vibrate(80);
  const field = document.getElementById(box.dataset.field);
  field.value = value;
  field.form.requestSubmit();
}

async function start(box) {
  const video = box.querySelector("video");
  say(box, "asking");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    say(box, "refused");
    return;
  }
  video.hidden = false;
  box.querySelector("[data-scan-start]").hidden = true;
  await video.play();
  say(box, "looking");
  const read = await reader(box);
  const look = async () => {
    if (!video.srcObject || !box.isConnected) return;
    const value = video.videoWidth ? await read(video).catch(() => "") : "";
    if (value) found(box, value);
    else setTimeout(look, INTERVAL);
  };
  look();
}

function enhance() {
  for (const box of document.querySelectorAll("[data-scanner]:not([data-ready])")) {
    box.dataset.ready = "1";
    const button = box.querySelector("[data-scan-start]");
    if (!navigator.mediaDevices?.getUserMedia) {
      say(box, "refused");
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", () => start(box));
  }
}
document.addEventListener("htmx:afterSettle", enhance);
window.addEventListener("pagehide", () => document.querySelectorAll("[data-scanner]").forEach(stop));
enhance();
