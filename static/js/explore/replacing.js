// Another word in the sentence: how far each vector moves, layer by layer, and which heads look elsewhere.
(function (ws) {
  "use strict";
  const { fixed } = ws;
  const { svg } = ws.parts;
  const FULL_MOVE = 1; // |h' - h| / |h| from which a cell is as dark as it gets

  /** "boat 0.93, on 0.41, Monday 0.20": what moves most up to the last layer. */
  function most(change) {
    const last = change.movement.at(-1);
    const order = last.map((_, n) => n).sort((a, b) => last[b] - last[a]);
    return order.slice(0, 3).map((n) => `${change.plain[n]} ${fixed(last[n], 2)}`).join(", ");
  }

  /** Layers from left to right, tokens from top to bottom. */
  function movementPicture(reading, change, query, room) {
    const layers = change.movement.length;
    const labels = change.plain.map((text, n) => (change.changed.includes(n) ? `${reading.plain[n]} → ${text}` : text));
    const left = 10 + 7 * Math.min(20, Math.max(...labels.map((label) => label.length)));
    const cell = Math.min(30, (Math.max(240, Math.min(room, 470)) - left - 4) / layers);
    const height = 20;
    const [width, whole] = [left + cell * layers + 4, height * reading.size + 24];
    const picture = svg("svg", { viewBox: `0 0 ${width} ${whole}`, width, height: whole, class: "move-picture", role: "img" });
    labels.forEach((label, n) => {
      const shown = label.length > 20 ? `${label.slice(0, 19)}…` : label;
      picture.append(svg("text", { x: left - 6, y: n * height + 14, "text-anchor": "end", class: `cell-label${change.changed.includes(n) || n === query ? " chosen" : ""}` }, shown));
      change.movement.forEach((row, layer) => {
        const ink = Math.min(1, row[n] / FULL_MOVE);
        const box = svg("rect", { x: left + layer * cell + 0.5, y: n * height + 0.5, width: Math.max(1, cell - 1), height: height - 1, class: row[n] === 0 ? "cell cell-still" : "cell cell-weight" });
        if (row[n]) box.setAttribute("fill-opacity", Math.max(0.04, ink).toFixed(3));
        const when = layer ? `after layer ${layer}` : "before layer 1";
        box.append(svg("title", {}, `${change.plain[n]}, ${when}: ${fixed(row[n], 2)}`));
        picture.append(box);
      });
    });
    if (query !== null) picture.append(svg("rect", { x: left, y: query * height, width: cell * layers, height, class: "cell-row" }));
    const baseline = height * reading.size + 16;
    picture.append(svg("text", { x: left, y: baseline, class: "arc-head" }, "before layer 1"));
    picture.append(svg("text", { x: left + cell * layers, y: baseline, "text-anchor": "end", class: "arc-head" }, `after layer ${layers - 1}`));
    picture.setAttribute("aria-label", `How far each vector moves, by layer. After the last layer most: ${most(change)}. All numbers stand in the table below.`);
    return picture;
  }

  function movementTable(change) {
    const table = ws.element("table");
    table.append(ws.element("caption", "", "|h′ − h| / |h|: the distance between the two vectors, as a share of the first one’s length. 0 is before the first layer."));
    const head = ws.element("tr");
    for (const text of ["layer", ...change.plain]) {
      const cell = ws.element("th", text === "layer" ? "" : "number", text);
      cell.scope = "col";
      head.append(cell);
    }
    const top = ws.element("thead");
    top.append(head);
    const body = ws.element("tbody");
    change.movement.forEach((row, layer) => {
      const line = ws.element("tr");
      const name = ws.element("th", "", String(layer));
      name.scope = "row";
      line.append(name, ...row.map((value) => ws.element("td", "number", fixed(value, 2))));
      body.append(line);
    });
    table.append(top, body);
    return table;
  }

  /** Fill the part of one model. query: the chosen token's place, or null. page: choose, nameOf. */
  function fill(box, reading, change, query, page) {
    const still = change.movement[0].map((_, n) => change.movement.every((row) => row[n] === 0));
    const moved = change.rows_moved.flatMap((row, layer) => row.map((value, head) => ({ layer: layer + 1, head: head + 1, value })));
    moved.sort((a, b) => b.value - a.value || a.layer - b.layer || a.head - b.head);
    const words = ws.element("p", "explorer-small");
    const count = still.filter(Boolean).length;
    const dark = " Darkest is a vector that moves by its own length or more.";
    words.textContent = count
      ? `${count} ${count === 1 ? "vector does" : "vectors do"} not move at all: ${count === 1 ? "it stands" : "they stand"} before the change, and a causal model never looks ahead.${dark}`
      : `Every vector moves, before the change and after it.${dark}`;
    const list = ws.element("ol", "end-list");
    for (const one of moved.slice(0, 5)) {
      const item = ws.element("li");
      const button = ws.element("button", "quiet", page.nameOf(reading.model, one.layer, one.head));
      button.type = "button";
      button.addEventListener("click", () => page.choose(reading.model.role, one.layer, one.head, { show: true }));
      item.append(button, ws.element("span", "end-value", fixed(one.value, 3)));
      list.append(item);
    }
    const details = ws.element("details", "panel-table");
    const scroll = ws.element("div", "table-scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `Movement in ${reading.model.name}`);
    scroll.append(movementTable(change));
    details.append(ws.element("summary", "", "As a table"), scroll);
    box.replaceChildren(
      ws.element("h4", "", "How far each vector moves"),
      movementPicture(reading, change, query, box.clientWidth || 430),
      words,
      details,
      ws.element("h4", "", "Heads that look elsewhere most"),
      list,
      ws.element("p", "explorer-small", "The number is the share of a row’s weight that goes elsewhere, on average over rows: 0 means the same, 1 all of it. Choose a head to see the difference under “One head”."),
    );
  }

  ws.attention.replacing = { fill, most };
})(window.WordSpaces);
