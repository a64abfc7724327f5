// The worker of the RSA lab: thousands of shuffled and resampled words, away from the page. One question at a time; a new one ends the last.
(function (ws) {
  "use strict";
  const BREATH = 40; // milliseconds of work between two looks at the post
  let current = 0;

  // A message to oneself is the shortest breath that lets other messages in.
  const { port1, port2 } = new MessageChannel();
  const breath = () =>
    new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(0);
    });

  /** Run a generator to its end, breathing; null if another question has come. */
  async function run(number, draws, say) {
    let since = performance.now();
    for (;;) {
      const { value, done } = draws.next();
      if (done) return value;
      if (performance.now() - since < BREATH) continue;
      say(value);
      await breath();
      if (number !== current) return null;
      since = performance.now();
    }
  }

  /** counts in equal bins from low to high; the last holds its upper edge. */
  function histogram(values, low, high, bins) {
    const counts = new Uint32Array(bins);
    for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)))]++;
    return counts;
  }

  async function answer({ number, tasks, words, draws, level, bins }) {
    const work = tasks.length;
    for (const [n, task] of tasks.entries()) {
      const { first, second, name, seed, groups, given, observed } = task;
      const both = task.interval ? 2 : 1;
      const say = (before) => (done) => postMessage({ number, progress: (n + (before + done / draws) / both) / work });
      const found = await run(number, ws.draws.permutationNull(first, second, words, name, { permutations: draws, seed, groups, given }), say(0));
      if (!found) return;
      const result = { number, task: task.key, observed, draws, ...ws.draws.pValue(observed, found) };
      let [low, high] = [observed, observed];
      for (const value of found) [low, high] = [Math.min(low, value), Math.max(high, value)];
      Object.assign(result, { lowest: low, highest: high, histogram: histogram(found, low, high > low ? high : low + 1, bins) });
      if (task.interval) {
        const values = await run(number, ws.draws.resampled(first, second, words, name, { resamples: draws, seed }), say(1));
        if (!values) return;
        result.interval = ws.draws.interval(values, level);
      }
      postMessage(result);
    }
    postMessage({ number, progress: 1, finished: true });
  }

  onmessage = ({ data }) => {
    current = data.number;
    if (data.tasks) answer(data);
  };
})(self.WordSpaces);
