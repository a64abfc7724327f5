// Offline reading: a worker keeps what was visited. Where there is none (from disk, in a private window, in an old browser), pages are
// as they were without. It begins after the page has loaded, and speaks to the worker when all is quiet.
(function () {
  "use strict";
  const QUIET_MS = 2000;
  let told = null; // the worker that knows of this page
  const address = document.documentElement.dataset.serviceWorker;
  if (!address || !navigator.serviceWorker || !location.protocol.startsWith("http") || window !== window.top) return;

  async function begin() {
    try {
      const { waiting } = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
      waiting?.postMessage({ ask: "takeOver" }); // a new build's, which saw the page before this one still open
      navigator.serviceWorker.addEventListener("controllerchange", tell);
      await tell();
    } catch {
      /* not allowed here */
    }
  }

  /** Tell the worker what to keep, and one that takes its place a moment later. */
  async function tell() {
    const { active } = await navigator.serviceWorker.ready;
    if (active === told) return;
    told = active;
    const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
    active.postMessage({ page: location.href, fetched, sparing: navigator.connection?.saveData === true });
  }

  addEventListener("load", () => setTimeout(begin, QUIET_MS));
})();
