// The attention explorer: a sentence, a head of each model and a token are chosen; every part shows them; the address keeps all.
(function (ws) {
  "use strict";
  const root = document.querySelector("[data-attention-explorer]");
  if (!root) return;
  const { fixed } = ws;
  const settings = ws.parts.begin(root, "every sentence and every head can be looked at");
  if (!settings) return;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const notice = part("notice");
  root.classList.add("live");
  root.setAttribute("aria-busy", "true");

  const models = new Map(settings.models.map((model) => [model.role, { ...model }]));
  const roles = [...models.keys()];
  const other = (role) => roles.find((one) => one !== role);
  const state = {
    sentence: null, // its name
    heads: new Map(settings.models.map(({ role, first }) => [role, { layer: first[0], head: first[1] }])),
    model: roles[0], // the one that was looked at last
    query: new Map(), // role -> place of the chosen token, or null
    key: new Map(), // role -> place of the token it looks at, or null for the strongest
    arcs: false,
    of: "head", // head, layer, all, rollout
    sink: true,
    order: "layer",
    row: false, // thumbnails show the chosen token's row alone
    change: null, // the other word
  };
  let sentences = [];
  let leastLeft = 0.01;
  let current = null; // {sentence, readings: Map, changes: Map or null}
  let turn = 0;

  const page = {
    kindWords: settings.kindWords,
    chosen: (role) => state.heads.get(role),
    nameOf,
    choose(role, layer, head, { quick = false, show = false } = {}) {
      state.heads.set(role, { layer, head });
      state.model = role;
      if (state.of === "all") state.of = "head";
      keep(false);
      drawGrid(role);
      drawPanel(role);
      drawView();
      if (!quick) say(`${models.get(role).name} ${nameOf(models.get(role), layer, head)}`); // the grid tells itself where its keys go
      deepenSoon(quick ? 120 : 0);
      if (show) {
        root.querySelector(`[data-panel="${role}"]`).scrollIntoView({ block: "center" });
        root.querySelector(`[data-panel="${role}"] svg`)?.focus({ preventScroll: true });
      }
    },
    /** A token, and where it looks, if that was pointed at. */
    select(role, query, key) {
      state.model = role;
      pick(role, query, key);
      keep(false);
      drawTokens();
      if (state.row) drawGrids();
      drawPanels();
      drawArithmetic();
      drawChange();
    },
  };

  /** "layer 3 head 5, previous token, 0.82" */
  function nameOf(model, layer, head) {
    const one = model.scored.heads[(layer - 1) * model.scored.heads_in_layer + head - 1];
    const label = state.sink ? one.label : one.label_without_sink;
    const place = model.scored.kinds.findIndex((kind) => kind.kind === label);
    const scores = state.sink ? one.scores : one.scores_without_sink;
    const name = label ? `${settings.kindWords[label]}, ${fixed(scores[place], 2)}` : "no name";
    return `layer ${layer} head ${head}, ${name}`;
  }

  const say = ws.debounce((words) => (part("status").textContent = words), 40);

  /** The same words in the other model. */
  function pick(role, query, key) {
    const [own, far] = [role, other(role)].map((one) => current.readings.get(one));
    state.query.set(role, query).set(far.model.role, query === null ? null : own.entry.counterparts[query]);
    const across = key === null || state.query.get(far.model.role) === null ? null : own.entry.counterparts[key];
    state.key.set(role, key).set(far.model.role, across);
  }

  // --- the address -----------------------------------------------------------------------------------------------------

  const headCode = ({ layer, head }) => `${layer}.${head}`;

  function keep(step) {
    const values = { sentence: state.sentence === sentences[0]?.name ? null : state.sentence };
    for (const { role, first } of settings.models) {
      const code = headCode(state.heads.get(role));
      values[role] = code === first.join(".") ? null : code;
    }
    const query = state.query.get(state.model);
    const reading = current?.readings.get(state.model);
    const plain = state.model === roles[0] && query === reading?.entry.focus;
    values.model = state.model === roles[0] ? null : state.model;
    values.token = plain || query === null || query === undefined ? null : String(query);
    values.key = state.key.get(state.model) ?? null;
    values.show = state.arcs ? "arcs" : null;
    values.of = state.of === "head" ? null : state.of;
    values.sink = state.sink ? null : "without";
    values.order = state.order === "layer" ? null : state.order;
    values.row = state.row ? "one" : null;
    values.change = state.change;
    ws.address.write(values, step);
  }

  // Another set's heads and tokens are others: what goes along is the sentence, and the way to look at it.
  ws.address.across = () => {
    const query = ws.address.read();
    for (const name of [...roles, "token", "key"]) query.delete(name);
    return query.size ? `?${query}` : "";
  };

  /** A number of the address between two bounds; undefined if it is none, null if it is not given. */
  function numberIn(text, low, high) {
    if (text === null) return null;
    const number = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
    return number >= low && number <= high ? number : undefined;
  }

  async function restore() {
    const query = ws.address.read();
    const lost = [];
    const asked = query.get("sentence");
    const found = sentences.find((one) => one.name === asked);
    if (asked !== null && !found) lost.push(`there is no sentence ${asked}`);
    state.sentence = (found || sentences[0]).name;
    for (const { role, first } of settings.models) {
      const { layers, heads_in_layer: heads } = models.get(role).scored;
      const [layer, head] = (query.get(role) ?? first.join(".")).split(".").map(Number);
      const good = Number.isInteger(layer) && Number.isInteger(head) && layer >= 1 && layer <= layers && head >= 1 && head <= heads;
      if (!good) lost.push(`${models.get(role).name} has no head ${query.get(role)}`);
      state.heads.set(role, good ? { layer, head } : { layer: first[0], head: first[1] });
    }
    state.model = roles.includes(query.get("model")) ? query.get("model") : roles[0];
    state.arcs = query.get("show") === "arcs";
    state.of = ["layer", "all", "rollout"].includes(query.get("of")) ? query.get("of") : "head";
    state.sink = query.get("sink") !== "without";
    state.order = orderSelect.querySelector(`option[value="${CSS.escape(query.get("order") || "")}"]`) ? query.get("order") : "layer";
    state.row = query.get("row") === "one";
    state.change = query.get("change");
    const sentence = sentences.find((one) => one.name === state.sentence);
    if (state.change !== null && !sentence.changes.some((one) => one.other === state.change)) {
      lost.push(`this sentence offers no “${state.change}”`);
      state.change = null;
    }
    const entry = sentence.by_model.find((one) => one.role === state.model);
    const [token, key] = ["token", "key"].map((name) => numberIn(query.get(name), 0, entry.tokens.length - 1));
    if (token === undefined || key === undefined) lost.push("the sentence has no such token");
    notice.hidden = !lost.length;
    notice.textContent = lost.length ? `This link names something that is not here: ${lost.join(", and ")}. The rest of it is shown.` : "";
    await show({ token: token ?? entry.focus, key: key ?? null });
  }

  // --- a sentence ------------------------------------------------------------------------------------------------------

  /** Fetch and draw the sentence of the state. chosen: the token at first, in the model of the state. */
  async function show(chosen) {
    const mine = ++turn;
    const sentence = sentences.find((one) => one.name === state.sentence);
    root.setAttribute("aria-busy", "true");
    await ws.attempt(part("sentence-box"), "The sentence could not be loaded.", async () => {
      const readings = new Map();
      for (const entry of sentence.by_model) readings.set(entry.role, new ws.attention.Reading(sentence.folder, entry, models.get(entry.role)));
      await Promise.all([...readings.values()].map((reading) => reading.open()));
      const changes = state.change === null ? null : await changesOf(sentence, readings);
      if (mine !== turn) return;
      current = { sentence, readings, changes };
      pick(state.model, chosen.token, chosen.key);
      drawAll();
      await deepen();
    });
    if (mine === turn) root.removeAttribute("aria-busy");
  }

  async function changesOf(sentence, readings) {
    const number = sentence.changes.findIndex((one) => one.other === state.change);
    const found = await Promise.all([...readings.values()].map(async (reading) => [reading.model.role, await reading.change(number)]));
    return new Map(found);
  }

  /** Fetch the second byte of the heads shown, and their queries and keys; then draw them again. */
  async function deepen() {
    const mine = turn;
    const { readings } = current;
    await Promise.all(
      roles.map((role) => {
        const panel = panels.get(role);
        const { layer } = state.heads.get(role);
        return ws.attempt(panel.box, "The exact weights of this layer could not be loaded; two decimals are shown.", async () => {
          await readings.get(role).deepen(layer);
          if (mine === turn && state.heads.get(role).layer === layer) drawPanel(role);
        });
      }),
    );
    if (mine === turn) drawArithmetic();
  }
  const waiting = { timer: 0 };
  function deepenSoon(milliseconds) {
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(deepen, milliseconds);
  }

  function step(sentence) {
    if (!sentence) return; // the list has not come yet
    state.sentence = sentence.name;
    state.change = null;
    const entry = sentence.by_model.find((one) => one.role === state.model);
    state.query.clear();
    state.key.clear();
    notice.hidden = true;
    keep(true);
    show({ token: entry.focus, key: null }).then(() => {
      keep(false);
      if (current?.sentence === sentence) say(`Shown: ${sentence.text}`);
    });
  }

  // --- drawing ---------------------------------------------------------------------------------------------------------

  const select = part("sentence-select");
  const orderSelect = part("order");
  const ofSelect = part("of");
  const grids = new Map();
  const panels = new Map(
    roles.map((role) => {
      const box = root.querySelector(`[data-panel="${role}"]`);
      return [role, { box, view: null }];
    }),
  );

  function drawAll() {
    const { sentence } = current;
    select.value = sentence.name;
    part("look-for").textContent = sentence.look_for;
    ws.all("input[name=show]", root).forEach((input) => (input.checked = (input.value === "arcs") === state.arcs));
    part("sink").checked = !state.sink;
    part("row-alone").checked = state.row;
    orderSelect.value = state.order;
    ofSelect.value = state.of;
    drawChoices();
    drawTokens();
    drawGrids();
    drawPanels();
    drawView();
    drawArithmetic();
    drawChange();
    ws.breath().then(drawTable); // hundreds of rows: what the reader looks at comes first
    document.title = `${sentence.text} · ${settings.title}`;
  }

  /** Which model a narrow window shows. */
  function drawView() {
    ws.all("input[name=model]", root).forEach((input) => (input.checked = input.value === state.model));
    ws.all("[data-of-model]", root).forEach((box) => box.classList.toggle("viewed", box.dataset.ofModel === state.model));
  }

  function drawTokens() {
    for (const [role, reading] of current.readings) {
      const list = root.querySelector(`[data-tokens="${role}"]`);
      const changed = current.changes?.get(role);
      const focused = list.contains(document.activeElement) ? [...list.querySelectorAll("button")].indexOf(document.activeElement) : -1;
      const items = reading.entry.tokens.map((token, place) => {
        const item = ws.element("li");
        const button = ws.element("button", "cut-token");
        button.type = "button";
        button.append(ws.shown.chip((changed ? changed.tokens[place] : token).raw, reading.model.kind, role));
        button.setAttribute("aria-pressed", String(state.query.get(role) === place));
        button.addEventListener("click", () => page.select(role, place, null));
        item.append(button);
        return item;
      });
      list.replaceChildren(...items);
      if (focused >= 0) list.querySelectorAll("button")[focused]?.focus();
    }
  }

  /** What is drawn of a head: its weights, or how they differ after the change; without the sink if asked for. */
  function treated(reading, before, after) {
    const without = (matrix) => (state.sink ? matrix : ws.attention.withoutSink(matrix, reading.size, reading.sinkPlace, leastLeft));
    const first = without(before);
    if (!after) return first;
    const second = without(after);
    return second.map((weight, at) => (weight === -1 || first[at] === -1 ? -1 : weight - first[at]));
  }

  function headMatrix(reading, layer, head) {
    const changed = current.changes?.get(reading.model.role);
    const before = reading.head(layer, head);
    return treated(reading, before, changed ? reading.head(layer, head, changed.bytes) : null);
  }

  function shape() {
    const width = part("grids").clientWidth;
    const [first, second] = roles.map((role) => models.get(role).scored);
    const together = Math.floor((width - 88) / (first.layers + second.layers));
    if (together >= 20) return { across: true, pitch: () => Math.min(34, together) };
    if (width >= 620) return { across: true, pitch: (scored) => Math.min(30, Math.floor((width - 24) / scored.layers)) };
    return { across: false, pitch: (scored) => Math.min(34, Math.floor((width - 24) / scored.heads_in_layer)) };
  }

  function drawGrids() {
    for (const role of roles) drawGrid(role);
  }

  function drawGrid(role) {
    if (!current) return;
    const reading = current.readings.get(role);
    const model = models.get(role);
    if (!grids.has(role)) grids.set(role, new ws.attention.HeadsGrid(root.querySelector(`[data-grid="${role}"]`), model, page));
    const { across, pitch } = shape();
    const changed = Boolean(current.changes);
    grids.get(role).draw(
      {
        reading,
        order: state.order,
        without: !state.sink,
        row: state.row ? (state.query.get(role) ?? null) : null,
        change: changed,
        matrixOf: (layer, head) => headMatrix(reading, layer, head),
      },
      pitch(model.scored),
      across,
    );
    root.querySelector("[data-scale]").classList.toggle("scale-change", changed);
  }

  function drawPanels() {
    for (const role of roles) drawPanel(role);
  }

  function ofWords(role) {
    const { layer, head } = state.heads.get(role);
    return { head: `Layer ${layer}, head ${head}`, layer: `Layer ${layer}, mean of its heads`, all: "Mean of all heads of all layers", rollout: `Attention rollout to layer ${layer}` }[state.of];
  }

  function drawPanel(role) {
    if (!current) return;
    const panel = panels.get(role);
    const reading = current.readings.get(role);
    const { layer, head } = state.heads.get(role);
    const changed = state.of === "rollout" ? null : current.changes?.get(role);
    const exact = state.of === "head" && reading.isDeep(layer) && !changed;
    const make = {
      head: (bytes) => reading.head(layer, head, bytes),
      layer: (bytes) => reading.mean(layer, bytes),
      all: (bytes) => reading.mean(null, bytes),
      rollout: () => reading.rollout(layer),
    }[state.of];
    const matrix = treated(reading, make(), changed ? make(changed.bytes) : null);
    const query = state.query.get(role) ?? null;
    const empty = (q) => !changed && matrix[q * reading.size] === -1;
    let column = state.key.get(role) ?? null;
    if (column === null && query !== null) column = strongest(matrix, reading.size, query);
    const what = ofWords(role);
    const view = {
      size: reading.size,
      plain: changed ? changed.plain : reading.plain,
      matrix,
      digits: exact ? 3 : 2,
      query,
      column,
      change: Boolean(changed),
      empty: changed ? (q) => Array.from({ length: reading.size }, (_, k) => matrix[q * reading.size + k]).every((weight) => weight === -1 || Number.isNaN(weight)) : empty,
      arcs: state.arcs,
      title: [`${reading.model.name}, ${what[0].toLowerCase()}${what.slice(1)}`, changed && `difference with “${state.change}”`, !state.sink && "without the sink"].filter(Boolean).join(", "),
    };
    panel.view = view;
    panel.picture = panel.picture || new ws.attention.HeadPicture(panel.box.querySelector("[data-picture]"), role, page);
    panel.box.querySelector("[data-panel-title]").textContent = what;
    panel.box.querySelector("[data-panel-facts]").textContent = factsOf(role, view, reading, layer, head);
    panel.box.querySelector("[data-panel-readout]").textContent = readoutOf(view, reading);
    panel.picture.draw(view);
    ws.attention.fillTable(panel.box.querySelector("table"), view);
  }

  /** The place that a row gives most; null where nothing is left. */
  function strongest(matrix, size, query) {
    let best = null;
    for (let k = 0; k < size; k++) {
      const weight = Math.abs(matrix[query * size + k]);
      if (Number.isNaN(weight) || matrix[query * size + k] === -1) continue;
      if (best === null || weight > Math.abs(matrix[query * size + best])) best = k;
    }
    return best;
  }

  function factsOf(role, view, reading, layer, head) {
    if (view.change) return "How the weights change: the new sentence minus the old. Purple is more, green less.";
    if (state.of === "rollout") return "Weights of the sentence as it is, followed through all layers up to this one: half the mean of heads, half the token itself.";
    if (state.of !== "head") return `An average hides heads that do opposite things.${state.sink ? " Each number is within 0.002." : ""}`;
    const { scored } = models.get(role);
    const one = scored.heads[(layer - 1) * scored.heads_in_layer + head - 1];
    const label = state.sink ? one.label : one.label_without_sink;
    const entropy = `Entropy ${fixed(reading.entropy(layer, head), 2)} bits, mean over rows; an even spread would have ${fixed(reading.evenEntropy, 2)}. Over the corpus ${fixed(one.sink, 2)} of its weight goes to the ${scored.sink} token.`;
    if (!label) return `No name: none of its scores is high enough. ${entropy}`;
    const place = scored.kinds.findIndex((kind) => kind.kind === label);
    const kind = scored.kinds[place];
    const score = fixed((state.sink ? one.scores : one.scores_without_sink)[place], 2);
    const even = label === "broad" ? "" : ` (an even spread: ${fixed(state.sink ? kind.uniform : kind.uniform_without_sink, 2)})`;
    return `Named “${settings.kindWords[label]}”: ${score}${even}. ${entropy}`;
  }

  /** The chosen cell and row in words. */
  function readoutOf(view, reading) {
    const { query, column, plain, matrix, size } = view;
    if (query === null) return "The chosen word is no token here. Choose another.";
    if (view.empty(query) && query === reading.sinkPlace) return `“${plain[query]}” is the sink itself: its row is left out with its column.`;
    if (view.empty(query)) return `“${plain[query]}” looks at the sink alone: less than ${leastLeft * 100}% is left without it.`;
    const cell = column === null ? "" : `“${plain[query]}” → “${plain[column]}”: ${ws.attention.cellWords(view, query, column)}.`;
    if (view.change) {
      const most = Math.max(...Array.from(matrix, (weight) => (Number.isNaN(weight) || weight === -1 ? 0 : Math.abs(weight))));
      return most < 0.005 ? `${cell} No weight of this matrix changes by 0.01.` : `${cell} The largest change of a weight here is ${fixed(most, 2)}.`;
    }
    return `${cell} Entropy of its row: ${fixed(ws.attention.entropyBits(matrix, size, query), 2)} bits.`;
  }

  // --- the arithmetic --------------------------------------------------------------------------------------------------

  let arithmeticTurn = 0;

  async function drawArithmetic() {
    if (!current) return;
    const mine = ++arithmeticTurn;
    const role = state.model;
    const reading = current.readings.get(role);
    const { layer, head } = state.heads.get(role);
    const [title, box, offers] = ["arithmetic-title", "arithmetic", "offers"].map(part);
    const query = state.query.get(role) ?? null;
    title.textContent = `${reading.model.name}, layer ${layer}, head ${head}`;
    const buttons = reading.entry.products.map((one) => {
      const item = ws.element("li");
      const button = ws.element("button", "", nameOf(reading.model, one.layer, one.head));
      button.type = "button";
      button.setAttribute("aria-pressed", String(one.layer === layer && one.head === head));
      button.addEventListener("click", () => {
        page.choose(role, one.layer, one.head);
        part("offers").querySelectorAll("button")[buttons.indexOf(item)]?.focus();
      });
      item.append(button);
      return item;
    });
    const focused = offers.contains(document.activeElement) ? [...offers.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    offers.replaceChildren(...buttons);
    if (focused >= 0) offers.querySelectorAll("button")[focused]?.focus();
    if (query === null || !reading.offers(layer, head)) {
      box.removeAttribute("aria-busy");
      box.replaceChildren(ws.element("p", "", query === null ? "Choose a token of this model first." : "For this head the queries and keys were not kept. Choose one of these:"));
      return;
    }
    box.setAttribute("aria-busy", "true"); // until its numbers are those of the head in the title
    await ws.attempt(box, "Queries and keys could not be loaded.", async () => {
      const products = await reading.products(layer, head);
      if (mine !== arithmeticTurn) return;
      const column = state.key.get(role) ?? strongest(reading.head(layer, head), reading.size, query);
      ws.attention.arithmetic.fill(box, { reading, layer, head, query, column, products });
      box.querySelectorAll("details").forEach((details) => {
        details.open = state.dimensions === true;
        details.addEventListener("toggle", () => (state.dimensions = details.open));
      });
    });
    if (mine === arithmeticTurn) box.removeAttribute("aria-busy");
  }

  // --- another word ----------------------------------------------------------------------------------------------------

  function drawChoices() {
    const { sentence } = current;
    const box = part("choices");
    const label = (value, ...parts) => {
      const made = ws.element("label");
      const input = ws.element("input");
      Object.assign(input, { type: "radio", name: "change", value, checked: value === (state.change ?? "") });
      input.addEventListener("change", () => exchange(value || null));
      made.append(input, " ", ...parts);
      return made;
    };
    const labels = sentence.changes.map((one) => label(one.other, `“${one.word}” becomes “${one.other}”`));
    box.hidden = !labels.length;
    box.replaceChildren(ws.element("legend", "label", "Exchange a word"), label("", "as it is"), ...labels);
    part("no-change").hidden = labels.length > 0;
    const offering = sentences.filter((one) => one.changes.length);
    part("no-change-list").replaceChildren(
      ...offering.map((one) => {
        const item = ws.element("li");
        const button = ws.element("button", "quiet", one.text);
        button.type = "button";
        button.addEventListener("click", () => {
          step(one);
          part("sentence-box").scrollIntoView({ block: "start" });
        });
        item.append(button);
        return item;
      }),
    );
  }

  async function exchange(word) {
    if (!current) return;
    state.change = word;
    const mine = turn;
    keep(true);
    await ws.attempt(part("change-box"), "The changed sentence could not be loaded.", async () => {
      const changes = word === null ? null : await changesOf(current.sentence, current.readings);
      if (mine !== turn || state.change !== word) return;
      current.changes = changes;
      drawTokens();
      drawGrids();
      drawPanels();
      drawChange();
      const moved = roles.map((role) => changes && `in ${models.get(role).name} ${ws.attention.replacing.most(changes.get(role))}`);
      say(changes ? `The vectors that move most: ${moved.join("; ")}.` : "The sentence as it is.");
    });
  }

  function drawChange() {
    part("change-columns").hidden = !current.changes;
    // shown first: a picture is drawn as wide as its place
    for (const role of roles) {
      const box = root.querySelector(`[data-change-of="${role}"]`);
      if (current.changes) ws.attention.replacing.fill(box, current.readings.get(role), current.changes.get(role), state.query.get(role) ?? null, page);
      else box.replaceChildren();
    }
  }

  // --- the table of heads ----------------------------------------------------------------------------------------------

  const tableSort = { by: "layer", down: false, all: false };
  part("all-heads").addEventListener("click", () => {
    tableSort.all = true;
    drawTable();
    part("head-table").querySelector(".heads-table").focus();
  });
  function drawTable() {
    const details = part("head-table");
    const model = models.get(part("table-model").value);
    if (!details.open || !current) return;
    const rows = ws.attention.headTable.fill(details.querySelector("table"), model, !state.sink, current.readings.get(model.role), page, tableSort);
    part("all-heads").hidden = rows.shown === rows.all;
    part("all-heads").textContent = `Show all ${rows.all} heads`;
  }

  // --- what the reader does --------------------------------------------------------------------------------------------

  select.addEventListener("change", () => step(sentences.find((one) => one.name === select.value)));
  for (const [name, by] of [["previous", -1], ["next", 1]])
    part(name).addEventListener("click", () => {
      const place = sentences.findIndex((one) => one.name === state.sentence);
      step(sentences[(place + by + sentences.length) % sentences.length]);
    });
  ws.all("input[name=show]", root).forEach((input) =>
    input.addEventListener("change", () => {
      state.arcs = input.value === "arcs";
      keep(false);
      drawPanels();
    }),
  );
  ws.all("input[name=model]", root).forEach((input) =>
    input.addEventListener("change", () => {
      state.model = input.value;
      keep(false);
      drawView();
      drawGrids();
      drawPanels();
      drawArithmetic();
    }),
  );
  part("sink").addEventListener("change", (event) => {
    state.sink = !event.target.checked;
    keep(false);
    drawGrids();
    drawPanels();
    ws.breath().then(() => (drawArithmetic(), drawTable()));
    say(state.sink ? "With the sink." : "Without the sink: rows sum to 1 over the other tokens.");
  });
  part("row-alone").addEventListener("change", (event) => {
    state.row = event.target.checked;
    keep(false);
    drawGrids();
  });
  orderSelect.addEventListener("change", () => {
    state.order = orderSelect.value;
    keep(false);
    drawGrids();
  });
  ofSelect.addEventListener("change", () => {
    state.of = ofSelect.value;
    keep(false);
    drawPanels();
  });
  part("head-table").addEventListener("toggle", drawTable);
  part("table-model").addEventListener("change", drawTable);
  addEventListener("popstate", () => current && restore());
  addEventListener("resize", ws.debounce(() => current && (drawGrids(), drawPanels(), drawChange()), 150));
  document.addEventListener("wordspaces:theme", () => current && drawGrids());

  // --- the start -------------------------------------------------------------------------------------------------------

  ws.attempt(part("sentence-box"), "The list of sentences could not be loaded.", async () => {
    const folders = ["attention_sentences", ...(settings.own ? ["own_sentences"] : [])];
    const [heads, ...indexes] = await Promise.all(["attention_heads", ...folders].map((name) => ws.files.json(`${name}.json`)));
    leastLeft = heads.least_left;
    for (const scored of heads.by_model) models.get(scored.role).scored = scored;
    sentences = indexes.flatMap((index, n) => index.sentences.map((one) => ({ ...one, folder: folders[n] })));
    await restore();
  }).then((worked) => worked || root.removeAttribute("aria-busy"));
})(window.WordSpaces);
