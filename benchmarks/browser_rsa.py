"""The RSA lab's shuffles in the browser, against the same test written down plainly.

    python benchmarks/browser_rsa.py [--words 40] [--runs 5]

Plainly: shuffle the words, build the shuffled matrix, take its pairs, compute the coefficient of the two lists anew (ranks included,
pairs of pairs for tau). Both run in the page's own engine, in Chromium, on the same random distances, and must find the same p from the
same shuffles. Prints and records medians; no test asserts times.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from benchmarks.results import record  # noqa: E402
from tests.support.browser import chromium  # noqa: E402

DRAWS = {"pearson": 10_000, "spearman": 10_000, "rho_a": 10_000, "tau_a": 200}
SCRIPTS = ("rsa-numbers.js", "rsa-draws.js")

BOTH = """([words, name, permutations, seed]) => {
  const { rsa, draws } = WordSpaces;
  const below = draws.randomNumbers(7);
  const [first, second] = [0, 1].map(() => Float64Array.from({ length: rsa.pairCount(words) }, () => below(1 << 20) / (1 << 20)));
  const finish = (steps) => { for (;;) { const { value, done } = steps.next(); if (done) return value; } };

  const ranksOf = (values) => {
    const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b]);
    const ranks = [];
    for (let from = 0, to = 0; from < order.length; from = to) {
      while (to < order.length && values[order[to]] === values[order[from]]) to++;
      for (let at = from; at < to; at++) ranks[order[at]] = (from + 1 + to) / 2;
    }
    return ranks;
  };
  const pearson = (a, b) => {
    const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const [ma, mb] = [mean(a), mean(b)];
    let [aa, bb, ab] = [0, 0, 0];
    a.forEach((x, at) => { aa += (x - ma) ** 2; bb += (b[at] - mb) ** 2; ab += (x - ma) * (b[at] - mb); });
    return ab / Math.sqrt(aa * bb);
  };
  const coefficients = {
    pearson,
    spearman: (a, b) => pearson(ranksOf(a), ranksOf(b)),
    rho_a: (a, b) => {
      const [x, y, m] = [ranksOf(a), ranksOf(b), a.length];
      return (12 * x.reduce((sum, value, at) => sum + value * y[at], 0)) / (m ** 3 - m) - (3 * (m + 1)) / (m - 1);
    },
    tau_a: (a, b) => {
      let sum = 0;
      for (let i = 0; i < a.length; i++) for (let j = 0; j < i; j++) sum += Math.sign(a[i] - a[j]) * Math.sign(b[i] - b[j]);
      return (2 * sum) / (a.length * (a.length - 1));
    },
  };
  const plainly = () => {
    const below = draws.randomNumbers(seed);
    const square = (pairs) => {
      const matrix = Array.from({ length: words }, () => new Array(words).fill(0));
      let at = 0;
      for (let i = 0; i < words; i++) for (let j = i + 1; j < words; j++) matrix[i][j] = matrix[j][i] = pairs[at++];
      return matrix;
    };
    const triangle = (matrix) => matrix.flatMap((row, i) => row.slice(i + 1));
    const matrix = square(second);
    const fixed = [...first];
    const found = [];
    for (let draw = 0; draw < permutations; draw++) {
      const order = Array.from({ length: words }, (_, word) => word);
      for (let n = words - 1; n > 0; n--) { const other = below(n + 1); [order[n], order[other]] = [order[other], order[n]]; }
      found.push(coefficients[name](fixed, triangle(order.map((i) => order.map((j) => matrix[i][j])))));
    }
    return found;
  };
  const time = (run) => { const started = performance.now(); const found = run(); return [performance.now() - started, found]; };
  const [ours, ourDraws] = time(() => finish(draws.permutationNull(first, second, words, name, { permutations, seed })));
  const [plain, plainDraws] = time(plainly);
  const apart = Math.max(...ourDraws.map((value, at) => Math.abs(value - plainDraws[at])));
  return { ours_ms: ours, plain_ms: plain, apart };
}"""


def main() -> int:
    """Time both ways in Chromium and record the medians. Exit status."""
    parser = argparse.ArgumentParser(description="The RSA lab's shuffles against a plain version.")
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    results = {}
    with sync_playwright() as playwright, chromium(playwright, whole=True) as browser:
        page = browser.new_page()
        page.goto("about:blank")
        for script in SCRIPTS:
            page.add_script_tag(path=ROOT / "static" / "js" / "explore" / script)
        for name, draws in DRAWS.items():
            found = [page.evaluate(BOTH, [arguments.words, name, draws, run]) for run in range(arguments.runs)]
            apart = max(run["apart"] for run in found)
            if apart > 1e-9:
                raise SystemExit(f"{name}: the two versions differ by {apart}")
            medians = {key: round(statistics.median(run[key] for run in found), 1) for key in ("ours_ms", "plain_ms")}
            results[name] = {"draws": draws} | medians
            print(name, results[name], flush=True)
        version = browser.version
    record("browser_rsa", words=arguments.words, runs=arguments.runs, coefficients=results, chromium=version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
