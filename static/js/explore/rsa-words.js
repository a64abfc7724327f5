// The words of the lab and those that the reader has chosen: groups of words, how they travel in an address, and what a pasted list means.
(function (ws) {
  "use strict";
  const OFFERED = 30;
  const escaped = (text) => text.replace(/[%:.~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  const unescaped = (text) => text.replace(/%([0-9a-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));

  class Lexicon {
    /** data: the artefact lab_words. */
    constructor(data) {
      Object.assign(this, { words: data.words, sets: data.sets, most: data.most_words, leftOut: data.left_out, categories: data.categories });
      this.idOf = new Map(data.words.map((word, id) => [word, id]));
      this.lower = new Map();
      data.words.forEach((word, id) => this.lower.has(word.toLowerCase()) || this.lower.set(word.toLowerCase(), id));
      this.home = new Array(data.words.length).fill("");
      for (const { name, words } of data.categories) for (const id of words) this.home[id] = name;
    }

    /** The word as it is spelled, else in other capitals; undefined if it is not here. */
    find(text) {
      return this.idOf.get(text) ?? this.lower.get(text.toLowerCase());
    }

    /** Words and categories that match: exact, then beginnings, then parts. [{word}] and [{category}]. */
    search(asked) {
      const query = asked.trim().toLowerCase();
      if (!query) return [];
      const found = [[], [], [], []];
      this.words.forEach((word, id) => {
        const own = word.toLowerCase();
        if (own === query) found[0].push({ word: id });
        else if (own.startsWith(query)) found[1].push({ word: id });
        else if (own.includes(query)) found[3].push({ word: id });
      });
      for (const category of this.categories) if (category.name.toLowerCase().includes(query)) found[2].push({ category });
      return found.flat().slice(0, OFFERED);
    }

    groupsOf(set) {
      return set.groups.map(({ name, words }) => ({ name, words: [...words] }));
    }
  }

  /** Groups as text: "space:moon.star~fruit:pear". */
  function write(groups, lexicon) {
    return groups.map(({ name, words }) => `${escaped(name)}:${words.map((id) => escaped(lexicon.words[id])).join(".")}`).join("~");
  }

  /** {groups, lost}: what the text says; lost are words that are not here (any more), or too many. */
  function read(text, lexicon) {
    const lost = [];
    const seen = new Set();
    const groups = [];
    for (const part of text.split("~").slice(0, 60)) {
      const at = part.indexOf(":");
      if (at < 0) continue;
      const words = [];
      for (const own of part.slice(at + 1).split(".").filter(Boolean)) {
        const id = lexicon.idOf.get(unescaped(own));
        if (id === undefined || seen.size >= lexicon.most) lost.push(unescaped(own).slice(0, 40));
        else if (!seen.has(id)) {
          seen.add(id);
          words.push(id);
        }
      }
      groups.push({ name: unescaped(part.slice(0, at)).slice(0, 40), words });
    }
    return { groups, lost };
  }

  /**
   * A pasted list. "name: word, word" and "# name" begin a category; anything else is words. Words are parted by commas, semicolons,
   * tabs, line ends, and, where a piece is no word of the lab, by spaces. Returns [{category, text}] in order, category "" if none is named.
   */
  function parse(text, lexicon) {
    const found = [];
    let category = "";
    for (const raw of text.split(/\r\n?|\n/)) {
      let line = raw.trim();
      if (!line) continue;
      if (line.startsWith("#")) {
        category = line.replace(/^#+\s*/, "").slice(0, 40);
        continue;
      }
      const named = /^([^:,;\t]{1,40}):(?!\/)\s*(.*)$/.exec(line);
      if (named) [category, line] = [named[1].trim(), named[2]];
      for (const piece of line.split(/[,;\t]+/)) {
        const own = cleaned(piece);
        if (!own) continue;
        if (lexicon.find(own) !== undefined || !/\s/.test(own)) found.push({ category, text: own });
        else for (const word of own.split(/\s+/).map(cleaned)) if (word) found.push({ category, text: word });
      }
    }
    return found;
  }

  /** Without quotes, bullets and full stops around it. */
  const cleaned = (text) => text.replace(/^[\s"'“”‘’«»()[\]*•\-–—]+|[\s"'“”‘’«»()[\]*.!?]+$/gu, "").normalize("NFC");

  ws.labWords = { Lexicon, write, read, parse };
})(window.WordSpaces);
