// Which pages the web view may open. Pure, so that it is checked without WeChat: see tests/front/miniprogram.test.mjs.
const { base, door } = require("./config.js");

// The page on which everything begins.
function start() {
  return `${base}/d/${door}`;
}

// A path of the installation that was given from outside (a scanned code, a shared card, a subscribe message); anything
// else leads to the beginning.
function page(path) {
  const text = decodeURIComponent(path || "");
  return /^\/[A-Za-z0-9/_.?=&%-]*$/.test(text) && !text.startsWith("//") ? base + text : start();
}

// The path of a scanned code when it is a poster or a door of this installation; nothing for any other code.
function scanned(text) {
  const known = typeof text === "string" && text.startsWith(`${base}/`);
  const path = known ? text.slice(base.length) : "";
  return /^\/(u|d)\/[A-Za-z0-9_-]+(\?d=[a-z0-9_-]+)?$/.test(path) ? path : "";
}

// What may be shared: posters, doors and the form. A page of a person may hold a secret in its address.
function shareable(url) {
  const path = typeof url === "string" && url.startsWith(`${base}/`) ? url.slice(base.length) : "";
  return scanned(url) || (path === "/join/" ? path : "");
}

module.exports = { start, page, scanned, shareable };
