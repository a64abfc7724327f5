// The search for a token: by its beginning, by a part, or by its id.
(function (ws) {
  "use strict";
  const OFFERED = 30;

  /** The texts of all tokens in lower case. Made when the field is entered, so that the first key finds them. */
  const textsOf = (space) => (space.texts ??= space.tokens.map((raw) => ws.shown.text(raw, space.kind).toLowerCase()));

  /** Ids of matching tokens: exact texts first, then beginnings, then parts; each group by id. "#123" is an id. */
  function find(space, asked) {
    const number = /^#?(\d+)$/.exec(asked.trim());
    const query = asked.replaceAll("␣", " ").toLowerCase();
    const found = { id: [], exact: [], beginning: [], part: [] };
    if (number && space.has(Number(number[1]))) found.id.push(Number(number[1]));
    if (query.trim() || query === " ") {
      const texts = textsOf(space);
      const bare = !query.startsWith(" ");
      for (let id = 0; id < texts.length; id++) {
        const own = bare && texts[id].startsWith(" ") ? texts[id].slice(1) : texts[id];
        if (own === query) found.exact.push(id);
        else if (own.startsWith(query)) found.beginning.length < OFFERED && found.beginning.push(id);
        else if (found.part.length < OFFERED && own.includes(query)) found.part.push(id);
      }
    }
    return [...new Set([...found.id, ...found.exact, ...found.beginning, ...found.part])].slice(0, OFFERED);
  }

  ws.explore.find = find;

  ws.explore.picking = function (page) {
    const box = document.querySelector("[data-pick]");
    const input = box.querySelector("input");
    const select = box.querySelector("select");
    const words = box.querySelector("[data-found]");
    const tell = (text) => say((words.textContent = text));
    let turn = 0;

    const { close, offer, say } = ws.combobox(box, (id) => {
      tell("");
      page.choose(page.spaceOf(select.value).role, id);
    });

    async function search() {
      const mine = ++turn;
      if (!input.value) {
        tell("");
        return close();
      }
      await ws.attempt(box, "The vocabulary could not be loaded.", async () => {
        const space = await page.spaceOf(select.value).open();
        if (mine !== turn) return;
        const found = find(space, input.value);
        offer(found, (option, id) => option.append(space.chip(id), ws.element("span", "pick-id", `#${id}`)));
        const many = found.length === OFFERED ? `the first ${OFFERED}` : String(found.length);
        tell(
          found.length
            ? `${many} ${found.length === 1 ? "token" : "tokens"} found`
            : `No token of ${space.name} contains this. A piece inside a word is found without its ##.`,
        );
      });
    }

    input.addEventListener("input", ws.debounce(search, 15));
    const prepare = () => page.spaceOf(select.value).open().then(textsOf, () => {}); // where it fails, the first key says so
    input.addEventListener("focus", prepare);
    select.addEventListener("change", search);
  };
})(window.WordSpaces);
