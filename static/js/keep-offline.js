// The page /offline/: which pages are kept, and keeping the whole site, a part at a time, on request.
(function (ws) {
  "use strict";
  const AT_ONCE = 48; // files a message: so many that it is quick, so few that the worker's work on each is short
  const WAIT_MS = 8000;
  const root = document.querySelector("[data-offline]");
  const say = (text) => (root.querySelector("[data-status]").textContent = text);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const list = ws.all("[data-part]", root);
  let going = null; // the part being kept

  async function worker() {
    if (!navigator.serviceWorker) throw new Error("This browser keeps no pages here.");
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("This browser keeps no pages here.")), WAIT_MS));
    return (await Promise.race([navigator.serviceWorker.ready, late])).active;
  }

  /** Ask the worker something, and wait for the answer. */
  async function ask(question, what = {}) {
    const to = await worker();
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => (data.error === undefined ? resolve(data.answer) : reject(new Error(data.error)));
      to.postMessage({ ask: question, ...what }, [port2]);
    });
  }

  async function show() {
    const { parts, pages } = await ask("status");
    for (const part of list) {
      const isKept = parts.includes(part.dataset.part);
      part.querySelector("[data-keep]").hidden = isKept;
      part.querySelector("[data-kept]").hidden = !isKept;
    }
    const kept = new Set(pages);
    for (const link of ws.all("[data-page]", root)) link.closest("li").classList.toggle("is-kept", kept.has(link.href));
    const count = ws.all(".is-kept", root).length;
    const told = count === 0 ? "None of these pages is" : count === 1 ? "One of these pages is" : `${count} of these pages are`;
    root.querySelector("[data-count]").textContent = `${told} kept on this device.`;
    root.querySelector("[data-forget]").hidden = false;
  }

  async function keep(part) {
    const id = part.dataset.part;
    const bar = part.querySelector("progress");
    const button = part.querySelector("[data-keep]");
    going = id;
    button.textContent = "Stop";
    bar.hidden = false;
    try {
      navigator.storage?.persist?.().catch(() => {}); // else a browser short of room may drop it; not waited for: it may ask the reader
      const files = await ask("files", { part: id });
      const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
      let done = 0;
      bar.max = total;
      for (let n = 0; n < files.length && going === id; n += AT_ONCE) {
        const some = files.slice(n, n + AT_ONCE);
        await ask("keep", { files: some.map(([address]) => address) });
        done += some.reduce((sum, [, bytes]) => sum + bytes, 0);
        bar.value = done;
        part.querySelector("[data-progress]").textContent = `${megabytes(done)} of ${megabytes(total)}`;
      }
      if (going === id) {
        await ask("done", { part: id });
        say(`${part.dataset.title}: kept. You can read it without a network.`);
      } else say(`${part.dataset.title}: stopped. What has come is kept; going on later does not fetch it again.`);
    } catch (error) {
      say(`${part.dataset.title} could not be kept whole: ${error.message}`);
    } finally {
      going = null;
      button.textContent = "Keep";
      bar.hidden = true;
      part.querySelector("[data-progress]").textContent = "";
      await show();
    }
  }

  /** The page that was asked for and is not kept, if it is one of this site's. */
  function wanted() {
    const site = new URL("../", location.href);
    const page = new URLSearchParams(location.search).get("page");
    if (page === null) return;
    const address = new URL(site.href + page);
    if (!address.href.startsWith(site.href)) return;
    const link = root.querySelector("[data-wanted] a");
    link.href = address.href;
    link.textContent = page || "the first page";
    root.querySelector("[data-wanted]").hidden = false;
  }

  function begin() {
    wanted();
    for (const part of list) {
      part.querySelector("[data-keep]").addEventListener("click", () => {
        if (going === part.dataset.part) going = null;
        else if (!going) keep(part);
        else say("One part after the other: the first is not finished.");
      });
    }
    root.querySelector("[data-forget]").addEventListener("click", async () => {
      await ask("forget");
      say("Nothing is kept any more.");
      await show();
    });
    show().catch((error) => {
      say(error.message);
      for (const part of list) part.querySelector("[data-keep]").hidden = true;
    });
  }

  if (location.protocol === "file:") say("These pages were opened from a folder: all of them are on this device already.");
  else begin();
})(window.WordSpaces);
