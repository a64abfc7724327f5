// Whether one token is another again, with another space, case or spelling: the rules of `precompute.variants`.
(function (ws) {
  "use strict";
  const ENDINGS = "s es d ed ing er ers or ors est ly y n en al ally ity ness 's".split(" ");
  const MINIMUM_STEM = 3;
  const MINIMUM_TYPO = 5;
  const LETTERS = /^\p{L}+$/u;

  function stems(word) {
    const found = [word];
    for (const ending of ENDINGS) {
      if (!word.endsWith(ending)) continue;
      const stem = word.slice(0, word.length - ending.length);
      found.push(stem, `${stem}e`);
      if (stem.length > 1 && stem.at(-1) === stem.at(-2)) found.push(stem.slice(0, -1));
      if (stem.endsWith("i")) found.push(`${stem.slice(0, -1)}y`);
    }
    return found.filter((stem) => stem.length >= MINIMUM_STEM && LETTERS.test(stem));
  }

  /** Damerau-Levenshtein distance 1 between two words that are not too short. */
  function oneEditApart(a, b) {
    const [first, second] = a.length > b.length ? [b, a] : [a, b];
    if (first.length < MINIMUM_TYPO || second.length - first.length > 1 || !LETTERS.test(first) || !LETTERS.test(second)) return false;
    let at = 0;
    while (at < first.length && first[at] === second[at]) at++;
    if (first.length < second.length) return first.slice(at) === second.slice(at + 1);
    const swapped = first[at] === second[at + 1] && first[at + 1] === second[at];
    return first.slice(at + 1) === second.slice(at + 1) || (swapped && first.slice(at + 2) === second.slice(at + 2));
  }

  /** @returns {"space"|"case"|"spelling"|null} a, b: texts without their leading space or mark */
  ws.kindOfVariant = function (a, b) {
    if (a === b) return "space";
    const [first, second] = [a.toLowerCase(), b.toLowerCase()];
    if (first === second) return "case";
    if (!first || first[0] !== second[0] || !LETTERS.test(second[0])) return null;
    const known = new Set(stems(first));
    return stems(second).some((stem) => known.has(stem)) || oneEditApart(first, second) ? "spelling" : null;
  };
})(window.WordSpaces);
