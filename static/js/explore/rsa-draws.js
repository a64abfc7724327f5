// Shuffled and resampled words, as `precompute.rsa.inference` does it, from a generator that can be written in any language in ten lines.
// Each function is a generator that yields how many draws are done, so that whoever runs it can breathe, and returns its result.
(function (ws) {
  "use strict";
  const EQUAL = 1e-12; // values that differ by less are equal: the observed order, drawn again, counts as reaching itself
  const STEP = 100; // draws between two breaths

  /** sfc32 (Chris Doty-Humphrey's PractRand): a function that gives whole numbers from 0 to n - 1. */
  function randomNumbers(seed) {
    let [a, b, c, counter] = [0, seed | 0, 0, 1];
    const next = () => {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return sum >>> 0;
    };
    for (let n = 0; n < 15; n++) next();
    return (n) => Math.floor((next() / 4294967296) * n);
  }

  /** The places of each group: words are exchanged within one only. groups: [word], or null for one group of all. */
  function placesOf(words, groups) {
    const found = new Map();
    for (let word = 0; word < words; word++) {
      const group = groups ? groups[word] : 0;
      if (!found.has(group)) found.set(group, []);
      found.get(group).push(word);
    }
    return [...found.values()];
  }

  /** Fisher-Yates, from the last place down, group by group. order: [word], overwritten. */
  function shuffle(order, places, below) {
    for (let word = 0; word < order.length; word++) order[word] = word;
    for (const group of places)
      for (let n = group.length - 1; n > 0; n--) {
        const [one, other] = [group[n], group[below(n + 1)]];
        [order[one], order[other]] = [order[other], order[one]];
      }
  }

  const isProduct = (name) => name !== "tau_a";

  /**
   * [permutation], the coefficient of `first` with `second` after the words of `second` are shuffled.
   * given: a third pair vector; then the partial coefficient (Pearson or Spearman) is what is computed.
   */
  function* permutationNull(first, second, words, name, { permutations, seed, groups = null, given = null }) {
    const rsa = ws.rsa;
    const [one, other] = rsa.pairWords(words);
    const below = randomNumbers(seed);
    const places = placesOf(words, groups);
    const order = new Uint16Array(words);
    const found = new Float64Array(permutations);
    const pairs = one.length;
    if (isProduct(name)) {
      const fixed = rsa.scores(name, first);
      const third = given && rsa.scores(name, given);
      const withGiven = given ? fixed.reduce((sum, value, at) => sum + value * third[at], 0) : 0;
      const square = rsa.matrixOf(rsa.scores(name, second), words);
      for (let draw = 0; draw < permutations; draw++) {
        shuffle(order, places, below);
        let [sum, sumGiven] = [0, 0];
        for (let i = 0, at = 0; i < words; i++) {
          const row = order[i] * words;
          for (let j = i + 1; j < words; j++, at++) {
            const value = square[row + order[j]];
            sum += fixed[at] * value;
            if (third) sumGiven += third[at] * value;
          }
        }
        found[draw] = given ? rsa.partial(sum, withGiven, sumGiven) : sum;
        if ((draw + 1) % STEP === 0) yield draw + 1;
      }
      return found;
    }
    const fixed = rsa.ordered(first);
    const { group, groups: ranks } = rsa.ordered(second);
    const square = rsa.matrixOf(group, words);
    const shuffled = new Uint32Array(pairs);
    const tree = new Float64Array(ranks + 1);
    for (let draw = 0; draw < permutations; draw++) {
      shuffle(order, places, below);
      for (let at = 0; at < pairs; at++) shuffled[at] = square[order[one[at]] * words + order[other[at]]];
      found[draw] = rsa.concordance(fixed, shuffled, ranks, null, tree) / rsa.pairCount(pairs);
      if ((draw + 1) % STEP === 0) yield draw + 1;
    }
    return found;
  }

  /** {reached, p}: one-sided, the observed order counted once (Phipson & Smyth 2010). */
  function pValue(observed, found) {
    let reached = 0;
    for (const value of found) if (value >= observed - EQUAL) reached++;
    return { reached, p: (1 + reached) / (1 + found.length) };
  }

  /** [resample], the coefficient of the pairs of words drawn with replacement; pairs of a word with its own copies are dropped. */
  function* resampled(first, second, words, name, { resamples, seed }) {
    const rsa = ws.rsa;
    const [one, other] = rsa.pairWords(words);
    const below = randomNumbers(seed);
    const counts = new Uint16Array(words);
    const weights = new Float64Array(one.length);
    const found = new Float64Array(resamples);
    const [left, right] = [rsa.ordered(first), rsa.ordered(second)];
    const ranks = [new Float64Array(one.length), new Float64Array(one.length)];
    const tree = new Float64Array(right.groups + 1);
    for (let draw = 0; draw < resamples; draw++) {
      counts.fill(0);
      for (let n = 0; n < words; n++) counts[below(words)]++;
      let total = 0;
      for (let at = 0; at < weights.length; at++) total += weights[at] = counts[one[at]] * counts[other[at]];
      if (name === "pearson") found[draw] = weightedPearson(first, second, weights, total);
      else if (name === "tau_a") found[draw] = total > 1 ? rsa.concordance(left, right.group, right.groups, weights, tree) / rsa.pairCount(total) : 0;
      else {
        weightedRanks(left, weights, ranks[0]);
        weightedRanks(right, weights, ranks[1]);
        found[draw] = name === "spearman" ? weightedPearson(...ranks, weights, total) : weightedRhoA(...ranks, weights, total);
      }
      if ((draw + 1) % STEP === 0) yield draw + 1;
    }
    return found;
  }

  function weightedPearson(first, second, weights, total) {
    let [a, b] = [0, 0];
    for (let at = 0; at < weights.length; at++) {
      a += weights[at] * first[at];
      b += weights[at] * second[at];
    }
    a /= Math.max(total, 1);
    b /= Math.max(total, 1);
    let [aa, bb, ab] = [0, 0, 0];
    for (let at = 0; at < weights.length; at++) {
      const [x, y, weight] = [first[at] - a, second[at] - b, weights[at]];
      aa += weight * x * x;
      bb += weight * y * y;
      ab += weight * x * y;
    }
    const size = Math.sqrt(aa * bb);
    return size > 1e-12 * Math.max(total, 1) ? ab / size : 0;
  }

  function weightedRhoA(first, second, weights, total) {
    const middle = (total + 1) / 2;
    let sum = 0;
    for (let at = 0; at < weights.length; at++) sum += weights[at] * (first[at] - middle) * (second[at] - middle);
    return (12 * sum) / Math.max(total ** 3 - total, 1);
  }

  /** The mid-ranks of values of which each stands as often as its weight says. */
  function weightedRanks({ places, group }, weights, ranks) {
    let before = 0;
    for (let from = 0; from < places.length; ) {
      let together = 0;
      let to = from;
      while (to < places.length && group[places[to]] === group[places[from]]) together += weights[places[to++]];
      for (let at = from; at < to; at++) ranks[places[at]] = before + (together + 1) / 2;
      before += together;
      from = to;
    }
  }

  /** Quantiles as NumPy takes them: straight lines between the sorted values. */
  function quantile(sorted, share) {
    const at = (sorted.length - 1) * share;
    const low = Math.floor(at);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }

  /** The middle `level` of the values: [low, high]. */
  function interval(found, level) {
    const sorted = Float64Array.from(found).sort();
    return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
  }

  ws.draws = { randomNumbers, permutationNull, pValue, resampled, quantile, interval };
})((self.WordSpaces = self.WordSpaces || {}));
