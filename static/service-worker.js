// Keeps what a reader visited, so that it can be read without a network; keeps the whole site for who asks on /offline/.
//
// What a page is made of, and what its scripts fetch, has an address of its content. Such a file is never of another build than the page
// that asks for it: it is taken from what is kept, whichever build kept it, and else from the network. Pages have addresses that stay:
// they come from the network, and from what is kept only where there is none. Each build has a cache of its own; once a build's worker
// is at work, what is still of use in older caches moves into its own, changed pages are fetched again, and the older caches go.
"use strict";
/* global SITE: {build, names}; the build writes it above */
const SCOPE = self.registration.scope;
const CACHES = `word-spaces ${SCOPE} `; // other sites of the same host have caches, too
const CACHE = CACHES + SITE.build;
const FALLBACK = `${SCOPE}offline/`;
const FILES = `${SCOPE}offline/files.${SITE.build}.json`;
const KEPT = `${SCOPE}offline/kept`; // stands for the parts that the reader asked to keep; no file
const BY_CONTENT = /[./][0-9a-f]{10,16}[./]/;
const FETCHED = /\b(?:src|href|data-(?:script|drawer|worker|vega))="([^"#?]+)"|url\(["']?([^)"'#?]+)/g; // in HTML and in CSS
const AT_ONCE = 6;

