// The tokenizers, live: byte-level BPE (GPT-2 and its kin) and WordPiece (BERT), written after the `tokenizers` package, which a test
// compares with on thousands of odd texts. A vocabulary arrives as `artefacts.schemas.explore.LiveTokenizer`.
(function (ws) {
  "use strict";
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUE = new Map([...DIGITS].map((digit, value) => [digit, value]));
  const WORD = 3; // digits a number is spelled with
  const { CHARACTER_OF_BYTE } = ws.bytes;

  /** Numbers packed as text: the first digits of all, then the second ones, then the third. */
  function unpackNumbers(text) {
    const count = text.length / WORD;
    const numbers = new Uint32Array(count);
    for (let at = 0; at < text.length; at++) {
      const place = WORD - 1 - Math.floor(at / count);
      numbers[at % count] += VALUE.get(text[at]) * 64 ** place;
    }
    return numbers;
  }

  /** "41-5a aa" as the inside of a character class. */
  const insideClass = (ranges) => ranges.replace(/[0-9a-f]+/g, "\\u{$&}").replaceAll(" ", "");

  const WHITE = /\p{White_Space}/u;

  /** How many characters of white space end or begin a text. */
  function ending(text) {
    let count = 0;
    while (count < text.length && WHITE.test(text[text.length - 1 - count])) count++;
    return count;
  }
  const beginning = (text) => /^\p{White_Space}*/u.exec(text)[0].length;

  /**
   * Cut out what is matched whole ("[CLS]", "<|endoftext|>"): a list of {text} and {id}. The longest of several wins.
   * before, after: ids that swallow the white space on that side, as RoBERTa's <mask> does.
   */
  function cutSpecial(text, special, before, after) {
    if (!special.size) return [{ text }];
    const escaped = [...special.keys()].sort((a, b) => b.length - a.length).map((entry) => entry.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const parts = [];
    let from = 0;
    for (const match of text.matchAll(new RegExp(escaped.join("|"), "gu"))) {
      const id = special.get(match[0]);
      let plain = text.slice(from, match.index);
      if (before.has(id)) plain = plain.slice(0, plain.length - ending(plain));
      if (plain) parts.push({ text: plain });
      parts.push({ id });
      from = match.index + match[0].length;
      if (after.has(id)) from += beginning(text.slice(from));
    }
    if (from < text.length) parts.push({ text: text.slice(from) });
    return parts;
  }

  class BytePairs {
    /** tokens: all entries in id order. merges: [left, right] ids in order of rank, and the id that each pair becomes. */
    constructor(vocabulary) {
      const { left, right, merged } = vocabulary;
      this.base = vocabulary.tokens.length;
      this.rankOf = new Map(Array.from(left, (id, rank) => [id * this.base + right[rank], rank]));
      this.merged = merged;
      const idOf = new Map();
      for (const [id, text] of vocabulary.atoms) idOf.set(text, id);
      this.idOfByte = CHARACTER_OF_BYTE.map((character) => idOf.get(character));
      const [letter, digit, space] = [insideClass(vocabulary.letters), insideClass(vocabulary.digits), "\\p{White_Space}"];
      // GPT-2's pattern; a script's own \s differs from Unicode's white space
      this.pattern = new RegExp(
        `'s|'t|'re|'ve|'m|'ll|'d| ?[${letter}]+| ?[${digit}]+| ?[^${space}${letter}${digit}]+|${space}+(?!\\P{White_Space})|${space}+`,
        "gu",
      );
      this.runs = vocabulary.split_digits ? new RegExp(`[${digit}]|[^${digit}]+`, "gu") : null;
      this.known = new Map(); // piece -> ids
    }

    /** What the merges work on. */
    pieces(text) {
      const runs = this.runs ? text.match(this.runs) || [] : [text];
      return runs.flatMap((run) => run.match(this.pattern) || []);
    }

    encode(text) {
      return this.pieces(text).flatMap((piece) => this.encodePiece(piece));
    }

    encodePiece(piece) {
      if (this.known.has(piece)) return this.known.get(piece);
      const ids = this.merge(Array.from(new TextEncoder().encode(piece), (byte) => this.idOfByte[byte]).filter((id) => id !== undefined));
      if (this.known.size < 20000) this.known.set(piece, ids);
      return ids;
    }

    /** Join the neighbouring pair of the lowest rank, the leftmost of equals, until none is left. */
    merge(ids) {
      if (ids.length > LONG) return this.mergeLong(ids);
      for (;;) {
        let best = Infinity;
        let where = -1;
        for (let at = 0; at + 1 < ids.length; at++) {
          const rank = this.rankOf.get(ids[at] * this.base + ids[at + 1]);
          if (rank !== undefined && rank < best) {
            best = rank;
            where = at;
          }
        }
        if (where < 0) return ids;
        ids.splice(where, 2, this.merged[best]);
      }
    }

    /** The same with a heap and a linked list, for a piece that would take too long otherwise: 10,000 letters without a space. */
    mergeLong(ids) {
      const count = ids.length;
      const next = Int32Array.from(ids, (_, at) => (at + 1 < count ? at + 1 : -1));
      const previous = Int32Array.from(ids, (_, at) => at - 1);
      const dead = new Uint8Array(count);
      const heap = new Heap();
      const offer = (at) => {
        if (at < 0 || next[at] < 0) return;
        const rank = this.rankOf.get(ids[at] * this.base + ids[next[at]]);
        if (rank !== undefined) heap.push(rank * count + at);
      };
      for (let at = 0; at + 1 < count; at++) offer(at);
      while (heap.size) {
        const key = heap.pop();
        const [rank, at] = [Math.floor(key / count), key % count];
        const after = next[at];
        if (dead[at] || after < 0 || this.rankOf.get(ids[at] * this.base + ids[after]) !== rank) continue;
        ids[at] = this.merged[rank];
        dead[after] = 1;
        next[at] = next[after];
        if (next[at] >= 0) previous[next[at]] = at;
        offer(previous[at]);
        offer(at);
      }
      return ids.filter((_, at) => !dead[at]);
    }
  }

  const LONG = 200;

  /** The smallest number first. */
  class Heap {
    constructor() {
      this.items = [];
    }
    get size() {
      return this.items.length;
    }
    push(item) {
      const items = this.items;
      let at = items.length;
      items.push(item);
      while (at) {
        const parent = (at - 1) >> 1;
        if (items[parent] <= item) break;
        items[at] = items[parent];
        at = parent;
      }
      items[at] = item;
    }
    pop() {
      const items = this.items;
      const top = items[0];
      const last = items.pop();
      if (!items.length) return top;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && items[child + 1] < items[child]) child++;
        if (items[child] >= last) break;
        items[at] = items[child];
        at = child;
      }
      items[at] = last;
      return top;
    }
  }

  // BERT's basic tokenizer sets Chinese characters apart as words; these are the blocks it means.
  const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
  class WordPieces {
    constructor(vocabulary) {
      Object.assign(this, vocabulary.rules);
      this.idOf = new Map();
      vocabulary.tokens.forEach((token, id) => this.idOf.set(token, id));
      this.unknown = this.idOf.get(this.unknown_token);
      this.unwanted = new RegExp(`[${insideClass(this.removed)}]`, "gu");
      this.accent = new RegExp(`[${insideClass(this.accents)}]`, "gu");
      this.accented = new RegExp(`[${insideClass(this.decomposed)}\\p{M}]+`, "gu");
      this.mark = new RegExp(`[${insideClass(this.punctuation)}]`, "u");
    }

    /** BERT's normaliser: clean, set Chinese characters apart, take accents off, lower-case each character on its own. */
    normalised(text) {
      let made = text;
      if (this.clean_text) made = made.replace(this.unwanted, "").replace(/\p{White_Space}/gu, " ");
      if (this.chinese_apart) made = made.replace(CHINESE, " $& ");
      if (this.strip_accents) made = made.replace(this.accented, (run) => run.normalize("NFD")).replace(this.accent, "");
      if (this.lowercase) made = Array.from(made, (character) => character.toLowerCase()).join("");
      return made;
    }

    /** Words and single punctuation marks. */
    words(text) {
      const found = [];
      let word = "";
      const finish = () => {
        if (word) found.push(word);
        word = "";
      };
      for (const character of text) {
        if (/\p{White_Space}/u.test(character)) finish();
        else if (this.mark.test(character)) {
          finish();
          found.push(character);
        } else word += character;
      }
      finish();
      return found;
    }

    encode(text) {
      return this.words(this.normalised(text)).flatMap((word) => this.encodeWord(word));
    }

    /** The longest entry that begins the rest, again and again; one unknown token where that fails (Devlin et al. 2019). */
    encodeWord(word) {
      const characters = Array.from(word);
      if (characters.length > this.longest_word) return [this.unknown];
      const ids = [];
      let from = 0;
      while (from < characters.length) {
        let to = characters.length;
        let id;
        for (; to > from; to--) {
          id = this.idOf.get((from ? this.continuation : "") + characters.slice(from, to).join(""));
          if (id !== undefined) break;
        }
        if (id === undefined) return [this.unknown];
        ids.push(id);
        from = to;
      }
      return ids;
    }
  }

  /** A vocabulary that can cut texts. `data`: a LiveTokenizer as it comes from its file. */
  class Tokenizer {
    constructor(data) {
      this.name = data.tokenizer;
      this.kind = data.kind;
      this.special = new Map(data.special_tokens.map((token) => [token.raw, token.id]));
      this.specialIds = new Set(this.special.values());
      this.before = new Set(data.taking_space_before);
      this.after = new Set(data.taking_space_after);
      if (data.byte_pairs) {
        const { atoms, left_ids, right_ids, first_merged_id, merged_ids } = data.byte_pairs;
        const [left, right] = [unpackNumbers(left_ids), unpackNumbers(right_ids)];
        const merged = merged_ids === null ? Uint32Array.from(left, (_, rank) => first_merged_id + rank) : unpackNumbers(merged_ids);
        const tokens = [];
        for (const { id, raw } of atoms) tokens[id] = raw;
        left.forEach((id, rank) => (tokens[merged[rank]] = tokens[id] + tokens[right[rank]]));
        this.tokens = tokens;
        const pairs = atoms.map(({ id, raw }) => [id, raw]);
        this.cut = new BytePairs({ ...data.byte_pairs, tokens, atoms: pairs, left, right, merged });
      } else {
        this.tokens = data.word_pieces.tokens.split("\n");
        this.cut = new WordPieces({ tokens: this.tokens, rules: data.word_pieces });
      }
    }

    /** Ids of a text, without the special tokens that a model adds around it. Half a surrogate pair counts as U+FFFD. */
    encode(text) {
      const whole = text.toWellFormed ? text.toWellFormed() : text.replace(/\p{Cs}/gu, "\ufffd");
      return cutSpecial(whole, this.special, this.before, this.after).flatMap((part) => (part.id === undefined ? this.cut.encode(part.text) : [part.id]));
    }
  }

  const opened = new Map(); // artefact -> promise of a tokenizer

  /** A tokenizer, fetched once; what failed can be tried again. */
  function open(artefact) {
    if (!opened.has(artefact)) {
      const coming = ws.files.json(`${artefact}.json`).then((data) => new Tokenizer(data));
      coming.catch(() => opened.delete(artefact));
      opened.set(artefact, coming);
    }
    return opened.get(artefact);
  }

  ws.tokenizers = { Tokenizer, open };
})(window.WordSpaces);
