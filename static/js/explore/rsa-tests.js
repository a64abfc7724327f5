// What the worker computes: shuffles and resamples for every number that has a p or an interval. A new question ends the last one.
(function (ws) {
  "use strict";
  const BINS = 60;
  const WAIT = 250; // ms after the last change

  /** address: of the worker's script. settings: {draws, seed, level}. show: {started(), progress(share), result(result), finished(), failed(text)}. */
  ws.labTests = function (address, settings, show) {
    let worker = null;
    let number = 0;
    let timer = null;

    function open() {
      if (worker) return worker;
      worker = new Worker(address);
      worker.onmessage = ({ data }) => {
        if (data.number !== number) return;
        if (data.task) show.result(data);
        if (data.progress !== undefined) show.progress(data.progress);
        if (data.finished) show.finished();
      };
      worker.onerror = () => {
        worker.terminate();
        worker = null;
        show.failed("The shuffles could not be computed. Load the page again; your words are kept in its address.");
      };
      return worker;
    }

    return {
      /** tasks: see rsa-worker.js. An empty list only ends what is running. */
      ask(tasks, words) {
        number++;
        clearTimeout(timer);
        worker?.postMessage({ number });
        if (!tasks.length) return;
        show.started();
        timer = setTimeout(() => {
          const seeded = tasks.map((task) => ({ seed: settings.seed, ...task }));
          open().postMessage({ number, tasks: seeded, words, draws: settings.draws, level: settings.level, bins: BINS });
        }, WAIT);
      },
    };
  };
})(window.WordSpaces);
