// What the reader takes away: words, matrices, pairs, numbers, a notebook that computes them again, and a citation.
(function (ws) {
  "use strict";
  const MARK = "# The page writes this cell";

  /** A CSV field: quoted where it must be, and never a formula to a spreadsheet. */
  function field(value) {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  const DISSIMILARITIES = { cosine: "1 − cosine", correlation: "1 − correlation", euclidean: "Euclidean distance" };

  /** A space and what its numbers are: where the page shows how alike two words are, the files say how unlike. */
  const titled = (found, side) => `${found.spaces[side].label}: ${DISSIMILARITIES[found.measure]}`;

  const csv = (rows) => rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";

  function save(name, text, type) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    ws.download(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  /** Text as a Python string: JSON's spelling of one is Python's as well. */
  const python = (value) => JSON.stringify(value);

  function base64(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  }

  /** page: {settings, status, state, found(), lexicon()}. */
  ws.labExports = function (box, page) {
    const categoryOf = (found, n) => page.state.groups[found.groups[n]].name || `category ${found.groups[n] + 1}`;

    const made = {
      words(found) {
        save("words.csv", csv([["word", "category"], ...found.texts.map((word, n) => [word, categoryOf(found, n)])]), "text/csv");
      },

      matrices(found) {
        const n = found.words.length;
        const rows = [];
        for (const side of ["first", "second"]) {
          const square = ws.rsa.matrixOf(found.pairs[side], n);
          rows.push([titled(found, side), ...found.texts]);
          found.texts.forEach((word, row) => rows.push([word, ...square.slice(row * n, (row + 1) * n)]));
          rows.push([]);
        }
        save("matrices.csv", csv(rows), "text/csv");
      },

      pairs(found) {
        const [one, other] = ws.rsa.pairWords(found.words.length);
        const heads = ["word", "other word", "within a category", titled(found, "first"), titled(found, "second")];
        const rows = Array.from(one, (word, pair) => [
          found.texts[word],
          found.texts[other[pair]],
          found.category[pair] ? "no" : "yes",
          found.pairs.first[pair],
          found.pairs.second[pair],
        ]);
        save("pairs.csv", csv([heads, ...rows]), "text/csv");
      },

      numbers(found) {
        const { results } = found;
        const test = (key) => (results[key] ? { p: results[key].p, shuffles_that_reach_it: results[key].reached, shuffles: results[key].draws } : null);
        const usable = found.words.length >= 4;
        const content = {
          page: location.href,
          citation: page.settings.citation,
          words: found.texts.map((word, n) => ({ word, category: categoryOf(found, n) })),
          spaces: { first: described(found.spaces.first), second: described(found.spaces.second) },
          dissimilarity: found.measure,
          shuffled: page.state.shuffle === "within" ? "within categories" : "among all words",
          seed: page.settings.seed,
          between: Object.fromEntries(
            Object.entries(found.values).map(([name, value]) => {
              const interval = results[`between ${name}`]?.interval || null;
              return [name, { value, test: test(`between ${name}`), interval, level: page.settings.level }];
            }),
          ),
          given_the_categories: Object.fromEntries(
            ["pearson", "spearman"].map((name) => [name, results[`partial ${name}`] ? { value: results[`partial ${name}`].observed, test: test(`partial ${name}`) } : null]),
          ),
          selectivity: usable ? { first: selectivity("first"), second: selectivity("second") } : null,
          agreement_with_the_categories: found.withCategories,
        };
        function selectivity(side) {
          const index = found.selectivity[side];
          return index && { ...index, test: test(`selectivity ${side}`), unit: "dissimilarity" };
        }
        save("numbers.json", JSON.stringify(content, null, 1) + "\n", "application/json");
      },

      async notebook(found) {
        const notebook = structuredClone(await ws.files.json("notebook.json", { beside: true }));
        const cell = notebook.cells.find(({ source }) => source.some((line) => line.startsWith(MARK)));
        const { first, second } = found.spaces;
        const spaces = [first, second].map((space, n) => {
          const rows = new Float32Array(found.words.length * space.axes);
          found.words.forEach((word, row) => rows.set(space.row(word), row * space.axes));
          const name = n && second === first ? `${space.label} again` : space.label;
          return `    ${python(name)}: {"axes": ${space.axes}, "float32": ${python(base64(new Uint8Array(rows.buffer)))}},\n`;
        });
        const { settings } = page;
        cell.source = [
          `ADDRESS = ${python(location.href)}\n`,
          `WORDS = ${python(found.texts)}\n`,
          `CATEGORIES = ${python(found.groups.map((_, n) => `${found.groups[n] + 1} ${categoryOf(found, n)}`))}\n`,
          `MEASURE = ${python(found.measure)}\n`,
          `SHUFFLE_WITHIN = ${page.state.shuffle === "within" ? "True" : "False"}\n`,
          `DRAWS, SEED, LEVEL = ${settings.draws}, ${settings.seed}, ${settings.level}\n`,
          "SPACES = {\n",
          ...spaces,
          "}",
        ];
        save("rsa-of-my-words.ipynb", JSON.stringify(notebook, null, 1) + "\n", "application/x-ipynb+json");
      },

      citation() {
        return ws.copy(`${page.settings.citation} ${location.href}`, page.status, "The citation is copied, with the address of this view.");
      },
    };

    const described = (space) => ({ label: space.label, role: space.role, layer: space.layer, layers: space.layers, dims: space.dims });

    box.addEventListener("click", async (event) => {
      const what = event.target.closest("[data-export]")?.dataset.export;
      if (!what) return;
      const found = page.found();
      const least = what === "notebook" ? 4 : 2; // with fewer there is nothing to correlate
      if (!found || found.words.length < least) {
        page.status.textContent = `Choose ${least === 4 ? "four" : "two"} words or more first.`;
        return;
      }
      page.status.textContent = "";
      await ws.attempt(box, "The file could not be made.", async () => {
        await made[what](found);
        if (what !== "citation") page.status.textContent = "The file is on its way.";
      });
    });
  };
})(window.WordSpaces);
