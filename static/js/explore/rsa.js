// The RSA lab: words in categories and two spaces are chosen, everything follows, the address keeps it all.
(function (ws) {
  "use strict";
  const root = document.querySelector("[data-rsa-lab]");
  if (!root) return;
  const { fixed } = ws;
  const settings = ws.parts.begin(root, "you can choose your own words");
  if (!settings) return;
  const notice = root.querySelector("[data-notice]");

  const at = (selector) => root.querySelector(selector);
  const selects = Object.fromEntries(
    ["first", "second", "measure", "order", "scale", "coefficient", "shuffle"].map((name) => [name, at(`#lab-${name}`)]),
  );
  const setSelect = at("#lab-set");
  const spaces = new Map(settings.spaces.map((space) => [space.code, new ws.LabSpace(space)]));
  const DEFAULTS = { first: settings.first, second: settings.second, measure: "cosine", order: "groups", scale: "own", coefficient: "pearson", shuffle: "all" };
  const NAMES = settings.coefficients;
  const PARTIAL = ["pearson", "spearman"];

  const state = { groups: [], set: "", ...DEFAULTS };
  let lexicon = null;
  let found = null; // what was computed last
  let turn = 0;

  // --- the address ---

  /** What the address says of the state; null for what is as on the page that comes without a query. */
  function inAddress() {
    const values = { set: state.set && state.set !== lexicon.sets[0].key ? state.set : null, words: state.set ? null : ws.labWords.write(state.groups, lexicon) };
    for (const [name, normal] of Object.entries(DEFAULTS)) values[name] = state[name] === normal ? null : state[name];
    return values;
  }

  const keep = (step) => ws.address.write(inAddress(), step);

  /** The ready-made set that these groups are; "" if none. */
  function setOf(groups) {
    const text = ws.labWords.write(groups, lexicon);
    return lexicon.sets.find((set) => ws.labWords.write(lexicon.groupsOf(set), lexicon) === text)?.key || "";
  }

  function restore() {
    const query = ws.address.read();
    const lost = [];
    for (const [name, normal] of Object.entries(DEFAULTS)) {
      const asked = query.get(name);
      const known = asked === null || ws.all("option", selects[name]).some((option) => option.value === asked);
      if (!known) lost.push(`${name} “${asked.slice(0, 40)}”`);
      state[name] = asked !== null && known ? asked : normal;
    }
    const words = query.get("words");
    const asked = query.get("set");
    if (words !== null) {
      const read = ws.labWords.read(words, lexicon);
      state.groups = read.groups;
      if (read.lost.length) lost.push(`${read.lost.length === 1 ? "the word" : "the words"} ${read.lost.slice(0, 20).join(", ")}${read.lost.length > 20 ? " and others" : ""}`);
    } else {
      const set = lexicon.sets.find(({ key }) => key === asked);
      if (asked !== null && !set) lost.push(`the set “${asked.slice(0, 40)}”`);
      state.groups = lexicon.groupsOf(set || lexicon.sets[0]);
    }
    state.set = setOf(state.groups);
    notice.hidden = !lost.length;
    notice.textContent = lost.length ? `This link names something that is not here: ${lost.join("; ")}. The rest of it is shown.` : "";
    show();
  }

  // --- what the reader changes ---

  const chosen = () => state.groups.flatMap((group) => group.words);

  /** New groups, and a sentence that says what was done. */
  function change(groups, what) {
    state.groups = groups;
    state.set = setOf(groups);
    keep(true);
    at("[data-done]").textContent = what;
    show();
  }

  function add(ids, target, name = "") {
    const groups = state.groups.map((group) => ({ name: group.name, words: [...group.words] }));
    const used = new Set(chosen());
    const fresh = ids.filter((id) => !used.has(id));
    const room = Math.max(0, lexicon.most - used.size);
    const taken = fresh.slice(0, room);
    const left = fresh.length - taken.length;
    const many = (count, one) => (count === 1 ? one : `${count} words`);
    const limit = left ? ` ${many(left, "One word")} did not fit: ${lexicon.most} at a time.` : "";
    if (!taken.length) {
      say(fresh.length ? limit.trim() : `${many(ids.length, lexicon.words[ids[0]])} ${ids.length === 1 ? "is" : "are"} already chosen.`);
      return;
    }
    if (target === null || !groups[target]) {
      target = groups.length;
      groups.push({ name, words: [] });
    }
    groups[target].words.push(...taken);
    change(groups, `${many(taken.length, lexicon.words[taken[0]])} added.${limit}`);
    say(limit.trim());
  }

  /** Said and shown: what the reader would otherwise wonder about. */
  function say(text) {
    at("[data-lab-found]").textContent = text;
  }

  const board = ws.labBoard(at("[data-board]"), { groups: () => state.groups, word: (id) => lexicon.words[id], change });
  const picking = ws.labPicking(at("[data-lab-pick]"), {
    lexicon: () => lexicon,
    groups: () => state.groups,
    add,
    addCategory: ({ name, words }) => add(words, null, name),
  });
  ws.labPasting(at(".lab-paste"), { lexicon: () => lexicon, groups: () => state.groups, tokenizers: settings.tokenizers, use: change });

  at("[data-add-group]").addEventListener("click", () => {
    change([...state.groups, { name: "", words: [] }], "A category was added.");
    ws.all(".board-name", root).pop().focus();
  });
  at("[data-clear]").addEventListener("click", () => change([{ name: "", words: [] }], "All words were taken away. Your browser’s Back button undoes it."));
  at("[data-random]").addEventListener("click", () => {
    const all = lexicon.words.map((_, id) => id);
    for (let n = 0; n < 30; n++) {
      const other = n + Math.floor(Math.random() * (all.length - n));
      [all[n], all[other]] = [all[other], all[n]];
    }
    change([{ name: "drawn at random", words: all.slice(0, 30) }], "30 words were drawn at random.");
  });
  setSelect.addEventListener("change", () => {
    const set = lexicon.sets.find(({ key }) => key === setSelect.value);
    if (set) change(lexicon.groupsOf(set), `${set.title}.`);
  });
  for (const [name, select] of Object.entries(selects))
    select.addEventListener("change", () => {
      state[name] = select.value;
      keep(true);
      if (name === "coefficient") drawNull();
      else if (name === "order" || name === "scale") painted().then(drawMatrices);
      else if (name === "shuffle" && found) askTests();
      else show(false);
    });

  // --- pictures and numbers ---

  const matrices = { first: ws.labMatrix(at("[data-matrix=first]")), second: ws.labMatrix(at("[data-matrix=second]")) };
  const scatter = ws.labScatter(at("[data-scatter]"));
  const nullPicture = ws.labNull(at("[data-null]"));
  const progress = at("[data-progress]");
  const progressWords = at("[data-progress-words]");

  function drawControls() {
    for (const [name, select] of Object.entries(selects)) select.value = state[name];
    setSelect.value = state.set;
    const set = lexicon.sets.find(({ key }) => key === state.set);
    const missing = set?.missing.length ? ` Left out here: ${set.missing.map(why).join("; ")}.` : "";
    at("[data-set-note]").textContent = set ? set.note + missing : "";
    board.draw();
    picking.draw(state.groups);
    const words = chosen().length;
    const number = (count) => count.toLocaleString("en");
    const within = state.groups.reduce((sum, group) => sum + ws.rsa.pairCount(group.words.length), 0);
    const pairs = ws.rsa.pairCount(words);
    const advice = words < 4 ? " Four words or more are needed for the numbers below." : words < 20 ? " With fewer than 20 words the numbers swing widely: look at the intervals." : "";
    const counted = `${words} words make ${number(pairs)} ${pairs === 1 ? "pair" : "pairs"}: ${number(within)} within a category, ${number(pairs - within)} across two.`;
    const none = `${words === 1 ? "One word makes" : "No words make"} no pair.`;
    at("[data-count]").textContent = (words < 2 ? none : counted) + advice;
  }

  function why(word) {
    const entry = lexicon.leftOut.find((one) => one.word === word);
    const cut = Object.entries(entry?.pieces || {}).map(([role, count]) => (count ? `${count} tokens in ${settings.names[role]}` : `unknown to ${settings.names[role]}`));
    return cut.length ? `${word} (${cut.join(", ")})` : word;
  }

  /** Lets the browser show what is done so far. A page in the background paints nothing, and need not wait. */
  const painted = () => new Promise((resolve) => (document.hidden ? setTimeout(resolve) : requestAnimationFrame(() => setTimeout(resolve))));

  /** Whether the page shows what it came with, and nothing else is asked for. */
  const asItCame = () => !found && Object.values(inAddress()).every((value) => value === null);

  /** Everything anew: controls at once, then vectors if they are not here yet, then pictures, then numbers. */
  async function show(words = true) {
    const mine = ++turn;
    tests.ask([], 0); // what is still being shuffled answers an old question
    if (words) drawControls();
    root.setAttribute("aria-busy", "true");
    const both = [spaces.get(state.first), spaces.get(state.second)];
    if (!both.every((space) => space.ready) && !asItCame()) {
      for (const element of ws.all(".lab-matrices, .lab-between, .lab-tables", root)) element.classList.add("stale");
    }
    await ws.attempt(at("[data-failures]"), "The vectors could not be loaded.", async () => {
      await Promise.all(both.map((space) => space.open()));
      if (mine !== turn) return;
      for (const element of ws.all(".stale", root)) element.classList.remove("stale");
      root.classList.add("live");
      const steps = [() => compute(both), drawScatter, computeBetween, drawSelectivity, drawTables, askTests];
      for (const step of steps) {
        await painted();
        if (mine !== turn) return;
        step();
      }
    });
    if (mine === turn) root.removeAttribute("aria-busy");
  }

  function compute([first, second]) {
    const words = chosen();
    const groups = state.groups.flatMap((group, n) => group.words.map(() => n));
    const category = ws.rsa.categoryPairs(groups);
    found = {
      spaces: { first, second },
      measure: state.measure,
      words,
      texts: words.map((id) => lexicon.words[id]),
      groups,
      category,
      pairs: { first: first.pairs(words, state.measure), second: second.pairs(words, state.measure) },
      values: {},
      results: {},
      orders: {},
    };
    drawMatrices();
  }

  function computeBetween() {
    const enough = found.words.length >= 4;
    for (const name of ws.rsa.COEFFICIENTS) found.values[name] = enough ? ws.rsa.coefficient(name, found.pairs.first, found.pairs.second) : null;
    found.waiting = enough;
    drawBetween();
  }

  const isDistance = () => found.measure === "euclidean";
  /** As it is shown: a similarity, or a distance. */
  const shownValue = (dissimilarity) => (isDistance() ? dissimilarity : 1 - dissimilarity);
  const measureName = () => ({ cosine: "cosine", correlation: "correlation", euclidean: "distance" })[found.measure];

  function ends(pairs) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of pairs) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return pairs.length ? [low, high] : [0, 1];
  }

  /** Order of the words in the matrices. */
  function order() {
    if (state.order === "groups") return found.words.map((_, n) => n);
    return (found.orders[state.order] ??= ws.rsa.clustered(found.pairs[state.order], found.words.length));
  }

  function drawMatrices() {
    if (!found) return;
    const n = found.words.length;
    const places = order();
    const ranges = { first: ends(found.pairs.first), second: ends(found.pairs.second) };
    const common = [Math.min(ranges.first[0], ranges.second[0]), Math.max(ranges.first[1], ranges.second[1])];
    for (const side of ["first", "second"]) {
      const space = found.spaces[side];
      at(`[data-matrix=${side}] [data-matrix-title]`).replaceChildren(ws.element("span", `role role-${space.role}`, space.label));
      if (n < 2) {
        matrices[side].show(null);
        continue;
      }
      const square = ws.rsa.matrixOf(found.pairs[side], n);
      const values = new Float64Array(n * n);
      for (let row = 0; row < n; row++) for (let column = 0; column < n; column++) values[row * n + column] = -square[places[row] * n + places[column]];
      const [low, high] = state.scale === "common" ? common : ranges[side]; // dissimilarities: the least is the darkest
      matrices[side].show({
        role: space.role,
        words: places.map((place) => found.texts[place]),
        groups: places.map((place) => ({ key: found.groups[place], name: state.groups[found.groups[place]].name || `category ${found.groups[place] + 1}` })),
        divided: state.order === "groups",
        values,
        scaleLow: -high,
        scaleHigh: -low,
        lowText: fixed(shownValue(high), 2),
        highText: fixed(shownValue(low), 2),
        say: (row, column) =>
          row === column
            ? `${found.texts[places[row]]} with itself`
            : `${found.texts[places[row]]} and ${found.texts[places[column]]}: ${measureName()} ${measured(shownValue(square[places[row] * n + places[column]]))}`,
      });
    }
    root.classList.toggle("lab-other-order", state.order !== "groups");
  }

  function drawScatter() {
    const { first, second } = found.spaces;
    for (const [selector, space] of [["[data-x-name]", first], ["[data-y-name]", second]]) at(selector).textContent = `${measureName()} in ${space.label}`;
    if (found.words.length < 2) return scatter.show(null);
    const x = found.pairs.first.map(shownValue);
    const y = found.pairs.second.map(shownValue);
    const [one, other] = ws.rsa.pairWords(found.words.length);
    return scatter.show({
      x,
      y,
      across: found.category,
      xLabel: `${measureName()} in ${first.label}`,
      yLabel: `${measureName()} in ${second.label}`,
      xRole: first.role,
      yRole: second.role,
      name: (pair) => `${found.texts[one[pair]]} and ${found.texts[other[pair]]}: ${measured(x[pair])} in ${first.label}, ${measured(y[pair])} in ${second.label}`,
    });
  }

  // --- tables of numbers ---

  const number = (value) => (value === null || value === undefined || Number.isNaN(value) ? "–" : fixed(value, 3));
  /** A similarity to three decimals; a distance, which may be large, to four digits. */
  const measured = (value) => fixed(value, isDistance() ? Math.max(0, Math.min(3, 3 - Math.floor(Math.log10(Math.abs(value) || 1)))) : 3);

  function fillTable(table, rows) {
    table.querySelector("tbody").replaceChildren(
      ...rows.map(({ key, name, cells, chosen: mark }) => {
        const row = ws.element("tr", mark ? "lab-chosen" : "");
        row.dataset.row = key;
        const head = ws.element("th", "", name);
        head.scope = "row";
        row.append(head, ...cells.map((cell) => ws.element("td", "number", cell)));
        return row;
      }),
    );
  }

  const pOf = (key) => (found.results[key] ? found.results[key].p.toFixed(4) : found.waiting ? "…" : "–");

  function drawBetween() {
    const { results, values } = found;
    const rows = ws.rsa.COEFFICIENTS.map((name) => {
      const interval = results[`between ${name}`]?.interval;
      return {
        key: name,
        name: NAMES[name],
        chosen: name === state.coefficient,
        cells: [number(values[name]), pOf(`between ${name}`), interval ? `${number(interval[0])} to ${number(interval[1])}` : found.waiting ? "…" : "–"],
      };
    });
    for (const name of PARTIAL)
      rows.push({ key: `partial-${name}`, name: `${NAMES[name]}, given the categories`, cells: [number(partialValue(name)), pOf(`partial ${name}`), ""] });
    fillTable(at("[data-between]"), rows);
    at("#lab-between-caption").textContent = `How well ${found.spaces.first.label} and ${found.spaces.second.label} agree`;
  }

  const bothKinds = () => found.category.includes(0) && found.category.includes(1);

  function partialValue(name) {
    if (found.words.length < 4 || !bothKinds()) return null;
    const { first, second } = found.pairs;
    const of = (one, other) => ws.rsa.coefficient(name, one, other);
    return ws.rsa.partial(of(first, second), of(first, found.category), of(second, found.category));
  }

  function drawSelectivity() {
    const sides = ["first", "second"];
    const index = Object.fromEntries(sides.map((side) => [side, found.words.length >= 4 ? ws.rsa.selectivity(found.pairs[side], found.category) : null]));
    found.selectivity = index;
    for (const cell of ws.all("[data-name]", root)) cell.textContent = found.spaces[cell.dataset.name].label;
    const row = (key, name, value) => ({ key, name, cells: sides.map((side) => (index[side] ? value(index[side], side) : "–")) });
    const kind = isDistance() ? "mean distance" : `mean ${measureName()}`;
    fillTable(at("[data-selectivity]"), [
      row("within", `${kind} within categories`, (one) => measured(shownValue(one.within))),
      row("across", `${kind} across categories`, (one) => measured(shownValue(one.across))),
      row("difference", "difference", (one) => measured(one.difference)),
      row("cohens_d", "Cohen’s d", (one) => number(one.cohensD)),
      row("pearson", "r with the categories", (one) => number(one.pearson)),
      row("p", "p", (_, side) => pOf(`selectivity ${side}`)),
    ]);
    const usable = index.first && index.second;
    found.withCategories = Object.fromEntries(
      ws.rsa.COEFFICIENTS.map((name) => [
        name,
        usable
          ? { first: ws.rsa.coefficient(name, found.pairs.first, found.category), second: ws.rsa.coefficient(name, found.pairs.second, found.category), ceiling: ws.rsa.ceiling(name, found.category) }
          : { first: null, second: null, ceiling: null },
      ]),
    );
    fillTable(
      at("[data-with-categories]"),
      Object.entries(found.withCategories).map(([name, { first, second, ceiling }]) => ({ key: name, name: NAMES[name], cells: [first, second, ceiling].map(number) })),
    );
  }

  // --- shuffles and resamples ---

  const tests = ws.labTests(root.dataset.worker, settings, {
    started() {
      progress.hidden = false;
      progress.value = 0;
      progressWords.textContent = "";
    },
    progress(share) {
      progress.value = share;
    },
    result(result) {
      found.results[result.task] = result;
      if (result.task.startsWith("selectivity")) drawSelectivity();
      else drawBetween();
      if (result.task === `between ${state.coefficient}`) drawNull();
    },
    finished() {
      progress.hidden = true;
      const best = found.results[`between ${state.coefficient}`];
      const outcome = best ? `${NAMES[state.coefficient]} is ${number(best.observed)}, p = ${best.p.toFixed(4)}.` : "";
      progressWords.textContent = `${settings.draws.toLocaleString("en")} shuffles and as many resamples are done. ${outcome}`;
    },
    failed(text) {
      found.waiting = false;
      progress.hidden = true;
      progressWords.textContent = text;
      drawBetween();
      drawSelectivity();
    },
  });

  function askTests() {
    const { pairs, category, groups, words } = found;
    found.waiting = words.length >= 4;
    drawNull();
    if (!found.waiting) {
      progress.hidden = true;
      progressWords.textContent = "";
      tests.ask([], 0);
      return drawBetween();
    }
    const within = state.shuffle === "within" ? groups : null;
    const between = (name) => ({ key: `between ${name}`, first: pairs.first, second: pairs.second, name, groups: within, interval: true, observed: found.values[name] });
    const tasks = [between(state.coefficient)];
    if (bothKinds()) {
      for (const side of ["first", "second"])
        tasks.push({ key: `selectivity ${side}`, first: pairs[side], second: category, name: "pearson", observed: found.selectivity[side].pearson });
      for (const name of PARTIAL)
        tasks.push({ key: `partial ${name}`, first: pairs.first, second: pairs.second, given: category, name, groups, observed: partialValue(name) });
    }
    tasks.push(...ws.rsa.COEFFICIENTS.filter((name) => name !== state.coefficient).map(between));
    tests.ask(tasks, words.length);
    drawBetween();
    return drawSelectivity();
  }

  function drawNull() {
    const result = found?.results[`between ${state.coefficient}`];
    const words = at("[data-null-words]");
    drawBetween();
    if (!result) {
      nullPicture.show(null);
      words.textContent = "";
      return;
    }
    nullPicture.show({ counts: result.histogram, low: result.lowest, high: result.highest, observed: result.observed });
    const [reached, draws] = [result.reached, result.draws].map((count) => count.toLocaleString("en"));
    const times = { 0: "None of them reaches", 1: "One of them reaches" }[result.reached] || `${reached} of them reach`;
    const kind = state.shuffle === "within" ? " within categories" : "";
    words.textContent = `${NAMES[state.coefficient]} after ${draws} shuffles${kind}. ${times} the value of your words: p = (${reached} + 1) / (${draws} + 1) = ${result.p.toFixed(4)}.`;
  }

  // --- table forms, made when they are opened ---

  const matrixTable = at("[data-matrix-table]");
  const pairsTable = at("[data-pairs-table]");

  function drawTables() {
    if (matrixTable.open) fillMatrixTable();
    if (pairsTable.open) fillPairsTable();
  }

  function tableOf(caption, heads, rows) {
    const table = ws.element("table");
    const head = ws.element("tr");
    head.append(
      ...heads.map((text) => {
        const cell = ws.element("th", "", text);
        cell.scope = "col";
        return cell;
      }),
    );
    const top = ws.element("thead");
    top.append(head);
    const body = ws.element("tbody");
    body.append(
      ...rows.map(([name, ...cells]) => {
        const row = ws.element("tr");
        const own = ws.element("th", "", name);
        own.scope = "row";
        row.append(own, ...cells.map((cell) => ws.element("td", "number", cell)));
        return row;
      }),
    );
    table.append(ws.element("caption", "", caption), top, body);
    return ws.parts.scrolling(table, caption);
  }

  function fillMatrixTable() {
    const n = found.words.length;
    const places = order();
    matrixTable.lastElementChild.replaceChildren(
      ...["first", "second"].map((side) => {
        const square = ws.rsa.matrixOf(found.pairs[side], n);
        const rows = places.map((row) => [found.texts[row], ...places.map((column) => (row === column ? "" : fixed(shownValue(square[row * n + column]), 2)))]);
        return tableOf(`${measureName()} in ${found.spaces[side].label}`, ["word", ...places.map((place) => found.texts[place])], rows);
      }),
    );
  }

  function fillPairsTable() {
    const n = found.words.length;
    if (n < 3) return pairsTable.lastElementChild.replaceChildren();
    const [one, other] = ws.rsa.pairWords(n);
    const ranks = ["first", "second"].map((side) => ws.rsa.midRanks(found.pairs[side]));
    const pairs = Array.from(one.keys()).sort((a, b) => Math.abs(ranks[0][b] - ranks[1][b]) - Math.abs(ranks[0][a] - ranks[1][a]) || a - b);
    const { first, second } = found.spaces;
    const rows = pairs.slice(0, 20).map((pair) => [
      `${found.texts[one[pair]]}, ${found.texts[other[pair]]}`,
      measured(shownValue(found.pairs.first[pair])),
      String(Math.round(ranks[0][pair])),
      measured(shownValue(found.pairs.second[pair])),
      String(Math.round(ranks[1][pair])),
    ]);
    const caption = `The ${rows.length} pairs whose ranks differ most, of ${pairs.length.toLocaleString("en")}; rank 1 is the pair most alike. All of them: “All pairs (CSV)” below.`;
    return pairsTable.lastElementChild.replaceChildren(tableOf(caption, ["pair", first.label, "rank", second.label, "rank"], rows));
  }

  matrixTable.addEventListener("toggle", () => matrixTable.open && found && fillMatrixTable());
  pairsTable.addEventListener("toggle", () => pairsTable.open && found && fillPairsTable());

  ws.labExports?.(at("[data-exports]"), { settings, status: at("[data-export-status]"), state, found: () => found, lexicon: () => lexicon });

  function redraw() {
    for (const picture of [matrices.first, matrices.second, scatter, nullPicture]) picture.draw();
  }
  document.addEventListener("wordspaces:theme", redraw);
  addEventListener("resize", ws.debounce(redraw, 150));
  addEventListener("popstate", () => lexicon && restore());

  ws.attempt(at("[data-failures]"), "The list of words could not be loaded.", async () => {
    lexicon = new ws.labWords.Lexicon(await ws.files.json("lab_words.json"));
    restore();
  });
})(window.WordSpaces);
