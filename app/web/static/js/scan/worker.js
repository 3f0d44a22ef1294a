// @ts-check
/**
 * Keeps the scan page and its files, so that it opens without a network. `shell` stands in front of this file when it is
 * served: the release, and the addresses that belong to it. No answer with work or names in it is ever kept.
 */

/** @type {{version: string, page: string, files: string[]}} */
const { version, page, files } = /** @type {any} */ (self).shell;
const worker = /** @type {any} */ (self);
const PREFIX = "pickstream-scan-";
const CACHE = PREFIX + version;
const PATIENCE_MS = 1500;

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(fill()));

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(drop((name) => name !== CACHE).then(() => worker.clients.claim())));

worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "take over") worker.skipWaiting();
  if (event.data === "fill") event.waitUntil(fill());
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/scan") event.respondWith(opened(request));
  else if (files.includes(url.pathname)) event.respondWith(kept(request));
});

/** Puts what is missing into the cache, unless a newer release has thrown that away meanwhile: nobody would do so again. A page that leads to the sign-in is refused: it would be kept as the handheld. */
async function fill() {
  if (worker.serviceWorker?.state === "redundant") return;
  const cache = await caches.open(CACHE);
  const known = new Set((await cache.keys()).map((/** @type {Request} */ request) => new URL(request.url).pathname));
  const missing = [page, ...files].filter((path) => !known.has(path));
  await cache.addAll(missing.map((path) => new Request(path, { redirect: "error", credentials: "same-origin" })));
}

/** @param {(name: string) => boolean} isGone */
async function drop(isGone) {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && isGone(name)).map((name) => caches.delete(name)));
}

/** The page from the network, and when that is slow, broken or absent, the kept one. @param {Request} request @returns {Promise<Response>} */
async function opened(request) {
  const answer = ask(request);
  const shell = await caches.match(page);
  if (!shell) return answer;
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, shell));
  return Promise.race([answer.then((response) => (response.status >= 500 ? shell : response), () => shell), slow]);
}

/** Asks the network for the page. Being led to the sign-in means that the session is over: then nothing is kept. @param {Request} request */
async function ask(request) {
  const response = await fetch(request);
  if (response.type === "opaqueredirect") await drop(() => true);
  return response;
}

/** @param {Request} request @returns {Promise<Response>} */
async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}
