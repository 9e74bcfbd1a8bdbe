/* Keeps the page for times without a network: every file under its hash, so that a new version brings only what changed.
 * It also says that the page is isolated, which plain web servers cannot: only then may threads share memory.
 */

const LISTED = {} /* listed */;
const WHEN_ASKED = /webgpu/; // of use to few browsers: kept when first used
const CACHE = "garmentgen-files";
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const keyOf = (hash) => new URL(`kept/${hash}`, self.registration.scope).href;

async function bring(cache, path, hash) {
  if (await cache.match(keyOf(hash))) return;
  const response = await fetch(new URL(path, self.registration.scope), { cache: "no-cache" });
  const bytes = await response.arrayBuffer(), digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== hash) throw new Error(`${path} is of another version; the next visit tries again`);
  await cache.put(keyOf(hash), new Response(bytes, { headers: { "Content-Type": response.headers.get("Content-Type") ?? "" } }));
}

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  for (const [path, hash] of Object.entries(LISTED)) if (!WHEN_ASKED.test(path)) await bring(cache, path, hash);
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const cache = await caches.open(CACHE), keys = new Set(Object.values(LISTED).map(keyOf));
  for (const request of await cache.keys()) if (!keys.has(request.url)) await cache.delete(request);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const { url, method } = event.request, { scope } = self.registration;
  if (method !== "GET" || !url.startsWith(scope)) return;
  const path = url.slice(scope.length).replace(/[?#].*/, "") || "index.html";
  if (LISTED[path]) event.respondWith(kept(event.request, path, LISTED[path]));
});

async function kept(request, path, hash) {
  const cache = await caches.open(CACHE);
  if (WHEN_ASKED.test(path)) await bring(cache, path, hash);
  const response = (await cache.match(keyOf(hash))) ?? (await fetch(request));
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATED)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
