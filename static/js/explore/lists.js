// The lists of neighbours: one column a space, each neighbour a step to walk on.
(function (ws) {
  "use strict";
  const MARK_WORDS = { "hub": ["hub", "hubs"], "under-trained": ["under-trained token", "under-trained tokens"], "duplicate": ["duplicate", "duplicates"], "special": ["special token", "special tokens"] };
  const number = (value) => value.toLocaleString("en");
  const { fixed } = ws;

  /** Why a neighbour is folded: "variant", a mark, or "" if it is not. */
  function reason(space, own, id) {
    const strip = (text) => text.replace(/^ /, "");
    if (ws.kindOfVariant(strip(space.text(own)), strip(space.text(id)))) return "variant";
    return space.marks.get(id)?.[0] || "";
  }

  /** Where a cosine lies on the axis, 0 to 100: the axis begins at the lowest of zero and the baseline. */
  const along = (cosine) => Math.min(100, Math.max(0, cosine * 100));

  /** Cosines are known to thousandths: one that rounds to 1 may be two degrees away. */
  const degreesOf = (cosine) => (cosine > 0.9995 ? "< 2°" : `${ws.degrees(cosine).toFixed(0)}°`);

  function neighbourRow(space, near, rank, page, elsewhere, scale) {
    const row = ws.element("li", "near");
    const button = ws.element("button", "near-button");
    button.type = "button";
    button.dataset.token = `${space.letter}${near.id}`;
    const name = ws.element("span", "near-name");
    name.append(space.chip(near.id));
    button.append(ws.element("span", "near-rank", String(rank)), name);
    for (const role of elsewhere) {
      const mark = ws.element("span", `role role-${role} near-also`);
      mark.title = `also in the list of ${page.spaceOf(role).name}`;
      mark.append(ws.element("span", "visually-hidden", mark.title));
      name.append(mark);
    }
    const track = ws.element("span", "near-track");
    track.setAttribute("aria-hidden", "true");
    const dot = ws.element("span", "near-dot");
    if (near.cosine !== undefined) {
      const band = ws.element("span", "near-band");
      const { mean, percentiles } = space.baseline;
      band.style.left = `${along(mean)}%`;
      band.style.width = `${Math.max(0.8, along(percentiles["99"]) - along(mean))}%`;
      dot.style.left = `${along(near.cosine)}%`;
      track.append(band);
    } else {
      const usual = ws.element("span", "near-band");
      usual.style.left = `${(scale.usual / scale.longest) * 100}%`;
      usual.style.width = "0.8%";
      track.append(usual);
      dot.style.left = `${(near.distance / scale.longest) * 100}%`;
    }
    track.append(dot);
    button.append(track);
    if (near.cosine !== undefined) {
      button.append(ws.element("span", "near-value", fixed(near.cosine, 3)), ws.element("span", "near-angle", degreesOf(near.cosine)));
    } else button.append(ws.element("span", "near-value", near.distance.toFixed(space.distanceStep < 0.01 ? 3 : 2)), ws.element("span", "near-angle", ""));
    button.addEventListener("click", () => page.walk(space.role, near.id));
    row.append(button);
    return row;
  }

  function foldedWords(reasons) {
    const counts = new Map();
    for (const why of reasons) counts.set(why, (counts.get(why) || 0) + 1);
    const names = [];
    for (const [why, count] of counts) {
      const [one, more] = why === "variant" ? ["variant of the word", "variants of the word"] : MARK_WORDS[why];
      names.push(`${count} ${count === 1 ? one : more}`);
    }
    return names.join(", ");
  }

  /** Fill a column with a token's list. `found`: {space, id, near, facts}; shared: role -> set of words, of all columns. */
  function fill(column, found, shared, page, state) {
    const { space, id, near, facts } = found;
    const roles = [...shared.keys()].filter((role) => role !== space.role);
    const reasons = near.map((one) => reason(space, id, one.id));
    const list = ws.element("ol", "near-list");
    const usual = space.usualDistance(facts.norm);
    const scale = { usual, longest: Math.max(near.at(-1)?.distance || 1, usual) * 1.05 };
    near.forEach((one, place) => {
      if (!state.all && reasons[place]) return;
      const elsewhere = roles.filter((role) => shared.get(role).has(space.word(one.id)));
      const row = neighbourRow(space, one, place + 1, page, elsewhere, scale);
      if (reasons[place]) row.classList.add("near-folded");
      list.append(row);
    });
    const folded = reasons.filter(Boolean);
    const note = ws.element("p", "near-note");
    if (folded.length) {
      note.append(`${state.all ? "Folded by default" : "Folded"}: ${foldedWords(folded)}. `);
      const toggle = ws.element("button", "quiet", state.all ? "Fold them" : "Show them");
      toggle.type = "button";
      toggle.dataset.fold = "";
      toggle.addEventListener("click", () => page.fold(state.all));
      note.append(toggle);
    }
    const focused = column.body.contains(document.activeElement) && document.activeElement;
    column.body.replaceChildren(head(space, id, facts), axis(space, near, usual), list, note);
    // the pressed button is gone: reading goes on at the new token, or at the new switch
    if (focused) column.body.querySelector(focused.matches("[data-fold]") ? "[data-fold]" : ".column-token").focus({ preventScroll: true });
  }

  function head(space, id, facts) {
    const box = ws.element("div", "column-token");
    box.tabIndex = -1;
    const line = ws.element("p", "column-facts");
    line.append(
      `id ${number(id)} · length ${facts.norm.toFixed(3)} `,
      `(place ${number(facts.rank)} of ${number(space.size)}, longest first) · in ${number(facts.inDegree)} ${facts.inDegree === 1 ? "list" : "lists"}`,
    );
    box.append(space.chip(id), line);
    const marks = space.marks.get(id);
    if (marks) box.append(ws.element("p", "column-marks", marks.map((mark) => space.rules.get(mark)).join(" ")));
    return box;
  }

  function axis(space, near, usual) {
    const box = ws.element("p", "near-axis");
    if (near[0]?.cosine === undefined) {
      box.append("Euclidean distance, from 0. ", ws.element("span", "near-key"), ` A token of mean length at the mean cosine of random pairs: ${usual.toFixed(2)}.`);
      return box;
    }
    const { mean, percentiles } = space.baseline;
    box.append(
      "Cosine, from 0 to 1. ",
      ws.element("span", "near-key"),
      ` Random pairs: mean ${fixed(mean, 2)} (${ws.degrees(mean).toFixed(0)}°), 99 in 100 below ${fixed(percentiles["99"], 2)}.`,
    );
    return box;
  }

  /** A column for a word that is no single token there. */
  function fillEmpty(column, space, word, page) {
    const box = ws.element("div", "column-none");
    box.append(ws.element("p", "", space.tokenizer ? `Not one token in ${space.name}. It is cut into:` : `${space.name} has no vector for this word, or it is no word of the other models.`));
    if (space.tokenizer) {
      const pieces = ws.element("p", "column-pieces");
      const text = space.kind === "byte_level_bpe" ? ` ${word}` : word;
      for (const id of space.tokenizer.encode(text).slice(0, 24)) {
        const button = ws.element("button", "cut-token");
        button.type = "button";
        button.append(space.chip(id));
        button.addEventListener("click", () => page.walk(space.role, id));
        pieces.append(button);
      }
      box.append(pieces);
    }
    column.body.replaceChildren(box);
  }

  /** "4 of these words stand in both lists" for each pair of spaces. */
  function overlapWords(shared, page) {
    const roles = [...shared.keys()];
    const sentences = [];
    for (let a = 0; a < roles.length; a++)
      for (let b = a + 1; b < roles.length; b++) {
        const common = [...shared.get(roles[a])].filter((word) => shared.get(roles[b]).has(word)).length;
        const smaller = Math.min(shared.get(roles[a]).size, shared.get(roles[b]).size);
        sentences.push(`${page.spaceOf(roles[a]).name} and ${page.spaceOf(roles[b]).name} ${common} of ${smaller}`);
      }
    return sentences.length ? `Neighbouring words in common, letter case and spaces aside: ${sentences.join("; ")}.` : "";
  }

  ws.explore.lists = { fill, fillEmpty, overlapWords, reason };
})(window.WordSpaces);
