// Every head of a model with its scores, in a table that can be sorted by any column.
(function (ws) {
  "use strict";
  const FIRST = 40; // rows shown before all are asked for
  const { fixed } = ws;

  /** Fills the table as `state`, {by, down, all}, asks. page: choose, kindWords. Returns how many rows there are and are shown. */
  function fill(table, model, without, reading, page, state) {
    const scores = without ? "scores_without_sink" : "scores";
    const label = without ? "label_without_sink" : "label";
    const columns = [
      { key: "layer", title: "Layer", value: (one) => one.layer, text: (one) => String(one.layer) },
      { key: "head", title: "Head", value: (one) => one.head, text: (one) => String(one.head) },
      { key: "name", title: "Name", value: (one) => page.kindWords[one[label]] || "\uffff", text: (one) => page.kindWords[one[label]] || "" },
      ...model.scored.kinds.map((kind, n) => ({ key: kind.kind, title: page.kindWords[kind.kind], value: (one) => one[scores][n] ?? -1, text: (one) => ws.attention.scoreWords(one[scores][n]), number: true })),
      { key: "sink", title: "On the sink", value: (one) => one.sink, text: (one) => fixed(one.sink, 2), number: true },
      { key: "entropy", title: "Entropy here, bits", value: (one) => reading.entropy(one.layer, one.head), text: (one) => fixed(reading.entropy(one.layer, one.head), 2), number: true },
    ];
    const top = ws.element("tr");
    for (const column of columns) {
      const cell = ws.element("th", column.number ? "number" : "");
      cell.scope = "col";
      column.cell = cell;
      const button = ws.element("button", "quiet", column.title);
      button.type = "button";
      button.dataset.by = column.key;
      button.addEventListener("click", () => {
        const down = column.key === state.by ? !state.down : Boolean(column.number);
        Object.assign(state, { by: column.key, down });
        sort();
      });
      cell.append(button);
      top.append(cell);
    }
    const body = ws.element("tbody");
    const rows = new Map();
    for (const one of model.scored.heads) {
      const row = ws.element("tr");
      columns.forEach((column, n) => {
        const cell = ws.element(n === 1 ? "th" : "td", column.number ? "number" : "");
        if (n === 1) {
          cell.scope = "row";
          const button = ws.element("button", "quiet", column.text(one));
          button.type = "button";
          button.setAttribute("aria-label", `Show layer ${one.layer}, head ${one.head}`);
          button.addEventListener("click", () => page.choose(model.role, one.layer, one.head, { show: true }));
          cell.append(button);
        } else cell.textContent = column.text(one);
        row.append(cell);
      });
      rows.set(one, row);
    }

    /** The rows that there are, in their new order: nothing is made again. */
    function sort() {
      const by = columns.find((column) => column.key === state.by) || columns[0];
      for (const column of columns) column.cell.removeAttribute("aria-sort");
      by.cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      const heads = [...model.scored.heads].sort((a, b) => {
        const [x, y] = [by.value(a), by.value(b)];
        const order = x < y ? -1 : x > y ? 1 : 0;
        return (state.down ? -order : order) || a.layer - b.layer || a.head - b.head;
      });
      body.replaceChildren(...heads.slice(0, state.all ? undefined : FIRST).map((one) => rows.get(one)));
    }
    sort();
    const head = ws.element("thead");
    head.append(top);
    const caption = ws.element("caption", "", `All heads of ${model.name}${without ? ", scored without the sink" : ""}. A button in the first row sorts, one in a row shows the head.`);
    table.replaceChildren(caption, head, body);
    return { all: rows.size, shown: body.rows.length };
  }

  ws.attention.headTable = { fill };
})(window.WordSpaces);
