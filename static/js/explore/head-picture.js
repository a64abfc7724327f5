// One matrix in depth: as cells or as arcs, both SVG, and as a table.
(function (ws) {
  "use strict";
  const CHARACTER = 7.4; // px, of the labels
  const { fixed } = ws;
  const { svg } = ws.parts;

  const short = (text, most = 12) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

  /** What stands in a cell: "0.12", "masked" or "none left". */
  function cellWords(view, query, key, digits = view.digits) {
    const weight = view.matrix[query * view.size + key];
    if (Number.isNaN(weight)) return "masked";
    if (view.empty(query)) return "none left";
    const words = fixed(weight, digits);
    return view.change && Number(words) > 0 ? `+${words}` : words;
  }

  class HeadPicture {
    /** page: select(role, query, key). */
    constructor(holder, role, page) {
      Object.assign(this, { holder, role, page });
      this.svg = svg("svg", { class: "head-picture", tabindex: "0" });
      this.drawing = svg("g", { "aria-hidden": "true" });
      this.svg.append(this.drawing);
      this.tell = ws.parts.cursor(this.svg, "no cell chosen");
      this.svg.addEventListener("keydown", (event) => this.key(event));
      this.svg.addEventListener("click", (event) => {
        const place = event.target.closest("[data-cell], [data-row]");
        if (!place) return;
        if (place.dataset.cell) page.select(role, ...place.dataset.cell.split(".").map(Number));
        else page.select(role, Number(place.dataset.row), null);
      });
    }

    /** view: {size, plain, matrix, digits, query, column, change, empty(query), arcs, causal, title}. */
    draw(view) {
      this.view = view;
      if (this.svg.parentNode !== this.holder) this.holder.replaceChildren(this.svg);
      const width = Math.max(240, Math.min(this.holder.clientWidth || 480, 560));
      if (view.arcs) this.arcs(width);
      else this.matrix(width);
      const keys = view.arcs ? "Up and down go from token to token." : "Arrow keys go from cell to cell.";
      this.svg.setAttribute("aria-label", `${view.title}, ${view.arcs ? "as arcs" : "as a matrix"}. ${keys} The same numbers stand in the table below.`);
      const words = this.words();
      if (words !== this.told) this.tell((this.told = words));
    }

    /** What lies under the cursor: "␣bank to ␣river: 0.120", or the token whose row is chosen. */
    words() {
      const { plain, query, column, arcs } = this.view;
      if (query === null) return "";
      return arcs || column === null ? plain[query] : `${plain[query]} to ${plain[column]}: ${cellWords(this.view, query, column)}`;
    }

    size(width, height) {
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.setAttribute("width", width);
      this.svg.setAttribute("height", height);
    }

    matrix(width) {
      const { view } = this;
      const { size, plain, matrix, query, column } = view;
      const labels = plain.map((text) => short(text, width < 400 ? 9 : 12));
      const left = 10 + CHARACTER * Math.max(...labels.map((label) => label.length));
      const cell = Math.min(46, (width - left - 2) / size);
      const full = view.change ? ws.attention.FULL_CHANGE : ws.attention.FULL_INK;
      this.size(width, left + cell * size + 4);
      const parts = [];
      const ground = svg("g");
      for (let q = 0; q < size; q++)
        for (let k = 0; k < size; k++) {
          const weight = matrix[q * size + k];
          const [x, y] = [left + k * cell, left + q * cell];
          const hidden = Number.isNaN(weight);
          const blank = hidden || view.empty(q);
          const ink = blank ? 0 : Math.min(1, Math.abs(weight) / full);
          const kind = hidden ? "masked" : blank ? "blank" : view.change ? (weight > 0 ? "more" : "less") : "weight";
          const box = svg("rect", { x: x + 0.5, y: y + 0.5, width: cell - 1, height: cell - 1, class: `cell cell-${kind}`, "data-cell": `${q}.${k}` });
          if (!blank) box.setAttribute("fill-opacity", ink.toFixed(3));
          const ask = svg("title", {}, `${plain[q]} → ${plain[k]}: ${cellWords(view, q, k)}`);
          box.append(ask);
          ground.append(box);
          if (cell >= 29 && !blank && Math.abs(weight) >= 0.005)
            ground.append(svg("text", { x: x + cell / 2, y: y + cell / 2 + 4, class: ink > 0.62 ? "cell-number cell-number-on" : "cell-number" }, fixed(weight, 2).replace(/^(−?)0\./, "$1.")));
        }
      parts.push(ground);
      labels.forEach((label, n) => {
        const [own, seen] = [n === query ? " chosen" : "", n === column ? " chosen" : ""];
        parts.push(svg("text", { x: left - 7, y: left + (n + 0.5) * cell + 4, "text-anchor": "end", class: `cell-label${own}`, "data-row": n }, label));
        const turn = `translate(${(left + (n + 0.5) * cell + 4).toFixed(1)} ${left - 7}) rotate(-90)`;
        parts.push(svg("text", { transform: turn, class: `cell-label${seen}` }, label));
      });
      if (query !== null) parts.push(svg("rect", { x: left, y: left + query * cell, width: cell * size, height: cell, class: "cell-row" }));
      if (query !== null && column !== null)
        parts.push(svg("rect", { x: left + column * cell, y: left + query * cell, width: cell, height: cell, class: "cell-cursor" }));
      this.drawing.replaceChildren(...parts);
    }

    /** Tokens in a column; to the right arcs to what they look at, to the left, of the chosen one, arcs from who looks at it. */
    arcs(width) {
      const { view } = this;
      const { size, plain, matrix, query } = view;
      const pitch = 30;
      const labels = plain.map((text) => short(text, 14));
      const half = 8 + (CHARACTER * Math.max(...labels.map((label) => label.length))) / 2;
      const middle = width / 2;
      const room = middle - half - 44;
      this.size(width, size * pitch + 34);
      const y = (place) => 34 + (place + 0.5) * pitch;
      const parts = [
        svg("text", { x: middle - half - 8, y: 14, "text-anchor": "end", class: "arc-head" }, query === null ? "" : "who looks at it"),
        svg("text", { x: middle + half + 8, y: 14, class: "arc-head" }, query === null ? "what each looks at" : "what it looks at"),
      ];
      const arc = (from, to, weight, side) => {
        const x = middle + side * half;
        const reach = side * Math.min(room, 22 + (room - 22) * (Math.abs(from - to) / Math.max(1, size - 1)));
        const bent = from === to ? `M${x} ${y(from) - 6} C${x + side * 26} ${y(from) - 14} ${x + side * 26} ${y(from) + 14} ${x} ${y(from) + 6}` : `M${x} ${y(from)} C${x + reach * 1.3} ${y(from)} ${x + reach * 1.3} ${y(to)} ${x} ${y(to)}`;
        const kind = view.change ? (weight > 0 ? "arc arc-more" : "arc arc-less") : "arc";
        return svg("path", { d: bent, class: kind, "stroke-width": (0.6 + 7 * Math.min(1, Math.abs(weight))).toFixed(2), "stroke-opacity": (0.18 + 0.82 * Math.min(1, Math.abs(weight) * 1.6)).toFixed(2) });
      };
      const least = view.change ? 0.01 : 0.02;
      const seen = (q, k) => {
        const weight = matrix[q * size + k];
        return Number.isNaN(weight) || view.empty(q) || Math.abs(weight) < least ? null : weight;
      };
      for (let q = 0; q < size; q++)
        for (let k = 0; k < size; k++) {
          const weight = seen(q, k);
          if (weight === null) continue;
          if (query === null || q === query) parts.push(arc(q, k, weight, 1));
          if (query !== null && k === query && q !== query) parts.push(arc(k, q, weight, -1));
        }
      labels.forEach((label, n) => {
        const row = svg("g", { "data-row": n, class: `arc-row${n === query ? " chosen" : ""}${query !== null && Number.isNaN(matrix[query * size + n]) ? " arc-masked" : ""}` });
        row.append(svg("rect", { x: middle - half, y: y(n) - 12, width: 2 * half, height: 24, rx: 5, class: "arc-chip" }));
        row.append(svg("text", { x: middle, y: y(n) + 4.5, "text-anchor": "middle", class: "arc-label" }, label));
        parts.push(row);
        if (query === null) return;
        const [out, back] = [seen(query, n), seen(n, query)];
        if (out !== null) parts.push(svg("text", { x: width - 2, y: y(n) + 4, "text-anchor": "end", class: "arc-number" }, fixed(out, 2)));
        if (back !== null && n !== query) parts.push(svg("text", { x: 2, y: y(n) + 4, class: "arc-number" }, fixed(back, 2)));
      });
      this.drawing.replaceChildren(...parts);
    }

    key(event) {
      const { size, query, column, arcs } = this.view;
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const move = moves[event.key];
      if (!move || (arcs && move[1])) return;
      event.preventDefault();
      const within = (place) => Math.min(size - 1, Math.max(0, place));
      if (query === null) this.page.select(this.role, 0, arcs ? null : 0);
      else this.page.select(this.role, within(query + move[0]), arcs ? null : within((column ?? query) + move[1]));
    }
  }

  /** The matrix as a table: a row a query. */
  function fillTable(table, view) {
    const head = ws.element("tr");
    const corner = ws.element("th", "", "looks ↓ at →");
    corner.scope = "col";
    head.append(corner);
    for (const text of view.plain) {
      const cell = ws.element("th", "number", text);
      cell.scope = "col";
      head.append(cell);
    }
    const rows = view.plain.map((text, q) => {
      const row = ws.element("tr");
      const name = ws.element("th", "", text);
      name.scope = "row";
      row.append(name);
      for (let k = 0; k < view.size; k++) row.append(ws.element("td", "number", cellWords(view, q, k)));
      return row;
    });
    const body = ws.element("tbody");
    body.append(...rows);
    const top = ws.element("thead");
    top.append(head);
    const caption = ws.element("caption", "", `${view.title}. A row is a token that looks. “Masked”: the model may not look there.`);
    table.replaceChildren(caption, top, body);
  }

  Object.assign(ws.attention, { HeadPicture, fillTable, cellWords });
})(window.WordSpaces);
