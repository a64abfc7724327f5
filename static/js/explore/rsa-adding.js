// How words come in: a search for one, or for a whole kind, and a pasted list of which nothing is lost.
(function (ws) {
  "use strict";
  const NAMED = 30; // words that a report names one by one

  /** page: {lexicon(), groups(), add(ids, group number), say(text)}. */
  ws.labPicking = function (box, page) {
    const input = box.querySelector("input");
    const target = box.querySelector("[data-lab-target]");
    const status = box.querySelector("[data-lab-found]");

    const { close, offer, say } = ws.combobox(box, ({ word, category }) => {
      status.textContent = "";
      if (category) page.addCategory(category);
      else page.add([word], target.value === "" ? null : Number(target.value));
    });

    input.addEventListener("input", () => {
      const lexicon = page.lexicon();
      status.textContent = "";
      if (!lexicon || !input.value.trim()) return close();
      const found = lexicon.search(input.value);
      const used = new Set(page.groups().flatMap((group) => group.words));
      offer(found, (option, { word, category }) => {
        const name = ws.element("span", category ? "lab-option-category" : "", category ? category.name : lexicon.words[word]);
        name.translate = false;
        const note = category ? `all ${category.words.length} words` : used.has(word) ? "chosen" : lexicon.home[word];
        option.append(name, ws.element("span", "pick-id", note));
      });
      say(found.length ? `${found.length} found` : "");
      if (!found.length) status.textContent = "No word here contains this. Put it under “Paste a list of your own” to hear why.";
    });

    return {
      /** Offer the categories as targets; the choice stays where it can. */
      draw(groups) {
        const chosen = target.options.length ? target.value : "0";
        target.replaceChildren(
          ...groups.map(({ name }, n) => {
            const option = ws.element("option", "", name || `category ${n + 1}`);
            option.value = n;
            return option;
          }),
        );
        const fresh = ws.element("option", "", "a new category");
        fresh.value = "";
        target.append(fresh);
        target.value = ws.all("option", target).some((option) => option.value === chosen) ? chosen : groups.length ? "0" : "";
      },
    };
  };

  /** page: {lexicon(), groups(), tokenizers, use(groups, what)}. The text stays in the box, whatever becomes of it. */
  ws.labPasting = function (box, page) {
    const area = box.querySelector("textarea");
    const report = box.querySelector("[data-report]");
    let turn = 0;

    /** Why a word is not here: how it is cut, where a tokenizer says so. */
    async function reason(text) {
      const listed = page.lexicon().leftOut.find(({ word }) => word === text);
      const cut = [];
      for (const one of page.tokenizers) {
        if (listed && listed.pieces[one.role] === undefined) continue;
        const tokenizer = await ws.tokenizers.open(one.artefact);
        const { tokens } = tokenizer;
        const ids = tokenizer.encode(one.kind === "byte_level_bpe" ? ` ${text}` : text);
        const pieces = ids.slice(0, 6).map((id) => ws.shown.plain(tokens[id], one.kind));
        if (ids.length !== 1) cut.push(`${ids.length} tokens in ${one.name} (${pieces.join(" · ")}${ids.length > 6 ? " …" : ""})`);
        else if (/^\[UNK\]$/.test(tokens[ids[0]])) cut.push(`unknown to ${one.name}`);
      }
      if (cut.length) return cut.join(", ");
      return page.tokenizers.length ? "one token in both models, but not among the words of this page" : "not among the words of this page";
    }

    async function take(replace) {
      const mine = ++turn;
      const lexicon = page.lexicon();
      if (!lexicon) return;
      const asked = ws.labWords.parse(area.value, lexicon);
      const groups = replace ? [] : page.groups().map(({ name, words }) => ({ name, words: [...words] }));
      const used = new Set(groups.flatMap((group) => group.words));
      const [missing, double, tooMany] = [new Set(), new Set(), new Set()];
      let added = 0;
      for (const { category, text } of asked) {
        const id = lexicon.find(text);
        if (id === undefined) missing.add(text.slice(0, 60));
        else if (used.has(id)) double.add(lexicon.words[id]);
        else if (used.size >= lexicon.most) tooMany.add(lexicon.words[id]);
        else {
          used.add(id);
          let group = groups.find(({ name }) => name === category);
          if (!group && !category && groups.length && !replace) group = groups[groups.length - 1];
          if (!group) groups.push((group = { name: category, words: [] }));
          group.words.push(id);
          added++;
        }
      }
      const lines = [];
      const named = (set) => [...set].slice(0, NAMED).join(", ") + (set.size > NAMED ? ` and ${set.size - NAMED} more` : "");
      if (!asked.length) lines.push("There is no word in the box.");
      else lines.push(`${added} of ${asked.length} ${asked.length === 1 ? "word was" : "words were"} taken.`);
      if (double.size) lines.push(`Named twice or already chosen: ${named(double)}.`);
      if (tooMany.size) lines.push(`Beyond the limit of ${lexicon.most} words: ${named(tooMany)}.`);
      if (added) page.use(groups, lines[0]);
      report.replaceChildren(...lines.map((line) => ws.element("p", "", line)));
      if (!missing.size) return;
      report.append(ws.element("p", "", `Not available, and still in the box: ${missing.size} ${missing.size === 1 ? "word" : "words"}.`));
      const list = ws.element("ul");
      report.append(list);
      await ws.attempt(report, "How these words are cut could not be found out.", async () => {
        list.replaceChildren();
        for (const text of [...missing].slice(0, NAMED)) {
          const why = await reason(text);
          if (mine !== turn) return;
          const item = ws.element("li");
          const word = ws.element("b", "", text);
          word.translate = false;
          word.dir = "auto";
          item.append(word, `: ${why}`);
          list.append(item);
        }
        if (missing.size > NAMED) list.append(ws.element("li", "", `and ${missing.size - NAMED} more`));
      });
    }

    for (const button of ws.all("[data-paste]", box)) button.addEventListener("click", () => take(button.dataset.paste === "replace"));
  };
})(window.WordSpaces);
