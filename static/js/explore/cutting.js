// A text, cut by each tokenizer as one types.
(function (ws) {
  "use strict";
  const SHOWN = 400; // chips at once; the count is of all
  const KEPT_IN_ADDRESS = 500; // characters

  ws.explore.cutting = function (page) {
    const area = document.querySelector("[data-cut-text]");
    const rows = ws.all("[data-cut-by]");
    const status = document.querySelector("[data-cut-status]");
    const note = document.querySelector("[data-cut-note]");
    let turn = 0;

    async function cutRow(row, text, mine) {
      // the page came with the pieces of its own text: whose models have no list here is fetched when one types
      if (!row.dataset.roles && !row.dataset.ids && text === area.defaultValue) return;
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

    // a browser refuses to write the address at every key
    const keep = ws.debounce(() => {
      const text = area.value;
      const long = text.length > KEPT_IN_ADDRESS;
      ws.address.write({ text: text === area.defaultValue || long ? null : text });
      const full = text.length >= area.maxLength ? ` The field holds ${area.maxLength.toLocaleString("en")}; what came after is cut off.` : "";
      note.textContent = long ? `A text of more than ${KEPT_IN_ADDRESS} characters is not kept in the address: a link to this page leaves it out.${full}` : "";
    }, 400);

    async function cut() {
      const mine = ++turn;
      const text = area.value;
      await Promise.all(rows.map((row) => cutRow(row, text, mine)));
      if (mine === turn) announce();
    }

    /** Bring the text to what the address says. One that is too long for an address stays as it is. */
    function restore(query) {
      const wanted = query.get("text") ?? (area.value.length > KEPT_IN_ADDRESS ? area.value : area.defaultValue);
      if (area.value !== wanted) area.value = wanted;
      return cut();
    }

    const later = ws.debounce(cut, 60);
    area.addEventListener("input", () => {
      later();
      keep();
    });
    area.addEventListener("focus", () => rows.forEach((row) => ws.explore.tokenizer(row.dataset.cutBy).catch(() => {})), { once: true });
    return { restore };
  };
})(window.WordSpaces);
