// Offline reading is switched off (content/site.toml): whoever still has the worker gets this one, which empties its caches and goes.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  async function end() {
    const ours = (await caches.keys()).filter((name) => name.startsWith(`word-spaces ${self.registration.scope} `));
    await Promise.all(ours.map((name) => caches.delete(name)));
    await self.registration.unregister();
  }
  event.waitUntil(end());
});
