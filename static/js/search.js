// The search page: the set's texts are loaded when the field is used, the index is made here, results come while one types.
(function (ws) {
  "use strict";
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const field = form.querySelector("[type=search]");
  const status = document.querySelector("[data-search-status]");
  const list = document.querySelector("[data-search-results]");
  const more = document.querySelector("[data-search-more]");
  const contents = document.querySelector("[data-search-contents]");
  const root = form.dataset.root; // from here to the first page of the set

  const AT_ONCE = 12; // results, before one asks for the others
  const FEW = 3; // so few exact results are followed by those for words one or two letters off
  const LONGEST_QUERY = 200; // characters; and what is searched for are at most so many words of so many letters
  const MOST_WORDS = 12;
  const LONGEST_WORD = 40;
  const EXCERPT_WORDS = 34;
  const WORDS_BEFORE = 6; // in an excerpt, before its first match
  const WORD = /[\p{L}\p{N}]+/gu;
  // in nearly every text: they tell nothing, unless nothing else is asked for
  const COMMON = new Set("a an and are as at be by can do does for from how in is it its of on or that the this to was what when which why with".split(" "));

  const plain = (word) => word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const wordsOf = (text) => text.match(WORD) || [];

  /** What is left of a plain English word without its ending, so that "hubness" and "hubs" meet: rules of Porter's (1980), the few that matter. */
  function stem(word) {
    const cut = (ending, rest = "") => {
      const start = word.slice(0, -ending.length);
      if (word.endsWith(ending) && start.length > 2 && /[aeiouy]/.test(start)) word = start + rest;
    };
    if (!/(ss|us|is)$/.test(word)) cut(word.endsWith("ies") ? "ies" : word.endsWith("sses") ? "es" : "s", word.endsWith("ies") ? "y" : "");
    for (const [ending, rest] of [["iness", "y"], ["ness"], ["ily", "y"], ["ly"], ["ied", "y"]]) cut(ending, rest);
    const before = word;
    cut("ing");
    cut("ed");
    if (word !== before) word = word.replace(/([^aeiouylsz])\1$/, "$1"); // embedding: embed
    cut("e");
    return word;
  }
  /** As what a word of a text can be found. */
  const forms = (word) => [...new Set([plain(word), stem(plain(word))])];

  /** The words that tell something; all of them where none does. */
  function telling(text) {
    const words = wordsOf(text);
    const chosen = words.filter((word) => !COMMON.has(plain(word)));
    return chosen.length ? chosen : words;
  }
  const key = (text) => telling(text).map(plain).join(" ");

  /** The word with two neighbours exchanged, at each place: in a short word that is no single slip. */
  const exchanged = (word) => (word.length < 4 || word.length > 7 ? [] : [...word.slice(1)].map((_, n) => word.slice(0, n) + word[n + 1] + word[n] + word.slice(n + 2)));

  /** How many letters may be wrong: none in a short word, one from four letters on (a fifth may be missing), two from eight. */
  const slips = (word) => (word.length < 4 ? false : word.length < 8 ? 1 : 2);
  /** What to look for where a word is asked for: the word, or one with another ending; with slips forgiven, also what it may have been meant to be. */
  function wanted(word, isLast, forgiving) {
    const whole = { queries: [word], prefix: isLast || word.length > 3, fuzzy: forgiving && slips(word) }; // the last may still be growing
    const others = [stem(word), ...(forgiving ? exchanged(word) : [])].filter((other) => other !== word);
    return { combineWith: "OR", queries: [whole, ...others.map((other) => ({ queries: [other], prefix: false, fuzzy: false }))] };
  }

  let coming = null; // promise of {index, texts, kinds}

  function library() {
    if (!coming) {
      coming = read();
      coming.catch(() => (coming = null)); // so that the next key really tries again
    }
    return coming;
  }

  async function read() {
    const { kinds, texts } = await ws.load.defined("search-texts", form.dataset.script);
    const index = new WordSpacesSearch.MiniSearch({
      fields: ["title", "place", "text"],
      tokenize: wordsOf,
      processTerm: forms,
      searchOptions: { boost: { title: 4, place: 0.5 }, weights: { fuzzy: 0.3, prefix: 0.6 }, maxFuzzy: 2, processTerm: plain },
    });
    await index.addAllAsync(texts.map((text, id) => ({ id, title: text.title, place: text.place || "", text: text.text || "" })), { chunkSize: 60 });
    return { index, texts, kinds };
  }

  /** Results, best first: what holds all words; if that is little, also what holds words like them; if that is nothing, any of them. */
  function find(index, texts, query) {
    const asked = telling(query).slice(0, MOST_WORDS);
    const words = asked.map((word) => plain(word.slice(0, LONGEST_WORD)));
    const found = new Map();
    for (const [combineWith, forgiving] of [["AND", false], ["AND", true], ["OR", true]]) {
      if (found.size >= (combineWith === "OR" ? 1 : FEW)) break;
      const queries = words.map((word, n) => wanted(word, n === words.length - 1, forgiving));
      for (const result of index.search({ combineWith, queries })) if (!found.has(result.id)) found.set(result.id, result);
    }
    const whole = key(query);
    /** 0: its name is what was asked for; 1: its name is nothing but words like those; 2: it is found by more, or by its text. */
    const distance = (result) => {
      const { title } = texts[result.id];
      if (key(title) === whole) return 0;
      const name = telling(title);
      const like = name.length >= words.length && name.every((word) => forms(word).some((form) => result.terms.includes(form)));
      return like ? 1 : 2;
    };
    const placed = [...found.values()].map((result) => ({ result, at: distance(result) }));
    return placed.sort((one, other) => one.at - other.at).map(({ result }) => result); // those of one distance stay as they were found
  }

  // --- showing ----------------------------------------------------------------------------------------------------------

  /** The text with its matched words in <mark>. matched: plain words. */
  function marked(element, text, matched) {
    let end = 0;
    for (const word of text.matchAll(WORD)) {
      if (!forms(word[0]).some((form) => matched.has(form))) continue;
      element.append(text.slice(end, word.index), ws.element("mark", "", word[0]));
      end = word.index + word[0].length;
    }
    element.append(text.slice(end));
    return element;
  }

  /** The part of the text with most of the matched words, or its beginning. */
  function excerpt(text, matched) {
    const words = [...text.matchAll(WORD)];
    const hits = words.flatMap((word, n) => forms(word[0]).filter((form) => matched.has(form)).slice(-1).map((form) => [n, form]));
    let best = { first: 0, different: 0 };
    hits.forEach(([first], n) => {
      const near = new Set();
      for (let m = n; m < hits.length && hits[m][0] < first + EXCERPT_WORDS - WORDS_BEFORE; m += 1) near.add(hits[m][1]);
      if (near.size > best.different) best = { first, different: near.size };
    });
    const from = Math.max(0, best.first - WORDS_BEFORE);
    const to = from + EXCERPT_WORDS;
    const start = from ? words[from].index : 0;
    const end = to < words.length ? words[to - 1].index + words[to - 1][0].length : text.length;
    return (start ? "… " : "") + text.slice(start, end) + (end < text.length ? " …" : "");
  }

  function entry({ texts, kinds }, result) {
    const text = texts[result.id];
    const matched = new Set(result.terms);
    const item = ws.element("li", `found found-${text.kind}`);
    const link = ws.element("a", "found-title");
    link.href = root + text.href;
    const where = ws.element("p", "found-where");
    where.append(ws.element("span", "label", kinds[text.kind]), text.place ? ` ${text.place}` : "");
    item.append(where, link);
    marked(link, text.title, matched);
    if (text.text) item.append(marked(ws.element("p", "found-text"), excerpt(text.text, matched), matched));
    return item;
  }

  let shown = { query: null, results: [], library: null };

  function show(query, results, from) {
    shown = { query, results, library: from };
    list.replaceChildren(...results.slice(0, AT_ONCE).map((result) => entry(from, result)));
    offerMore();
  }

  function offerMore() {
    const left = shown.results.length - list.children.length;
    more.hidden = left <= 0;
    more.textContent = `Show ${left} more`;
  }

  more.addEventListener("click", () => {
    const first = list.children.length;
    list.append(...shown.results.slice(first).map((result) => entry(shown.library, result)));
    offerMore();
    links()[first].focus();
  });

  const announce = ws.debounce((text) => (status.textContent = text), 350);

  async function search() {
    const query = field.value.slice(0, LONGEST_QUERY).trim();
    ws.state.set("q", query || null);
    contents.hidden = Boolean(query);
    if (!query) {
      show("", [], null);
      announce("");
      return;
    }
    let from;
    try {
      from = await library();
    } catch (error) {
      announce("");
      ws.fail(form, "The texts to search in could not be loaded. Type on to try again.", error);
    }
    ws.succeed(form);
    if (query !== field.value.slice(0, LONGEST_QUERY).trim()) return; // meanwhile something else was asked for
    const results = find(from.index, from.texts, query);
    show(query, results, from);
    const count = results.length === 1 ? "1 result" : `${results.length} results`;
    announce(results.length ? `${count} for “${query}”` : `Nothing here has “${query}”, or words like it.`);
  }

  // --- using ------------------------------------------------------------------------------------------------------------

  const links = () => ws.all(".found-title", list);

  field.addEventListener("focus", () => library().catch(() => {}), { once: true }); // what is wrong is said when one types
  field.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    links()[0]?.focus();
  });

  function back() {
    field.focus();
    field.select();
  }

  document.addEventListener("keydown", (event) => {
    const at = links().indexOf(document.activeElement);
    if (document.activeElement !== field && at < 0) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    if (event.key === "ArrowDown" && links()[at + 1]) links()[at + 1].focus();
    else if (event.key === "ArrowUp" && at > 0) links()[at - 1].focus();
    else if ((event.key === "ArrowUp" && at === 0) || (event.key === "Escape" && at >= 0)) back();
    else return;
    event.preventDefault();
  });

  const keySwitch = document.querySelector("[data-search-key]");
  keySwitch.checked = ws.searchKey.isOn();
  keySwitch.addEventListener("change", () => ws.searchKey.turn(keySwitch.checked));

  field.value = (ws.state.get("q") || "").slice(0, LONGEST_QUERY);
  if (field.value) search();
  else if (!location.hash) field.focus();
})(window.WordSpaces);
