// Pages that open with no network. The service worker is named by the page; what a page wants kept besides itself stands
// in data-keep. A kept copy says so, and of when it is.
function shortTime(at) {
  const local = new Date(Date.parse(at) + 8 * 3600 * 1000);
  const [month, day] = [local.getUTCMonth() + 1, local.getUTCDate()];
  const time = local.toISOString().slice(11, 16);
  if (document.documentElement.lang !== "en") return `${month}月${day}日 ${time}`;
  return `${local.getUTCFullYear()}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")} ${time}`;
}

const keptAt = document.documentElement.dataset.keptAt;
const line = document.getElementById("nx-kept");
if (keptAt && line) {
  line.textContent = line.dataset.says.replace("{time}", shortTime(keptAt));
  line.hidden = false;
  document.getElementById("nx-offline")?.remove(); // one line is enough
}

const worker = document.body.dataset.serviceWorker;
if (worker && "serviceWorker" in navigator && window.isSecureContext) {
  window.addEventListener("load", async () => {
    try {
      await navigator.serviceWorker.register(worker, { scope: "/" });
      const wanted = (document.body.dataset.keep || "").split(" ").filter(Boolean);
      const ready = await navigator.serviceWorker.ready;
      if (wanted.length && navigator.onLine) ready.active.postMessage({ keep: wanted });
    } catch {
      // A browser that forbids it only shows nothing without a network.
    }
  });
}

// Back on the network, a kept copy makes way for the page itself; one that is at work stays, without the line.
window.addEventListener("online", () => {
  if (keptAt && !document.querySelector("[data-stays]")) location.reload();
  else if (keptAt && line) line.hidden = true;
});
window.addEventListener("offline", () => {
  if (keptAt && line) line.hidden = false;
});
