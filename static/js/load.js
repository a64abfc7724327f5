// Fetching by <script> (works from disk too): the Vega runtime once, and each figure's specs and data.
(function (ws) {
  "use strict";
  const FONT_MS = 3000;
  const loading = new Map(); // url -> promise
  const defined = new Map(); // name -> what a script of data handed over: of a figure {specs, datasets}

  function script(url) {
    if (!loading.has(url)) {
      loading.set(
        url,
        new Promise((resolve, reject) => {
          const tag = document.createElement("script");
          tag.src = url;
          tag.onload = resolve;
          tag.onerror = () => {
            loading.delete(url); // so that the next attempt really tries again
            tag.remove();
            reject(new Error(`${url} could not be loaded.`));
          };
          document.head.append(tag);
        }),
      );
    }
    return loading.get(url);
  }

  /** Called by a script that holds data: a figure's, or that of the search. */
  ws.define = (name, payload) => defined.set(name, payload);

  ws.load = {
    /**
     * The face that charts measure and draw their text with: what a canvas has drawn in another face would stay so, and be of another
     * size. A face that does not come within some seconds is not waited for.
     */
    async font() {
      const late = new Promise((resolve) => setTimeout(resolve, FONT_MS));
      await Promise.race([document.fonts.load("12px Figtree").catch(() => {}), late]);
    },
    async runtime() {
      await script(document.documentElement.dataset.vega);
      if (!window.WordSpacesVega) throw new Error("The chart library did not start.");
      return window.WordSpacesVega;
    },
    /** What draws matrices; only pages that hold one ask for it. */
    async matrix(url) {
      await script(url);
      if (!ws.matrix) throw new Error(`${url} did not start.`);
      return ws.matrix;
    },
    /** What a script of data hands over: a figure's specs, or the texts to search in. */
    async defined(name, url) {
      await script(url);
      if (!defined.has(name)) throw new Error(`${url} does not define ${name}.`);
      return defined.get(name);
    },
  };
})(window.WordSpaces);
