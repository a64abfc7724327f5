// The lists of a shard of neighbours, as `artefacts.neighbour_lists` packs them.
(function (ws) {
  "use strict";
  const kept = new WeakMap(); // shard -> promise of its lists

  async function unpacked({ first_id: first, lists }, { size, k, shardTokens, distanceStep }) {
    const told = await ws.files.inflated(lists);
    const rows = Math.min(shardTokens, size - first);
    let at = 0;
    let width = 1; // bytes of an id
    while (256 ** width < size + k) width++;

    function ids() {
      const found = new Array(rows * k).fill(0);
      for (let byte = 0; byte < width; byte++) for (let n = 0; n < found.length; n++) found[n] = found[n] * 256 + told[at++];
      return found;
    }
    function number() {
      let value = 0;
      let byte;
      let place = 1;
      do {
        byte = told[at++];
        value += (byte & 127) * place;
        place *= 128;
      } while (byte > 127);
      return value;
    }
    /** Of each list: the first number, then the sums with those after it. */
    function sums() {
      const found = [];
      for (let n = 0; n < rows * k; n++) found.push(number() + (n % k ? found[n - 1] : 0));
      return found;
    }

    const near = ids();
    const codes = ids();
    const below = sums();
    const steps = sums();
    return Array.from({ length: rows }, (_, row) => {
      const places = Array.from({ length: k }, (__, place) => row * k + place);
      return {
        cosine: places.map((n) => ({ id: near[n], cosine: (1000 - below[n]) / 1000 })),
        euclidean: places.map((n) => ({ id: codes[n] < k ? near[row * k + codes[n]] : codes[n] - k, distance: steps[n] * distanceStep })),
      };
    });
  }

  /** [row] -> {cosine: [{id, cosine}], euclidean: [{id, distance}]}, nearest first. */
  ws.explore.neighbourLists = function (shard, space) {
    if (!kept.has(shard)) kept.set(shard, unpacked(shard, space));
    return kept.get(shard);
  };
})(window.WordSpaces);
