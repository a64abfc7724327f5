// The search for a token: by its beginning, by a part, or by its id. A combobox as the ARIA guide has it.
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
    const list = box.querySelector("[role=listbox]");
    const select = box.querySelector("select");
    const status = box.querySelector("[role=status]");
    let options = [];
    let active = -1;
    let turn = 0;

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    };

    function activate(place) {
      active = (place + options.length) % options.length;
      ws.all("[role=option]", list).forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
      const option = list.children[active];
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }

    function take(id) {
      const { role } = page.spaceOf(select.value);
      close();
      input.value = "";
      status.textContent = "";
      page.choose(role, id);
    }

    async function offer() {
      const mine = ++turn;
      if (!input.value) {
        status.textContent = "";
        return close();
      }
      await ws.attempt(box, "The vocabulary could not be loaded.", async () => {
        const space = await page.spaceOf(select.value).open();
        if (mine !== turn) return;
        options = find(space, input.value);
        list.replaceChildren(
          ...options.map((id, n) => {
            const option = ws.element("li");
            option.id = `pick-option-${n}`;
            option.setAttribute("role", "option");
            option.setAttribute("aria-selected", "false");
            option.append(space.chip(id), ws.element("span", "pick-id", `#${id}`));
            option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
            option.addEventListener("click", () => take(id));
            return option;
          }),
        );
        list.hidden = !options.length;
        input.setAttribute("aria-expanded", String(!list.hidden));
        active = -1;
        const many = options.length === OFFERED ? `the first ${OFFERED}` : String(options.length);
        status.textContent = options.length
          ? `${many} ${options.length === 1 ? "token" : "tokens"} found`
          : `No token of ${space.name} contains this. Typed above, it is cut into several.`;
      });
    }

    input.addEventListener("input", ws.debounce(offer, 15));
    const prepare = () => page.spaceOf(select.value).open().then(textsOf, () => {}); // where it fails, the first key says so
    input.addEventListener("focus", prepare);
    select.addEventListener("change", offer);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (list.hidden || !options.length) return;
      if (event.key === "ArrowDown") activate(active + 1);
      else if (event.key === "ArrowUp") activate(active < 0 ? options.length - 1 : active - 1);
      else if (event.key === "Enter") take(options[Math.max(active, 0)]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => setTimeout(close, 120));
  };
})(window.WordSpaces);
