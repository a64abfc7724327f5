// Representational similarity analysis: the numbers, as `precompute.rsa` defines them. Runs on the page and in its worker.
//
// A pair vector holds one value for each pair of words: (0,1), (0,2), ..., (1,2), ... Everything is computed in float64.
(function (ws) {
  "use strict";
  const COEFFICIENTS = ["pearson", "spearman", "rho_a", "tau_a"];

  const pairCount = (words) => (words * (words - 1)) / 2;

  /** The words of each pair: [first, second]. */
  function pairWords(words) {
    const first = new Uint16Array(pairCount(words));
    const second = new Uint16Array(first.length);
    for (let i = 0, at = 0; i < words; i++)
      for (let j = i + 1; j < words; j++, at++) {
        first[at] = i;
        second[at] = j;
      }
    return [first, second];
  }

  /** [word, word], symmetric, row by row. */
  function matrixOf(pairs, words, diagonal = 0) {
    const matrix = new Float64Array(words * words).fill(diagonal);
    for (let i = 0, at = 0; i < words; i++)
      for (let j = i + 1; j < words; j++, at++) matrix[i * words + j] = matrix[j * words + i] = pairs[at];
    return matrix;
  }

  // --- step one ---

  /** What step one needs of a word's vector, float64: at length one for cosine and correlation. The first axis is what a correlation drops. */
  function prepared(row, measure) {
    const used = Float64Array.from(measure === "correlation" ? row.subarray(1) : row);
    if (measure === "euclidean") return used;
    const length = Math.sqrt(dot(used, used));
    return length > 0 ? used.map((value) => value / length) : used;
  }

  /** How unlike two words are; `prepared` vectors. */
  function dissimilarity(first, second, measure) {
    if (measure !== "euclidean") return 1 - dot(first, second);
    let sum = 0;
    for (let axis = 0; axis < first.length; axis++) sum += (first[axis] - second[axis]) ** 2;
    return Math.sqrt(sum);
  }

  /** 0 for a pair of one category, 1 for a pair of two. groups: [word], a number each. */
  function categoryPairs(groups) {
    const [first, second] = pairWords(groups.length);
    return Float64Array.from(first, (word, at) => (groups[word] === groups[second[at]] ? 0 : 1));
  }

  // --- step two ---

  /** Places of the values from small to large; equal values in their order. */
  function sortedPlaces(values) {
    return Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  }

  const kept = new WeakMap(); // values -> what was made of them: a pair vector is sorted once

  function once(values, key, make) {
    if (!kept.has(values)) kept.set(values, new Map());
    const made = kept.get(values);
    if (!made.has(key)) made.set(key, make());
    return made.get(key);
  }

  /** Values by order: places sorted, and the number of each place's group of equal values, from 0. */
  const ordered = (values) => once(values, "ordered", () => inOrder(values));

  function inOrder(values) {
    const places = sortedPlaces(values);
    const group = new Uint32Array(values.length);
    let number = -1;
    places.forEach((place, at) => {
      if (at === 0 || values[place] !== values[places[at - 1]]) number++;
      group[place] = number;
    });
    return { places, group, groups: number + 1 };
  }

  /** Ranks from 1; equal values share the mean of theirs. */
  function midRanks(values) {
    const { places, group } = ordered(values);
    const ranks = new Float64Array(values.length);
    for (let from = 0; from < places.length; ) {
      let to = from + 1;
      while (to < places.length && group[places[to]] === group[places[from]]) to++;
      for (let at = from; at < to; at++) ranks[places[at]] = (from + 1 + to) / 2;
      from = to;
    }
    return ranks;
  }

  function mean(values) {
    let sum = 0;
    for (const value of values) sum += value;
    return sum / values.length;
  }

  function dot(first, second) {
    let sum = 0;
    for (let at = 0; at < first.length; at++) sum += first[at] * second[at];
    return sum;
  }

  /** Centred and of length one; zeros for a constant vector. */
  function unit(values) {
    const middle = mean(values);
    const centred = Float64Array.from(values, (value) => value - middle);
    const length = Math.sqrt(dot(centred, centred));
    let largest = 1;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    if (!(length > 1e-12 * largest)) return new Float64Array(values.length);
    return centred.map((value) => value / length);
  }

  /** z such that z1 . z2 is the coefficient of two pair vectors: all but tau_a are such products. */
  const scores = (name, pairs) => once(pairs, name, () => scored(name, pairs));

  function scored(name, pairs) {
    if (name === "pearson") return unit(pairs);
    if (name === "spearman") return unit(midRanks(pairs));
    const m = pairs.length;
    const scale = Math.sqrt(12 / (m ** 3 - m));
    return midRanks(pairs).map((rank) => (rank - (m + 1) / 2) * scale);
  }

  /**
   * Concordant minus discordant pairs of values, in m log m steps: with a tree of counts over the ranks of the second values, filled
   * from small to large first values. first: `ordered` values; groups: [value], the ranks of the second; weights: how often each stands.
   */
  function concordance(first, groups, groupCount, weights, tree = new Float64Array(groupCount + 1)) {
    tree.fill(0);
    let [total, balance] = [0, 0];
    const { places, group } = first;
    for (let from = 0; from < places.length; ) {
      let to = from;
      while (to < places.length && group[places[to]] === group[places[from]]) {
        const place = places[to++];
        const weight = weights ? weights[place] : 1;
        if (!weight) continue;
        let below = 0;
        let upTo = 0;
        let at = groups[place];
        for (let k = at; k > 0; k -= k & -k) below += tree[k];
        for (let k = at + 1; k > 0; k -= k & -k) upTo += tree[k];
        balance += weight * (below - (total - upTo));
      }
      for (let n = from; n < to; n++) {
        const place = places[n];
        const weight = weights ? weights[place] : 1;
        if (!weight) continue;
        total += weight;
        for (let k = groups[place] + 1; k <= groupCount; k += k & -k) tree[k] += weight;
      }
      from = to;
    }
    return balance;
  }

  function tauA(first, second) {
    if (first.length < 2) return 0;
    const other = ordered(second);
    return concordance(ordered(first), other.group, other.groups, null) / pairCount(first.length);
  }

  /** How well two pair vectors agree; 0 where one is constant. */
  function coefficient(name, first, second) {
    if (first.length < 2) return 0;
    return name === "tau_a" ? tauA(first, second) : dot(scores(name, first), scores(name, second));
  }

  /** The highest value that a pair vector without ties can reach against the categories. */
  function ceiling(name, category) {
    const average = mean(category);
    if (name === "pearson") return average > 0 && average < 1 ? 1 : 0;
    const best = once(category, "best", () => {
      const found = new Float64Array(category.length);
      ordered(category).places.forEach((place, at) => (found[place] = at));
      return found;
    });
    return coefficient(name, best, category);
  }

  /** The agreement that is left once the categories are known: (r12 - r1g r2g) / sqrt((1 - r1g^2)(1 - r2g^2)). */
  function partial(both, first, second) {
    const left = (1 - first ** 2) * (1 - second ** 2);
    return left < 1e-12 ? 0 : (both - first * second) / Math.sqrt(left);
  }

  /** Three indices of one thing: are words of a category closer? null where there are no pairs of one kind. */
  function selectivity(pairs, category) {
    const kinds = [[], []];
    pairs.forEach((value, at) => kinds[category[at]].push(value));
    const [within, across] = kinds;
    if (!within.length || !across.length) return null;
    const [near, far] = [mean(within), mean(across)];
    const squares = (values, middle) => values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    const pooled = Math.sqrt((squares(within, near) + squares(across, far)) / Math.max(1, pairs.length - 2));
    return {
      within: near,
      across: far,
      difference: far - near,
      cohensD: pooled > 0 ? (far - near) / pooled : 0,
      pearson: coefficient("pearson", pairs, category),
    };
  }

  // --- an order that shows clusters ---

  /** A tree of clusters by average linkage: {left, right} or {leaf}. */
  function averageLinkage(pairs, words) {
    const distance = matrixOf(pairs, words);
    let open = Array.from({ length: words }, (_, leaf) => ({ leaf, size: 1, at: leaf }));
    while (open.length > 1) {
      let [first, second, least] = [0, 1, Infinity];
      for (let i = 0; i < open.length; i++) {
        const row = open[i].at * words;
        for (let j = i + 1; j < open.length; j++) {
          const away = distance[row + open[j].at];
          if (away < least) {
            least = away;
            first = i;
            second = j;
          }
        }
      }
      const [left, right] = [open[first], open[second]];
      const size = left.size + right.size;
      for (const other of open) {
        if (other === left || other === right) continue;
        const away = (left.size * distance[left.at * words + other.at] + right.size * distance[right.at * words + other.at]) / size;
        distance[left.at * words + other.at] = distance[other.at * words + left.at] = away;
      }
      open = open.filter((one) => one !== left && one !== right);
      open.push({ left, right, size, at: left.at });
    }
    return open[0];
  }

  /** The order of the leaves, the branches turned so that neighbours are as alike as the tree allows (Bar-Joseph et al. 2001). */
  function clustered(pairs, words) {
    if (words < 3) return Array.from({ length: words }, (_, word) => word);
    const distance = matrixOf(pairs, words);
    const cost = new Float64Array(words * words).fill(Infinity); // of the best order of a branch from its first to its last leaf
    const middle = new Int32Array(words * words * 2); // where that order changes from one branch to the other

    // Two leaves are the ends of an order of one branch only: the smallest that holds both. So one square holds the costs of all branches.
    function solve(node) {
      if (node.leaf !== undefined) {
        cost[node.leaf * words + node.leaf] = 0;
        return { leaves: [node.leaf], across: () => [node.leaf] };
      }
      const [left, right] = [solve(node.left), solve(node.right)];
      const reach = new Float64Array(words);
      const from = new Int32Array(words);
      for (const first of left.leaves) {
        for (const k of right.leaves) {
          reach[k] = Infinity;
          for (const m of left.across(first)) {
            const sum = cost[first * words + m] + distance[m * words + k];
            if (sum < reach[k]) [reach[k], from[k]] = [sum, m];
          }
        }
        for (const last of right.leaves) {
          let [best, at] = [Infinity, 0];
          for (const k of right.across(last)) {
            const sum = reach[k] + cost[k * words + last];
            if (sum < best) [best, at] = [sum, k];
          }
          cost[first * words + last] = cost[last * words + first] = best;
          middle.set([from[at], at], 2 * (first * words + last));
          middle.set([at, from[at]], 2 * (last * words + first));
        }
      }
      const onLeft = new Set(left.leaves);
      return { leaves: [...left.leaves, ...right.leaves], across: (leaf) => (onLeft.has(leaf) ? right.leaves : left.leaves) };
    }

    const { leaves, across } = solve(averageLinkage(pairs, words));
    let best = [0, 0, Infinity];
    for (const first of leaves)
      for (const last of across(first)) if (cost[first * words + last] < best[2]) best = [first, last, cost[first * words + last]];
    const walk = (first, last) => {
      if (first === last) return [first];
      const at = 2 * (first * words + last);
      return [...walk(first, middle[at]), ...walk(middle[at + 1], last)];
    };
    return walk(best[0], best[1]);
  }

  ws.rsa = {
    COEFFICIENTS,
    pairCount,
    pairWords,
    matrixOf,
    prepared,
    dissimilarity,
    categoryPairs,
    ordered,
    midRanks,
    scores,
    concordance,
    tauA,
    coefficient,
    ceiling,
    partial,
    selectivity,
    averageLinkage,
    clustered,
  };
})((self.WordSpaces = self.WordSpaces || {}));
