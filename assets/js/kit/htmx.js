// htmx without eval and without inline styles; 4xx answers are pages too, so they are shown.
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.attributesToSettle = ["class"];
htmx.config.historyCacheSize = 0;
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true },
];
window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && token.content) event.detail.headers["X-CSRFToken"] = token.content;
});

export default htmx;
