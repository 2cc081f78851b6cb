import htmx from "./kit/htmx.js";
import "./kit/pages.js";
import { boostDrafts } from "./kit/draft.js";
import "./kit/countdown.js";
import "./kit/region-picker.js";

boostDrafts(htmx);

// The worker's door serves a service worker and names it here; other pages have none.
const worker = document.body.dataset.serviceWorker;
if (worker && "serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register(worker, { scope: document.body.dataset.serviceScope || "/" }));
}
