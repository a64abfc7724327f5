// The spaces of the RSA lab: a file of quantised vectors each, fetched when the space is chosen, unpacked once.
// `precompute.lab.quantised_space` packs them and says how.
(function (ws) {
  "use strict";

  /** Float32Array [word, axis]. */
  async function unpacked(file) {
    const { words, axes, steps, lowest, low_bits: lowBits } = file;
    const codes = await ws.files.inflated(file.codes);
    let low = axes * words; // where the low digits of the next axis that has any begin
    const turned = new Float64Array(words * axes);
    const squares = new Float64Array(words);
    for (let axis = 0; axis < axes; axis++) {
      const digits = lowBits[axis];
      for (let word = 0; word < words; word++) {
        const code = (codes[axis * words + word] << digits) + (digits ? codes[low + word] : 0);
        const value = (code + lowest[axis]) * steps[axis];
        turned[word * axes + axis] = value;
        squares[word] += value * value;
      }
      if (digits) low += words;
    }
    const lengths = ws.files.unpack(file.lengths);
    const rows = new Float32Array(words * axes);
    for (let word = 0; word < words; word++) {
      const own = Math.sqrt(squares[word]);
      const length = (lengths[word] / 65535) * (file.length_max || 1);
      for (let axis = 0; own > 0 && axis < axes; axis++) rows[word * axes + axis] = (turned[word * axes + axis] / own) * length;
    }
    return rows;
  }

  const MOST_KNOWN = 200000; // pairs that a space remembers

  class LabSpace {
    constructor(settings) {
      Object.assign(this, settings); // artefact, role, depth, layer, layers, name, label
      this.prepared = new Map(); // measure + word -> vector
      this.known = new Map(); // measure -> pair of words -> dissimilarity
    }

    get ready() {
      return Boolean(this.rows);
    }

    async open() {
      if (this.rows) return this;
      const file = await ws.files.json(`${this.artefact}.json`);
      this.rows = await unpacked(file);
      Object.assign(this, { words: file.words, axes: file.axes, dims: file.dims });
      return this;
    }

    /** The word's vector, rotated. */
    row(word) {
      return this.rows.subarray(word * this.axes, (word + 1) * this.axes);
    }

    /** Dissimilarities of all pairs of the words. */
    pairs(words, measure) {
      const found = new Float64Array(ws.rsa.pairCount(words.length));
      if (!this.known.has(measure)) this.known.set(measure, new Map());
      const known = this.known.get(measure);
      if (known.size > MOST_KNOWN) known.clear();
      const vectors = words.map((word) => this.vector(word, measure));
      for (let i = 0, at = 0; i < words.length; i++)
        for (let j = i + 1; j < words.length; j++, at++) {
          const key = words[i] < words[j] ? words[i] * this.words + words[j] : words[j] * this.words + words[i];
          let value = known.get(key);
          if (value === undefined) known.set(key, (value = ws.rsa.dissimilarity(vectors[i], vectors[j], measure)));
          found[at] = value;
        }
      return found;
    }

    vector(word, measure) {
      const key = `${measure} ${word}`;
      if (!this.prepared.has(key)) this.prepared.set(key, ws.rsa.prepared(this.row(word), measure));
      return this.prepared.get(key);
    }
  }

  ws.LabSpace = LabSpace;
})(window.WordSpaces);
