// The spaces of the set: vocabularies, what is near what, and which token stands for the same word elsewhere.
(function (ws) {
  "use strict";
  const FLAT = 65535; // the largest value of a quantised number

  const strip = (text) => text.replace(/^ /, "");

  class Space {
    constructor(settings) {
      Object.assign(this, settings); // role, name, kind, letter, size, vocabulary, wordsOf, and how its files are cut
      this.idsOf = null;
    }

    /** Fetch what belongs to the space: the vocabulary, the baseline and the marks. Once; what failed can be tried again. */
    open() {
      if (!this.opening) {
        this.opening = this.fetchAll();
        this.opening.catch(() => (this.opening = null));
      }
      return this.opening;
    }

    async fetchAll() {
      if (this.vocabulary) {
        this.tokenizer = await ws.tokenizers.open(this.vocabulary);
        this.tokens = this.tokenizer.tokens;
      }
      const { spaces, static_words } = await ws.files.json("spaces.json", { beside: true });
      if (!this.vocabulary) this.tokens = await this.plainWords(static_words);
      const own = spaces.find((space) => space.role === this.role);
      this.baseline = own.baseline;
      this.meanNorm = own.mean_norm;
      this.marks = new Map();
      this.rules = new Map(own.marks.map(({ mark, rule }) => [mark, rule]));
      for (const { mark, ids } of own.marks) for (const id of ids) this.marks.set(id, [...(this.marks.get(id) || []), mark]);
      this.idsOf = new Map();
      for (let id = this.tokens.length - 1; id >= 0; id--) this.idsOf.set(this.tokens[id], id);
      return this;
    }

    /** The words that the file tells by ids of the encoder; its size as an id means the next of the decoder's. */
    async plainWords(packed) {
      const roles = ["encoder", "decoder"];
      const [encoder, decoder] = await Promise.all(roles.map((role) => ws.tokenizers.open(this.wordsOf[role])));
      const word = ({ tokens, kind }, id) => strip(ws.shown.text(tokens[id], kind)).toLowerCase();
      const rest = Array.from(ws.files.unpack(packed.decoder), (id) => word(decoder, id));
      let next = 0;
      return Array.from(ws.files.unpack(packed.encoder), (id) => (id < encoder.tokens.length ? word(encoder, id) : rest[next++]));
    }

    has(id) {
      return Number.isInteger(id) && id >= 0 && id < this.size;
    }

    raw(id) {
      return this.tokens[id];
    }

    text(id) {
      return ws.shown.text(this.raw(id), this.kind);
    }

    /** The text without space or mark, in lower case: what is compared across models. */
    word(id) {
      return strip(this.text(id)).toLowerCase();
    }

    plain(id) {
      return ws.shown.plain(this.raw(id), this.kind);
    }

    chip(id, coloured = true) {
      return ws.shown.chip(this.raw(id), this.kind, coloured ? this.role : null);
    }

    /** How far a token of that length lies from one of mean length, at the mean cosine of random pairs. */
    usualDistance(norm) {
      return Math.sqrt(Math.max(0, norm ** 2 + this.meanNorm ** 2 - 2 * norm * this.meanNorm * this.baseline.mean));
    }

    /** The 20 nearest: {cosine: [{id, cosine}], euclidean: [{id, distance}]}. */
    async nearest(id) {
      const [shard, row] = await ws.files.shard(`neighbours_${this.role}`, id, this.shardTokens);
      return (await ws.explore.neighbourLists(shard, this))[row];
    }

    /** {norm, rank, inDegree, detail}: detail is the word's place among those that have a map, or -1. */
    async facts(id) {
      const [shard, row] = await ws.files.shard(`token_facts_${this.role}`, id, this.factsShardTokens);
      const told = await ws.files.unpackDeflated(shard.facts);
      const [columns, tokens] = shard.facts.shape;
      const [norm, rank, inDegree, detail] = Array.from({ length: columns }, (_, column) => told[column * tokens + row]);
      return { norm: (norm / FLAT) * this.normMax, rank, inDegree, detail: detail - 1 };
    }

    /** The map of a detailed word. */
    async details(place) {
      const [shard, row] = await ws.files.shard(`word_details_${this.role}`, place, this.detailShardWords);
      const points = ws.files.row(shard.map, row);
      return {
        points: Array.from({ length: points.length / 2 }, (_, n) => [points[2 * n], points[2 * n + 1]]),
        variancePercent: ws.files.unpack(shard.variance_percent)[row],
      };
    }

    /** The token here that stands for the same word as a token of another space; null if none does. */
    counterpart(other, id) {
      if (other.kind === this.kind && this.idsOf.has(other.raw(id))) return this.idsOf.get(other.raw(id));
      const text = strip(other.text(id));
      const lower = text.toLowerCase();
      const inside = other.kind === "wordpiece" ? other.raw(id).startsWith("##") && other.raw(id).length > 2 : false;
      const bare = other.kind === "byte_level_bpe" && !other.text(id).startsWith(" ");
      const spellings = {
        byte_level_bpe: () => {
          const capital = lower.slice(0, 1).toUpperCase() + lower.slice(1);
          const spaced = [`Ġ${lower}`, `Ġ${capital}`].filter((raw) => this.idsOf.has(raw));
          spaced.sort((a, b) => this.idsOf.get(a) - this.idsOf.get(b));
          return inside ? [lower, ...spaced] : [...spaced, lower, capital];
        },
        wordpiece: () => (bare ? [`##${text}`, `##${lower}`, text, lower] : [text, lower]),
        words: () => [lower],
      }[this.kind]();
      // a bare piece of letters that is a word elsewhere is taken for the word
      if (bare && this.kind === "wordpiece" && this.idsOf.has(lower)) return this.idsOf.get(lower);
      const found = spellings.find((raw) => this.idsOf.has(raw));
      return found === undefined ? null : this.idsOf.get(found);
    }
  }

  /** Cosine to degrees. */
  ws.degrees = (cosine) => (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;

  ws.explore = { Space };
})(window.WordSpaces);