const plain = (address) => address.replace(/[?#].*$/, "").replace(/\/index\.html$/, "/");

/** Whether an address is this site's: the host may have others, also below it. */
function isOurs(address) {
  if (!address.startsWith(SCOPE)) return false;
  const [name] = address.slice(SCOPE.length).split("/");
  return name === "" || SITE.names.includes(name);
}

const isByContent = (address) => isOurs(address) && BY_CONTENT.test(address.slice(SCOPE.length - 1));

/** Names of this site's caches, in the order in which they were made: builds before this one, this one, and any that is about to begin. */
const ownCaches = async () => (await caches.keys()).filter((name) => name.startsWith(CACHES));

/** Names of the caches of earlier builds. */
async function olderCaches() {
  await caches.open(CACHE);
  const names = await ownCaches();
  return names.slice(0, names.indexOf(CACHE));
}

const inCache = async (name, address) => (await caches.open(name)).match(address, { ignoreVary: true });

/** What is kept under an address; undefined where nothing is, or nothing may be. */
async function kept(address) {
  try {
    for (const name of [CACHE, ...(await ownCaches())]) {
      const found = await inCache(name, address);
      if (found) return found;
    }
  } catch {
    /* the browser keeps nothing here: a private window */
  }
  return undefined;
}

const store = async (address, answer) => (await caches.open(CACHE)).put(address, answer);

/** Whether an answer is the file that was asked for, and no page that a server sends in its place. */
const isFile = (answer) => answer.ok && !answer.redirected && !/html/.test(answer.headers.get("Content-Type"));

/** Keep a page, if it is one of this site's: first what it needs, so that what is kept is whole; sparing: only what is there already. */
async function storePage(address, sparing = false) {
  const answer = await fetch(address, { cache: "no-cache" });
  const html = answer.ok && !answer.redirected ? await answer.text() : "";
  if (!html.includes("data-service-worker=")) return;
  if (!sparing) await storeNamed(address, html);
  await store(address, new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
}

/** Keep a file that has an address of its content, taken from an older cache where it is there. Returns its text if it is a style sheet. */
async function storeFile(address) {
  let answer = await inCache(CACHE, address);
  if (!answer) {
    answer = (await kept(address)) || (await fetch(address));
    if (!isFile(answer)) return "";
    await store(address, answer.clone());
  }
  return address.endsWith(".css") ? answer.text() : "";
}

/** Keep what a page or a style sheet names. */
async function storeNamed(address, text) {
  const named = new Set(Array.from(text.matchAll(FETCHED), ([, attribute, url]) => new URL(attribute || url, address).href));
  await eachOf([...named].filter(isByContent), async (file) => storeNamed(file, await storeFile(file)));
}

/** Do something for each item, a few at a time. */
async function eachOf(items, action) {
  const waiting = [...items];
  const work = async () => {
    while (waiting.length) await action(waiting.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

// --- answering -------------------------------------------------------------------------------------------------------------------

/** A page: from the network; without one, or where the server fails, as it is kept; else the page that says so. */
async function page(event, address) {
  try {
    // asked for again, though the browser may have a recent one: it could be of an earlier build, whose files are gone
    const answer = await fetch(event.request.url, { cache: "no-cache", redirect: "manual" });
    return answer.status >= 500 ? (await kept(address)) || answer : answer;
  } catch {
    const wanted = encodeURIComponent(event.request.url.slice(SCOPE.length));
    // sent there rather than given its text: its links are relative
    return (await kept(address)) || ((await kept(FALLBACK)) ? Response.redirect(`${FALLBACK}?page=${wanted}`) : Response.error());
  }
}

async function file(event, address) {
  const found = await kept(address);
  if (found) return found;
  const answer = await fetch(event.request);
  if (isFile(answer)) event.waitUntil(store(address, answer.clone()).catch(() => {}));
  return answer;
}

/** A download: from the network, else as it is kept. */
async function download(event, address) {
  try {
    return await fetch(event.request);
  } catch (error) {
    const found = await kept(address);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const address = plain(event.request.url);
  if (event.request.method !== "GET" || !isOurs(address)) return;
  if (event.request.mode === "navigate") event.respondWith(page(event, address));
  else event.respondWith(isByContent(address) ? file(event, address) : download(event, address));
});

// --- beginning -------------------------------------------------------------------------------------------------------------------

/** Begin at once if only one window is open: it has just loaded a page of this build. Else an older worker goes on until they close. */
async function takeOver() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.length <= 1) await self.skipWaiting();
}

self.addEventListener("install", (event) => {
  async function begin() {
    await storePage(FALLBACK);
    await takeOver();
  }
  event.waitUntil(begin());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

// --- keeping ---------------------------------------------------------------------------------------------------------------------

/** What a page asks for once it has loaded: keep it, with all it needs or, to spare the reader's data, with what it has fetched. */
async function visited({ page: address, fetched, sparing }) {
  await eachOf(fetched.filter(isByContent), storeFile);
  await storePage(plain(address), sparing);
  if (!sparing) await renew();
}

/** Bring what older builds kept to this build, and let their caches go. A failure leaves them for the next time. */
async function renew() {
  const older = await olderCaches();
  if (!older.length) return;
  const trees = await (await fetch(FILES)).json();
  const known = new Set(Object.values(trees).flatMap((tree) => addresses(tree).map(([address]) => address)));
  const parts = new Set();
  for (const name of older) {
    for (const { url } of await (await caches.open(name)).keys()) {
      if (url === KEPT) for (const part of await (await inCache(name, url)).json()) parts.add(part);
      else if (known.has(url)) await bring(url);
    }
  }
  for (const part of parts) await eachOf(addresses(trees[part] || {}), ([address]) => bring(address));
  if (parts.size) await store(KEPT, Response.json([...parts]));
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** Have a file of this build, with what it needs if it is a page. */
async function bring(address) {
  if (isByContent(address)) await storeFile(address);
  else if (await inCache(CACHE, address)) return;
  else if (address.endsWith("/")) await storePage(address);
  else {
    const answer = await fetch(address, { cache: "no-cache" });
    if (answer.ok) await store(address, answer);
  }
}

/** A tree of files as pairs of address and bytes. */
function addresses(tree, folder = SCOPE) {
  return Object.entries(tree).flatMap(([name, inside]) =>
    typeof inside === "number" ? [[folder + name, inside]] : addresses(inside, `${folder}${name}/`),
  );
}

const asked = {
  /** What there is: this build, the parts and the pages that are kept. */
  async status() {
    const own = await caches.open(CACHE);
    const marked = await own.match(KEPT);
    const keys = (await own.keys()).map(({ url }) => url);
    return { build: SITE.build, parts: marked ? await marked.json() : [], pages: keys.filter((url) => url.endsWith("/")) };
  },
  /** The files of a part: pairs of address and bytes. */
  async files({ part }) {
    const answer = await fetch(FILES);
    if (!answer.ok) throw new Error("The site was rebuilt a moment ago. Close its other windows and load this page again.");
    return addresses((await answer.json())[part]);
  },
  async keep({ files }) {
    await eachOf(files, bring);
  },
  async done({ part }) {
    const { parts } = await asked.status();
    await store(KEPT, Response.json([...new Set([...parts, part])]));
  },
  /** Let everything go but the page that says that a page is not kept. */
  async forget() {
    for (const name of [...(await olderCaches()), CACHE]) await caches.delete(name);
    await storePage(FALLBACK);
  },
};

self.addEventListener("message", (event) => {
  const { ask, ...what } = event.data;
  const [port] = event.ports;
  if (ask === "takeOver") event.waitUntil(takeOver());
  else if (!port) event.waitUntil(visited(what).catch(() => {})); // no room, or no network any more: the next visit tries again
  else
    event.waitUntil(
      asked[ask](what).then(
        (answer) => port.postMessage({ answer }),
        (error) => port.postMessage({ error: error.message || String(error) }),
      ),
    );
});
