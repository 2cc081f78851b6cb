// <span data-countdown data-seconds="60">: counts down to nothing, then sends the event "countdown:done", which
// hx-trigger can hear. data-expires (an ISO time) may be given instead of the seconds; data-clock shows 1:59:03.
const running = new WeakSet();

function clock(left) {
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return parts.map((part, at) => (at ? String(part).padStart(2, "0") : String(part))).join(":");
}

function start(element) {
  if (running.has(element)) return;
  running.add(element);
  const until = element.dataset.expires
    ? Date.parse(element.dataset.expires)
    : Date.now() + Number(element.dataset.seconds || 60) * 1000;
  const tick = () => {
    if (!element.isConnected) return;
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    const output = element.querySelector("[data-countdown-value]") || element;
    output.textContent = element.dataset.clock === undefined ? String(left) : clock(left);
    const bar = element.querySelector("progress");
    if (bar) bar.value = left;
    if (left > 0) setTimeout(tick, 250);
    else element.dispatchEvent(new CustomEvent("countdown:done", { bubbles: true }));
  };
  tick();
}

function startAll() {
  document.querySelectorAll("[data-countdown]").forEach(start);
}
document.addEventListener("htmx:afterSettle", startAll);
startAll();
