// The service worker, one for all doors: static files from the cache, pages from the network first, and kept copies of
// those pages that the server marks with X-Nuanxin-Keep. It never keeps the desk, nor anything the server did not mark.
// `self.nuanxin` is written by the view that serves /sw.js.
const { version, offline, instead, leave, leaving, switches } = self.nuanxin;
const STATIC = `nuanxin-static-${version}`;
const PAGES = "nuanxin-pages";
const PATIENCE = 4000;
const HASHED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;
const FILES = /(?:src|href|data-decoder)="(\/static\/[^"#?]+)/g;
const CARD = "nuanxin-card";

const isOurs = (url) => url.origin === self.location.origin;
const isLeft = (url) => leave.some((path) => url.pathname.startsWith(path));
const pathOf = (url) => new URL(url, self.location.origin).pathname;

async function fetchWithin(request, limit) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    return await fetch(request, { signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function keepFiles(text) {
  const cache = await caches.open(STATIC);
  const addresses = new Set([...text.matchAll(FILES)].map((found) => found[1]));
  await Promise.all(
    [...addresses].map(async (address) => {
      if (HASHED.test(address) && (await cache.match(address))) return;
      const answer = await fetch(address);
      if (answer.ok) await cache.put(address, answer);
    }),
  );
}

// Another person's pages go before this person's come.
async function makeRoom(person) {
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) {
    const owner = (await cache.match(request)).headers.get("X-Nuanxin-Person");
    if (owner && person && owner !== person && door(owner) === door(person)) await cache.delete(request);
  }
}

const door = (person) => person.split(":")[0];

async function keep(path, answer) {
  if (!answer.ok || answer.redirected || !answer.headers.get("X-Nuanxin-Keep")) return false;
  await makeRoom(answer.headers.get("X-Nuanxin-Person") || "");
  const text = await answer.text();
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8", "X-Nuanxin-Kept-At": new Date().toISOString() });
  for (const name of ["X-Nuanxin-Person", "Content-Security-Policy"]) {
    if (answer.headers.get(name)) headers.set(name, answer.headers.get(name));
  }
  await (await caches.open(PAGES)).put(path, new Response(text, { headers }));
  await keepFiles(text);
  return true;
}

async function keepAhead(path) {
  try {
    const answer = await fetch(path, { credentials: "same-origin", redirect: "manual", headers: { Accept: "text/html" } });
    return await keep(path, answer);
  } catch {
    return false;
  }
}

// The copies again in another language or view, or for a new version of the files they name.
async function renew() {
  const paths = (await (await caches.open(PAGES)).keys()).map((request) => pathOf(request.url));
  const kept = await Promise.all([...new Set([offline, ...paths])].map(keepAhead));
  return kept.every(Boolean);
}

function forgetCard() {
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(CARD);
    asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
  });
}

// Signed out, or about to sign in: what belongs to a worker goes; what belongs to a counter stays.
async function forgetWorker() {
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) {
    const owner = (await cache.match(request)).headers.get("X-Nuanxin-Person") || "";
    if (pathOf(request.url) !== offline && door(owner) !== "counter") await cache.delete(request);
  }
  await forgetCard();
}

// A kept copy, marked with its time so that the page can say of when it is.
async function copy(path) {
  const cache = await caches.open(PAGES);
  const found = (await cache.match(path)) || (instead[path] && (await cache.match(instead[path])));
  if (!found) return null;
  const text = (await found.text()).replace("<html", `<html data-kept-at="${found.headers.get("X-Nuanxin-Kept-At")}"`);
  return new Response(text, { headers: found.headers });
}

async function offlinePage() {
  const found = await (await caches.open(PAGES)).match(offline);
  if (!found) return Response.error();
  return new Response(await found.text(), { status: 503, headers: found.headers });
}

async function page(event, url) {
  const kept = await (await caches.open(PAGES)).match(instead[url.pathname] || url.pathname);
  try {
    const answer = kept ? await fetchWithin(event.request, PATIENCE) : await fetch(event.request);
    if (answer.type === "opaqueredirect" && kept && kept.headers.get("X-Nuanxin-Person")) {
      event.waitUntil(caches.open(PAGES).then((cache) => cache.delete(url.pathname))); // no longer this person's
    }
    if (answer.headers.get("X-Nuanxin-Keep")) event.waitUntil(keep(url.pathname, answer.clone()));
    return answer;
  } catch {
    return (await copy(url.pathname)) || offlinePage();
  }
}

async function file(request) {
  const address = pathOf(request.url);
  const found = await caches.match(address);
  if (found && HASHED.test(address)) return found;
  try {
    const answer = await fetch(request);
    if (answer.ok) await (await caches.open(STATIC)).put(address, answer.clone());
    return answer;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

async function begin() {
  for (const name of await caches.keys()) {
    if (name.startsWith("nuanxin-") && name !== STATIC && name !== PAGES) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepAhead(offline).then(() => self.skipWaiting()));
});
// Old files go only when every kept page names the new ones.
self.addEventListener("activate", (event) => {
  event.waitUntil(renew().then((all) => (all ? begin() : self.clients.claim())));
});
self.addEventListener("message", (event) => {
  if (event.data && Array.isArray(event.data.keep)) {
    const paths = event.data.keep.map(pathOf).filter((path) => !isLeft(new URL(path, self.location.origin)));
    event.waitUntil(Promise.all(paths.map(keepAhead)));
  }
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (!isOurs(url) || isLeft(url)) return;
  if (event.request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(file(event.request));
  } else if (event.request.mode === "navigate" && event.request.method === "GET") {
    event.respondWith(page(event, url));
  } else if (event.request.method === "POST" && event.request.mode === "navigate") {
    if (leaving.includes(url.pathname)) event.waitUntil(forgetWorker());
    if (!self.navigator.onLine) event.respondWith(copy(url.pathname).then((kept) => kept || offlinePage()));
    else if (switches.includes(url.pathname)) event.respondWith(fetch(event.request).finally(() => event.waitUntil(renew())));
  }
});
