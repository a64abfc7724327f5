// How one weight comes about: query times key, scaled, masked, softmax; in numbers that give the weight again.
(function (ws) {
  "use strict";
  const { fixed } = ws;

  function row(cells, tag = "td") {
    const made = ws.element("tr");
    for (const cell of cells) {
      const [text, kind] = Array.isArray(cell) ? cell : [cell, ""];
      const element = ws.element(tag, kind, text);
      if (tag === "th") element.scope = "col";
      made.append(element);
    }
    return made;
  }

  function table(caption, heads, rows) {
    const made = ws.element("table");
    made.append(ws.element("caption", "", caption));
    const top = ws.element("thead");
    top.append(row(heads, "th"));
    const body = ws.element("tbody");
    body.append(...rows);
    made.append(top, body);
    return ws.parts.scrolling(made, caption);
  }

  const dot = (a, b) => a.reduce((sum, value, n) => sum + value * b[n], 0);

  /** Scores, powers and weights of one row. */
  function rowOf(products, query, size, causal) {
    const dims = products.queries[query].length;
    const root = Math.sqrt(dims);
    const seen = (k) => !causal || k <= query;
    const keys = Array.from({ length: size }, (_, k) => {
      const product = dot(products.queries[query], products.keys[k]);
      return { product, score: product / root, masked: !seen(k) };
    });
    const largest = Math.max(...keys.filter((key) => !key.masked).map((key) => key.score));
    let sum = 0;
    for (const key of keys) sum += key.power = key.masked ? 0 : Math.exp(key.score - largest);
    for (const key of keys) key.weight = key.power / sum;
    return { keys, dims, root, largest, sum };
  }

  /** Fill `box` for the chosen cell. found: {reading, layer, head, query, column, products}. */
  function fill(box, found) {
    const { reading, layer, head, query, column, products } = found;
    const { plain, model } = reading;
    const { keys, dims, root, largest, sum } = rowOf(products, query, reading.size, reading.causal);
    const chosen = keys[column];
    const steps = ws.element("ol", "steps");
    const step = (title, ...parts) => {
      const item = ws.element("li");
      item.append(ws.element("strong", "", title), ...parts.map((part) => (typeof part === "string" ? ws.element("p", "", part) : part)));
      steps.append(item);
    };
    const { key_value_heads: keyHeads, heads_in_layer: heads, rotary } = model.scored;
    const sharing = keyHeads < heads ? ` Heads ${Array.from({ length: heads / keyHeads }, (_, n) => (products.keyHead - 1) * (heads / keyHeads) + n + 1).join(", ")} of this layer share these keys.` : "";
    const turned = rotary ? " Both are shown after the rotation that tells their places in the text." : "";
    step("Query and key.", `In layer ${layer}, head ${head}, “${plain[query]}” has a query and “${plain[column]}” a key, each ${dims} numbers.${turned}${sharing}`);
    const numbers = products.queries[query].map((q, n) => row([[String(n + 1), "number"], [fixed(q, 3), "number"], [fixed(products.keys[column][n], 3), "number"], [fixed(q * products.keys[column][n], 3), "number"]]));
    const details = ws.element("details", "panel-table");
    details.append(ws.element("summary", "", `All ${dims} numbers`), table(`Query of “${plain[query]}”, key of “${plain[column]}”`, ["dimension", ["query", "number"], ["key", "number"], ["product", "number"]], numbers));
    steps.lastChild.append(details);
    if (chosen.masked) step("Mask.", `“${plain[column]}” comes after “${plain[query]}”. The model may not look ahead: the score is set to minus infinity, and the weight is 0.`);
    else {
      step("Product.", `Number by number multiplied and added up: q · k = ${fixed(chosen.product, 3)}.`);
      step("Scale.", `Divided by √${dims} = ${fixed(root, 3)}: score = ${fixed(chosen.score, 3)}.`);
      step("Softmax.", `The largest score of the row is ${fixed(largest, 3)}. exp(${fixed(chosen.score, 3)} − ${fixed(largest, 3)}) = ${fixed(chosen.power, 4)}. Divided by the sum over all keys, ${fixed(sum, 4)}: weight = ${fixed(chosen.weight, 3)}.`);
    }
    const rows = keys.map((key, k) => {
      const made = row([
        plain[k],
        [fixed(key.product, 3), "number"],
        [key.masked ? "masked: −∞" : fixed(key.score, 3), "number"],
        [key.masked ? "0" : fixed(key.power, 4), "number"],
        [key.masked ? "0" : fixed(key.weight, 3), "number"],
      ]);
      if (k === column) made.setAttribute("aria-current", "true");
      return made;
    });
    const whole = table(`The whole row of “${plain[query]}”`, ["key of", ["q · k", "number"], [`÷ √${dims}`, "number"], ["exp", "number"], ["weight", "number"]], rows);
    box.replaceChildren(steps, whole);
  }

  ws.attention.arithmetic = { fill, rowOf };
})(window.WordSpaces);
