// A text, cut by each tokenizer as one types.
(function (ws) {
  "use strict";
  const SHOWN = 400; // chips at once; the count is of all
  const KEPT_IN_ADDRESS = 500; // characters

  ws.explore.cutting = function (page) {
    const area = document.querySelector("[data-cut-text]");
    const rows = ws.all("[data-cut-by]");
    const status = document.querySelector("[data-cut-status]");
    let turn = 0;

    async function cutRow(row, text, mine) {
      const out = row.querySelector("[data-cut-tokens]");
      const count = row.querySelector("[data-cut-count]");
      return ws.attempt(row, "This tokenizer could not be loaded.", async () => {
        const tokenizer = await ws.explore.tokenizer(row.dataset.cutBy);
        if (mine !== turn) return;
        const ids = tokenizer.encode(text);
        const roles = row.dataset.roles.split(" ").filter(Boolean);
        const role = roles[0];
        out.replaceChildren(...ids.slice(0, SHOWN).map((id) => piece(tokenizer, id, role)));
        if (ids.length > SHOWN) out.append(ws.element("li", "cut-more", `and ${(ids.length - SHOWN).toLocaleString("en")} more`));
        row.dataset.ids = ids.slice(0, 2000).join(" ");
        count.textContent = `${ids.length.toLocaleString("en")} ${ids.length === 1 ? "token" : "tokens"}`;
      });
    }

    function piece(tokenizer, id, role) {
      const item = ws.element("li", "cut-piece");
      const raw = tokenizer.tokens[id];
      const holder = ws.element(role ? "button" : "span", role ? "cut-token" : "");
      holder.append(ws.shown.chip(raw, tokenizer.kind, role), ws.element("span", "cut-id", String(id)));
      if (role) {
        holder.type = "button";
        holder.title = "Show its neighbours";
        holder.addEventListener("click", () => page.choose(role, id, { scroll: true }));
      }
      item.append(holder);
      return item;
    }

    const announce = ws.debounce(() => {
      status.textContent = rows.map((row) => `${row.dataset.name}: ${row.querySelector("[data-cut-count]").textContent}`).join("; ");
    }, 700);

    async function cut() {
      const mine = ++turn;
      const text = area.value;
      ws.address.write({ text: text === area.defaultValue || text.length > KEPT_IN_ADDRESS ? null : text });
      await Promise.all(rows.map((row) => cutRow(row, text, mine)));
      if (mine === turn) announce();
    }

    /** Bring the text to what the address says. */
    function restore(query) {
      const wanted = query.get("text") ?? area.defaultValue;
      if (area.value !== wanted) area.value = wanted;
      return cut();
    }

    const later = ws.debounce(cut, 60);
    area.addEventListener("input", later);
    return { restore, cut };
  };
})(window.WordSpaces);
