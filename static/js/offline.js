// Offline reading: a worker keeps what was visited. Where there is none (from disk, in a private window, in an old browser), pages are
// as they were without. It begins after the page has loaded, and speaks to the worker when all is quiet.
(function () {
  "use strict";
  const QUIET_MS = 2000;
  const TRIES = 5; // the browser counts a page that was left as open for a while
  let told = null; // the worker that knows of this page
  const address = document.documentElement.dataset.serviceWorker;
  if (!address || !navigator.serviceWorker || !location.protocol.startsWith("http") || window !== window.top) return;

  async function begin() {
    try {
      const registration = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
      letIn(registration);
      registration.addEventListener("updatefound", () => letIn(registration));
      navigator.serviceWorker.addEventListener("controllerchange", tell);
      await tell();
    } catch {
      /* not allowed here */
    }
  }

  /** A new build's worker may have seen the page before this one still open: it looks again when it is ready, a few times. */
  function letIn({ waiting, installing }) {
    if (waiting) ask(waiting, TRIES);
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") setTimeout(() => ask(installing, TRIES), QUIET_MS);
    });
  }

  function ask(worker, tries) {
    if (!tries || worker.state !== "installed") return;
    worker.postMessage({ ask: "takeOver" });
    setTimeout(() => ask(worker, tries - 1), QUIET_MS);
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
