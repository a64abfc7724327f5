// The frequent words of a space, all at once, on a plain canvas: drawn by one of two methods, with the true neighbours of one word marked.
(function (ws) {
  "use strict";
  const NEAR = 22; // px: how far a finger may miss

  ws.explore.overview = function (page) {
    const box = document.querySelector("[data-overview]");
    const canvas = box.querySelector("canvas");
    const words = box.querySelector("[data-overview-words]");
    const readout = box.querySelector("[data-overview-readout]");
    const tell = ws.parts.cursor(canvas, "no word yet");
    const [roleSelect, methodSelect] = ["role", "method"].map((name) => box.querySelector(`[data-overview-${name}]`));
    let drawn = null; // {space, ids, placeOf, points}
    let shown = -1; // place of the word under the pointer or the keys

    async function load() {
      const space = await page.spaceOf(roleSelect.value).open();
      const map = await ws.files.json(`word_map_${space.role}.json`);
      const ids = ws.files.unpack(map.ids);
      const method = map.methods.find((one) => one.name === methodSelect.value) || map.methods[0];
      const xy = ws.files.unpack(method.xy);
      drawn = { space, map, method, ids, xy, placeOf: new Map(Array.from(ids, (id, place) => [id, place])) };
      shown = -1;
    }

    function layout() {
      const width = Math.max(280, Math.min(box.clientWidth, 1000));
      const height = Math.round(width * (width < 600 ? 1.05 : 0.62));
      const pen = ws.parts.pen(canvas, width, height);
      let [right, top] = [1, 1];
      for (let n = 0; n < drawn.ids.length; n++) {
        right = Math.max(right, drawn.xy[2 * n]);
        top = Math.max(top, drawn.xy[2 * n + 1]);
      }
      const pad = 14;
      const scale = [(width - 2 * pad) / right, (height - 2 * pad) / top];
      const one = Math.min(...scale);
      const shift = [(width - right * one) / 2, (height - top * one) / 2];
      drawn.points = Array.from(drawn.ids, (_, n) => [shift[0] + drawn.xy[2 * n] * one, height - shift[1] - drawn.xy[2 * n + 1] * one]);
      return { pen, width, height };
    }

    /** The chosen token's place, and its true neighbours: the nearest drawn words, or what is drawn of its list where it is not drawn. */
    function marked() {
      const chosen = page.shownIn(drawn.space.role);
      const own = chosen ? drawn.placeOf.get(chosen.id) : undefined;
      if (own !== undefined) return { chosen, own, near: Array.from(ws.files.row(drawn.map.near, own)) };
      const listed = chosen ? chosen.near.map((one) => drawn.placeOf.get(one.id)) : [];
      return { chosen, own, near: listed.filter((place) => place !== undefined) };
    }

    function draw() {
      if (!drawn) return;
      const { pen, width, height } = layout();
      const colour = (name) => ws.parts.colour(box, name);
      const { own, near } = marked();
      pen.clearRect(0, 0, width, height);
      pen.fillStyle = colour("baseline");
      pen.globalAlpha = 0.55;
      for (const [x, y] of drawn.points) pen.fillRect(x - 1, y - 1, 2, 2);
      pen.globalAlpha = 1;
      if (own !== undefined) {
        pen.strokeStyle = colour(drawn.space.role);
        pen.lineWidth = 1;
        for (const place of near) {
          pen.beginPath();
          pen.moveTo(...drawn.points[own]);
          pen.lineTo(...drawn.points[place]);
          pen.stroke();
        }
      }
      const taken = [];
      const dot = (place, radius, name) => {
        pen.fillStyle = colour(name);
        pen.beginPath();
        pen.arc(...drawn.points[place], radius, 0, 7);
        pen.fill();
      };
      const label = (place, weight) => {
        const text = drawn.space.plain(drawn.ids[place]).replace(/^␣/, "");
        pen.font = `${weight} 13px ${getComputedStyle(readout).fontFamily}`;
        const [x, y] = drawn.points[place];
        const long = pen.measureText(text).width;
        const left = x + 8 + long > width ? x - 8 - long : x + 8;
        if (taken.some((b) => left < b[2] && b[0] < left + long && y - 8 < b[3] && b[1] < y + 8)) return;
        taken.push([left, y - 8, left + long, y + 8]);
        pen.lineWidth = 4;
        pen.lineJoin = "round";
        pen.strokeStyle = colour("paper");
        pen.strokeText(text, left, y + 4);
        pen.fillStyle = colour("ink");
        pen.fillText(text, left, y + 4);
      };
      for (const place of near) dot(place, 3.5, drawn.space.role);
      if (own !== undefined) dot(own, 6, drawn.space.role);
      if (shown >= 0) dot(shown, 4.5, "ink");
      if (shown >= 0) label(shown, 600);
      if (own !== undefined) label(own, 600);
      for (const place of near) label(place, 400);
      say();
    }

    function say() {
      const { map, method, space } = drawn;
      const { chosen, own, near } = marked();
      const percent = (share) => `${(share * 100).toFixed(1)}%`;
      let text =
        `${method.name}. ${method.settings} Over all ${drawn.ids.length.toLocaleString("en")} words, this picture keeps ${percent(method.kept)} of a word's ` +
        `${map.k} nearest among the ${map.k} points drawn nearest to it; chance would keep ${percent(map.kept_by_chance)}.`;
      if (own !== undefined) {
        const order = drawn.points.map((_, place) => place).filter((place) => place !== own);
        const away = (place) => (drawn.xy[2 * place] - drawn.xy[2 * own]) ** 2 + (drawn.xy[2 * place + 1] - drawn.xy[2 * own + 1]) ** 2;
        order.sort((a, b) => away(a) - away(b) || a - b);
        const closest = new Set(order.slice(0, near.length));
        const kept = near.filter((place) => closest.has(place)).length;
        text += ` For ${space.plain(chosen.id)} it keeps ${kept} of ${near.length}.`;
        words.dataset.kept = kept;
      } else if (chosen) {
        const marks = `; marked are those of its ${chosen.near.length} nearest tokens that are: ${near.length}`;
        text += ` ${space.plain(chosen.id)} is not among them${near.length ? marks : ", nor is a token of its list"}.`;
      }
      words.textContent = text;
    }

    function point(place) {
      shown = place;
      readout.textContent = place < 0 ? "" : drawn.space.plain(drawn.ids[place]);
      tell(readout.textContent);
      draw();
    }

    function nearestTo(x, y, within) {
      let best = -1;
      let least = within ** 2;
      drawn.points.forEach(([a, b], place) => {
        const away = (a - x) ** 2 + (b - y) ** 2;
        if (away < least) [best, least] = [place, away];
      });
      return best;
    }

    /** From the shown word to the nearest one in a direction. */
    function step([dx, dy]) {
      const start = shown >= 0 ? shown : (marked().own ?? 0);
      if (shown < 0) return point(start);
      const [x, y] = drawn.points[start];
      let best = start;
      let least = Infinity;
      drawn.points.forEach(([a, b], place) => {
        const along = (a - x) * dx + (b - y) * dy;
        const aside = Math.abs((a - x) * dy) + Math.abs((b - y) * dx);
        if (place === start || along <= 0 || aside > along) return;
        if (along + 2 * aside < least) [best, least] = [place, along + 2 * aside];
      });
      return point(best);
    }

    const show = () =>
      ws.attempt(box, "The map could not be loaded.", async () => {
        await load();
        draw();
      });

    const at = (event) => {
      const frame = canvas.getBoundingClientRect();
      return nearestTo(event.clientX - frame.left, event.clientY - frame.top, NEAR);
    };
    canvas.addEventListener("pointermove", (event) => drawn && event.pointerType === "mouse" && at(event) !== shown && point(at(event)));
    canvas.addEventListener("click", (event) => {
      if (!drawn) return;
      const place = at(event);
      if (place >= 0 && (place === shown || event.detail === 0)) page.choose(drawn.space.role, drawn.ids[place]);
      else point(place);
    });
    canvas.addEventListener("keydown", (event) => {
      const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!drawn || !(direction || (event.key === "Enter" && shown >= 0))) return;
      event.preventDefault();
      if (direction) step(direction);
      else page.choose(drawn.space.role, drawn.ids[shown]);
    });
    for (const select of [roleSelect, methodSelect])
      select.addEventListener("change", () => {
        ws.address.write({ map: roleSelect.selectedIndex || methodSelect.selectedIndex ? `${roleSelect.value}.${methodSelect.value}` : null });
        show();
      });
    document.addEventListener("wordspaces:theme", draw);
    addEventListener("resize", ws.debounce(draw, 150));

    // fetched when it comes near the window, drawn again only while it is there
    let started = false;
    let near = false;
    let late = false;
    new IntersectionObserver((entries) => {
      near = entries.at(-1).isIntersecting;
      if (near && !started) {
        started = true;
        show();
      } else if (near && late) draw();
      if (near) late = false;
    }, { rootMargin: "300px" }).observe(box);

    const has = (select, value) => ws.all("option", select).some((option) => option.value === value);

    return {
      draw() {
        if (near) draw();
        else late = true;
      },
      /** Whether "decoder.PCA" names a map. */
      knows: (text) => /^[^.]+\.[^.]+$/.test(text) && [roleSelect, methodSelect].every((select, n) => has(select, text.split(".")[n])),
      restore(query) {
        const [role, method] = (query.get("map") || "").split(".");
        const wanted = [
          [roleSelect, role],
          [methodSelect, method],
        ];
        for (const [select, value] of wanted) {
          select.value = has(select, value) ? value : select.options[0].value;
        }
        if (started) show();
      },
    };
  };
})(window.WordSpaces);
