// Attention weights as the page computes with them. A matrix is a Float64Array [query * tokens + key]; a cell that the mask hides is NaN.
(function (ws) {
  "use strict";
  const FAR = 255; // weight = byte / 255, from far
  const NEAR = 254; // and from near (byte + remainder / 254) / 255
  const FLAT = 32767;

  /** A sentence as one model reads it. `entry` is a SentenceOfModel, `model` what the page knows of the model. */
  class Reading {
    constructor(folder, entry, model) {
      Object.assign(this, { folder, entry, model, causal: entry.causal, size: entry.tokens.length });
      this.cells = this.causal ? (this.size * (this.size + 1)) / 2 : this.size * this.size;
      this.heads = model.scored.heads_in_layer;
      this.layers = model.scored.layers;
      this.deep = new Map(); // number of a depth file -> remainders
      this.plain = entry.tokens.map(({ raw }) => ws.shown.plain(raw, model.kind));
    }

    /** Fetch the overview. */
    async open() {
      if (this.bytes) return this;
      const { overview } = await ws.files.numbered(this.folder, this.entry.overview);
      const bytes = await ws.files.unpackDeflated(overview.weights);
      this.rolled = ws.files.unpack(overview.rollout);
      this.entropies = Array.from(ws.files.unpack(overview.entropies), (value) => (value / 65535) * overview.entropy_max);
      this.bytes = bytes;
      return this;
    }

    depthFile(layer) {
      return Math.floor((layer - 1) / this.entry.layers_in_depth);
    }

    isDeep(layer) {
      return this.deep.has(this.depthFile(layer));
    }

    /** Fetch what the overview leaves of a layer. */
    async deepen(layer) {
      const number = this.depthFile(layer);
      if (this.deep.has(number)) return;
      const { depth } = await ws.files.numbered(this.folder, this.entry.depth[number]);
      this.deep.set(number, ws.files.unpack(depth.remainders));
    }

    entropy(layer, head) {
      return this.entropies[(layer - 1) * this.heads + head - 1];
    }

    /** Cells spread over the whole matrix, the masked ones NaN. */
    spread(valueAt) {
      const matrix = new Float64Array(this.size * this.size).fill(NaN);
      let cell = 0;
      for (let q = 0; q < this.size; q++) for (let k = 0; k < (this.causal ? q + 1 : this.size); k++) matrix[q * this.size + k] = valueAt(cell++);
      return matrix;
    }

    /** One head, as exactly as it is here. layer, head: from 1. */
    head(layer, head, bytes = this.bytes) {
      const from = ((layer - 1) * this.heads + head - 1) * this.cells;
      const number = this.depthFile(layer);
      const near = bytes === this.bytes ? this.deep.get(number) : null;
      const nearFrom = near ? ((layer - 1 - number * this.entry.layers_in_depth) * this.heads + head - 1) * this.cells : 0;
      return this.spread((cell) => (bytes[from + cell] + (near ? near[nearFrom + cell] / NEAR : 0)) / FAR);
    }

    /** The mean of a layer's heads, or of all heads of all layers. */
    mean(layer = null, bytes = this.bytes) {
      const [first, count] = layer === null ? [0, this.layers * this.heads] : [(layer - 1) * this.heads, this.heads];
      const sums = new Float64Array(this.cells);
      for (let n = first; n < first + count; n++) for (let cell = 0; cell < this.cells; cell++) sums[cell] += bytes[n * this.cells + cell];
      return this.spread((cell) => sums[cell] / count / FAR);
    }

    /** Attention rollout to a layer. */
    rollout(layer) {
      return this.spread((cell) => this.rolled[(layer - 1) * this.cells + cell] / FAR);
    }

    /** Bits of a row that spreads its weight evenly over what its token may see, on average over rows. */
    get evenEntropy() {
      if (!this.causal) return Math.log2(this.size);
      let bits = 0;
      for (let seen = 1; seen <= this.size; seen++) bits += Math.log2(seen);
      return bits / this.size;
    }

    get sinkPlace() {
      return this.model.scored.sink === "first" ? 0 : this.size - 1;
    }

    offers(layer, head) {
      return this.entry.products.find((one) => one.layer === layer && one.head === head) || null;
    }

    /** Queries and keys [token][dim] of a head that offers them. */
    async products(layer, head) {
      const { products } = await ws.files.numbered(this.folder, this.offers(layer, head).file);
      const vectors = (packed, scales) => {
        const numbers = ws.files.unpack(packed);
        const dims = packed.shape[1];
        return scales.map((scale, token) => Array.from(numbers.subarray(token * dims, (token + 1) * dims), (number) => (number / FLAT) * scale));
      };
      return {
        queries: vectors(products.queries, products.query_scales),
        keys: vectors(products.keys, products.key_scales),
        keyHead: products.key_value_head,
      };
    }

    /** The sentence with another word in it: the change of that number. */
    async change(number) {
      const { changed } = await ws.files.numbered(this.folder, this.entry.changes[number]);
      return { ...changed, bytes: await ws.files.unpackDeflated(changed.weights), plain: changed.tokens.map(({ raw }) => ws.shown.plain(raw, this.model.kind)) };
    }
  }

  /** A matrix without the column of the sink, its rows summing to 1 again. Rows with too little left become all -1. */
  function withoutSink(matrix, size, place, leastLeft) {
    const made = Float64Array.from(matrix);
    for (let q = 0; q < size; q++) {
      let left = 0;
      for (let k = 0; k < size; k++) if (k !== place && !Number.isNaN(matrix[q * size + k])) left += matrix[q * size + k];
      for (let k = 0; k < size; k++) {
        const at = q * size + k;
        if (Number.isNaN(matrix[at])) continue;
        made[at] = left < leastLeft || q === place ? -1 : k === place ? 0 : matrix[at] / left;
      }
    }
    return made;
  }

  /** Bits of one row of a matrix. */
  function entropyBits(matrix, size, query) {
    let bits = 0;
    for (let k = 0; k < size; k++) {
      const weight = matrix[query * size + k];
      if (weight > 0) bits -= weight * Math.log2(weight);
    }
    return bits;
  }

  ws.attention = {
    Reading,
    withoutSink,
    entropyBits,
    FULL_INK: 0.5, // the weight from which a cell is as dark as it gets
    FULL_CHANGE: 0.1,
  };
})(window.WordSpaces);
