// A text, cut by each tokenizer as one types.
(function (ws) {
  "use strict";
  const SHOWN = 400; // chips; the count is of all
  const AT_ONCE = 60; // of them; the browser may answer the reader before it draws the next ones
  const KEPT_IN_ADDRESS = 500; // characters

  ws.explore.cutting = function (page) {
    const area = document.querySelector("[data-cut-text]");
    const rows = ws.all("[data-cut-by]");
    const status = document.querySelector("[data-cut-status]");
    const note = document.querySelector("[data-cut-note]");
    const drawn = new Map(); // list -> ids of the pieces in it
    let turn = 0;

    async function cutRow(row, text, mine) {
      // the page came with the pieces of its own text: whose models have no list here is fetched when one types
      if (!row.dataset.roles && !row.dataset.ids && text === area.defaultValue) return;
      const out = row.querySelector("[data-cut-tokens]");
      const count = row.querySelector("[data-cut-count]");
      return ws.attempt(row, "This tokenizer could not be loaded.", async () => {
        const tokenizer = await ws.tokenizers.open(row.dataset.cutBy);
        if (mine !== turn) return;
        const ids = tokenizer.encode(text);
        const [role] = row.dataset.roles.split(" ").filter(Boolean);
        count.textContent = `${ids.length.toLocaleString("en")} ${ids.length === 1 ? "token" : "tokens"}`;
        row.dataset.ids = ids.slice(0, 2000).join(" ");
        await drawPieces(out, ids, (id) => piece(tokenizer, id, role), () => mine === turn);
      });
    }

    /** Bring the pieces on screen to `ids`: those that stay at both ends are kept, the others come a part at a time. */
    async function drawPieces(out, ids, make, current) {
      if (!drawn.has(out)) {
        drawn.set(out, []);
        out.replaceChildren(); // what the page came with
      }
      const had = drawn.get(out);
      const wanted = ids.slice(0, SHOWN);
      const shorter = Math.min(had.length, wanted.length);
      let start = 0;
      while (start < shorter && had[start] === wanted[start]) start++;
      let end = 0;
      while (end < shorter - start && had.at(-1 - end) === wanted.at(-1 - end)) end++;
      out.querySelector(":scope > .cut-more")?.remove();
      const gone = had.splice(start, had.length - start - end).length;
      for (const item of Array.from(out.children).slice(start, start + gone)) item.remove();
      if (ids.length > SHOWN) out.append(ws.element("li", "cut-more", `and ${(ids.length - SHOWN).toLocaleString("en")} more`));
      const next = out.children[start] || null;
      for (let at = start; at < wanted.length - end; at += AT_ONCE) {
        if (at > start) await ws.breath();
        if (!current()) return;
        const part = wanted.slice(at, Math.min(at + AT_ONCE, wanted.length - end));
        had.splice(at, 0, ...part);
        const items = part.map(make);
        if (next) next.before(...items);
        else out.append(...items);
      }
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
      const full = text.length >= area.maxLength ? ` The field holds ${area.maxLength.toLocaleString("en")} characters; what came after is cut off.` : "";
      note.textContent = long ? `A text of more than ${KEPT_IN_ADDRESS} characters is not kept in the address: a link to this page leaves it out.${full}` : "";
    }, 400);

    async function cut() {
      const mine = ++turn;
      const text = area.value;
      await Promise.all(rows.map((row) => cutRow(row, text, mine)));
      return mine === turn;
    }

    /** Bring the text to what the address says. One that is too long for an address stays as it is. */
    function restore(query) {
      const wanted = query.get("text") ?? (area.value.length > KEPT_IN_ADDRESS ? area.value : area.defaultValue);
      if (area.value !== wanted) area.value = wanted;
      return cut();
    }

    const later = ws.debounce(async () => (await cut()) && announce(), 15);
    area.addEventListener("input", () => {
      later();
      keep();
    });
    area.addEventListener("focus", () => rows.forEach((row) => ws.tokenizers.open(row.dataset.cutBy).catch(() => {})), { once: true });
    return { restore };
  };
})(window.WordSpaces);
