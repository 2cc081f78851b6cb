// <span data-countdown data-seconds="60">: counts down to nothing, then sends the event "countdown:done", which
// hx-trigger can hear. data-expires (an ISO time) may be given instead of the seconds.
const running = new WeakSet();

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
    output.textContent = String(left);
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
