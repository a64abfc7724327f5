// The pictures of the RSA lab, on plain canvases: matrices of pairs, and the pairs of two spaces as points. Each has a cursor that the
// arrow keys move, and says in words what is under it.
(function (ws) {
  "use strict";
  const LABEL = 10.5; // px a row must be high for its word to be written beside it
  const FONT = "12px Figtree, system-ui, sans-serif";
  const NEAR = 12; // px within which the pointer finds a point

  const { fixed } = ws;
  const { colour } = ws.parts;

  const NOTHING = "no pair yet";

  function prepare(canvas, width, height) {
    const pen = ws.parts.pen(canvas, width, height);
    pen.font = FONT;
    return pen;
  }

  /** Runs of words of one category: [{name, from, to}]. */
  function runs(groups) {
    const found = [];
    groups.forEach((name, at) => {
      const last = found[found.length - 1];
      if (last && last.key === name.key) last.to = at + 1;
      else found.push({ ...name, from: at, to: at + 1 });
    });
    return found;
  }

  /** Text, cut so that it fits. */
  function write(pen, text, x, y, room) {
    let shown = text;
    while (shown.length > 1 && pen.measureText(shown).width > room) shown = `${shown.replace(/…$/, "").slice(0, -1)}…`;
    pen.fillText(shown, x, y);
  }

  /**
   * A matrix of pairs. figure: holds a canvas and the readout. `show` is given
   * {role, words: [text], groups: [{key, name}] by word, values: [word, word] row by row, low, high, scaleLow, scaleHigh, unit, say(row, column)}.
   */
  ws.labMatrix = function (figure) {
    const canvas = figure.querySelector("canvas");
    const readout = figure.querySelector("[data-readout]");
    const tell = ws.parts.cursor(canvas, NOTHING);
    let shown = null;
    let cursor = null;
    let place = null;

    function draw() {
      if (!shown) return;
      const { words, values, role } = shown;
      const n = words.length;
      const width = Math.max(200, Math.min(figure.clientWidth, 560));
      const labels = (width - 84) / n >= LABEL;
      const left = labels ? 78 : 22;
      const cell = (width - left - 1) / n;
      place = { left, top: 1, cell, n };
      const pen = prepare(canvas, width, cell * n + 40);
      const [ink, soft, own, rule] = ["ink", "ink-soft", role, "rule"].map((name) => colour(figure, name));
      const picture = document.createElement("canvas");
      picture.width = picture.height = n;
      const cells = new ImageData(n, n);
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(own.slice(at, at + 2), 16));
      const span = shown.scaleHigh - shown.scaleLow || 1;
      for (let at = 0; at < n * n; at++) {
        const strength = Math.min(1, Math.max(0, (values[at] - shown.scaleLow) / span));
        const pixel = 4 * at;
        cells.data[pixel] = red;
        cells.data[pixel + 1] = green;
        cells.data[pixel + 2] = blue;
        cells.data[pixel + 3] = at % (n + 1) === 0 ? 0 : 255 * (0.03 + 0.97 * strength); // the diagonal stays empty
      }
      picture.getContext("2d").putImageData(cells, 0, 0);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(picture, left, 1, cell * n, cell * n);
      pen.strokeStyle = rule;
      pen.lineWidth = 1;
      pen.strokeRect(left - 0.5, 0.5, cell * n + 1, cell * n + 1);
      if (shown.divided) {
        pen.strokeStyle = soft;
        pen.beginPath();
        for (const { from } of runs(shown.groups).slice(1)) {
          const at = Math.round(from * cell) + 0.5;
          pen.moveTo(left, 1 + at);
          pen.lineTo(left + cell * n, 1 + at);
          pen.moveTo(left + at, 1);
          pen.lineTo(left + at, 1 + cell * n);
        }
        pen.stroke();
      }
      pen.textBaseline = "middle";
      if (labels) {
        pen.textAlign = "right";
        pen.font = FONT.replace("12px", `${Math.min(12, Math.floor(cell + 1))}px`);
        words.forEach((word, row) => {
          pen.fillStyle = cursor && (row === cursor[0] || row === cursor[1]) ? ink : soft;
          write(pen, word, left - 5, 1 + (row + 0.5) * cell, left - 6);
        });
      } else if (shown.divided) {
        pen.fillStyle = soft;
        pen.textAlign = "center";
        for (const { name, from, to } of runs(shown.groups)) {
          pen.save();
          pen.translate(10, 1 + ((from + to) / 2) * cell);
          pen.rotate(-Math.PI / 2);
          if ((to - from) * cell > 14) write(pen, name, 0, 0, (to - from) * cell - 2);
          pen.restore();
        }
      }
      drawScale(pen, left, cell * n + 12, Math.min(180, cell * n), own, soft);
      if (cursor) {
        pen.strokeStyle = ink;
        pen.lineWidth = 2;
        const size = Math.max(cell, 7);
        pen.strokeRect(left + (cursor[1] + 0.5) * cell - size / 2, 1 + (cursor[0] + 0.5) * cell - size / 2, size, size);
      }
    }

    function drawScale(pen, x, y, width, own, soft) {
      const steps = 24;
      pen.fillStyle = own;
      for (let n = 0; n < steps; n++) {
        pen.globalAlpha = 0.03 + (0.97 * n) / (steps - 1);
        pen.fillRect(x + (n * width) / steps, y, width / steps + 0.5, 8);
      }
      pen.globalAlpha = 1;
      pen.fillStyle = soft;
      pen.font = FONT;
      pen.textBaseline = "top";
      pen.textAlign = "left";
      pen.fillText(shown.lowText, x, y + 11);
      pen.textAlign = "right";
      pen.fillText(shown.highText, x + width, y + 11);
    }

    function point(next) {
      if (next && cursor && next[0] === cursor[0] && next[1] === cursor[1]) return;
      cursor = next;
      draw();
      tell((readout.textContent = cursor ? shown.say(...cursor) : ""));
    }

    function at(event) {
      if (!place) return null;
      const box = canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left - place.left) / place.cell);
      const row = Math.floor((event.clientY - box.top - place.top) / place.cell);
      return row >= 0 && column >= 0 && row < place.n && column < place.n ? [row, column] : null;
    }

    canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && at(event) && point(at(event)));
    canvas.addEventListener("click", (event) => at(event) && point(at(event)));
    canvas.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!shown || !place || event.ctrlKey || event.metaKey || event.altKey || !(steps || event.key === "Home" || event.key === "End")) return;
      event.preventDefault();
      const last = place.n - 1;
      const [row, column] = cursor || [0, 0];
      if (!steps) point([row, event.key === "Home" ? 0 : last]);
      else point(cursor ? [Math.min(last, Math.max(0, row + steps[0])), Math.min(last, Math.max(0, column + steps[1]))] : [0, Math.min(1, last)]);
    });

    return {
      show(next) {
        if (!next || next.words.length !== shown?.words.length || next.words.some((word, n) => word !== shown.words[n])) cursor = null;
        shown = next;
        canvas.hidden = !shown;
        tell((readout.textContent = shown && cursor ? shown.say(...cursor) : ""));
        draw();
      },
      draw,
    };
  };

  /**
   * Pairs as points. `show` is given {x, y: pair vectors, across: [pair] 0 or 1, xLabel, yLabel, xRole, yRole, decimals, name(pair)}.
   */
  ws.labScatter = function (figure) {
    const canvas = figure.querySelector("canvas");
    const readout = figure.querySelector("[data-readout]");
    const tell = ws.parts.cursor(canvas, NOTHING);
    let shown = null;
    let cursor = -1;
    let points = null; // Float64Array of x, y in px

    const ends = (values) => {
      let [low, high] = [Infinity, -Infinity];
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
      const room = (high - low || 1) * 0.03;
      return [low - room, high + room];
    };

    function draw() {
      if (!shown) return;
      const width = Math.max(240, Math.min(figure.clientWidth, 620));
      const height = Math.round(Math.min(width * 0.78, 460));
      const pen = prepare(canvas, width, height);
      const [left, bottom, top, right] = [50, 40, 8, 8];
      const [[x0, x1], [y0, y1]] = [ends(shown.x), ends(shown.y)];
      const across = (value) => left + ((value - x0) / (x1 - x0)) * (width - left - right);
      const up = (value) => height - bottom - ((value - y0) / (y1 - y0)) * (height - bottom - top);
      const [ink, soft, rule, within, other] = ["ink", "ink-soft", "rule", "accent", "baseline"].map((name) => colour(figure, name));
      pen.strokeStyle = rule;
      pen.strokeRect(left + 0.5, top + 0.5, width - left - right - 1, height - top - bottom - 1);
      pen.fillStyle = soft;
      pen.textBaseline = "top";
      const ticks = (low, high) => {
        const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((size) => (high - low) / size <= 6) || 200;
        const found = [];
        for (let n = Math.ceil(low / step); n * step <= high; n++) found.push([n * step, fixed(n * step, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))]);
        return found;
      };
      pen.textAlign = "center";
      for (const [value, text] of ticks(x0, x1)) {
        pen.fillText(text, across(value), height - bottom + 5);
        pen.fillRect(across(value) - 0.5, height - bottom - 4, 1, 4);
      }
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      for (const [value, text] of ticks(y0, y1)) {
        pen.fillText(text, left - 6, up(value));
        pen.fillRect(left, up(value) - 0.5, 4, 1);
      }
      pen.fillStyle = colour(figure, shown.xRole);
      pen.textAlign = "right";
      pen.textBaseline = "alphabetic";
      pen.fillText(shown.xLabel, width - right, height - 6);
      pen.save();
      pen.fillStyle = colour(figure, shown.yRole);
      pen.translate(11, top);
      pen.rotate(-Math.PI / 2);
      pen.fillText(shown.yLabel, 0, 0);
      pen.restore();
      const count = shown.x.length;
      points = new Float64Array(2 * count);
      for (let at = 0; at < count; at++) {
        points[2 * at] = across(shown.x[at]);
        points[2 * at + 1] = up(shown.y[at]);
      }
      const size = count > 1500 ? 1.5 : count > 400 ? 2.1 : 2.8;
      pen.globalAlpha = count > 1500 ? 0.55 : 0.75;
      pen.fillStyle = other;
      for (let at = 0; at < count; at++) if (shown.across[at]) pen.fillRect(points[2 * at] - size, points[2 * at + 1] - size, 2 * size, 2 * size);
      pen.fillStyle = within;
      pen.globalAlpha = 0.9;
      pen.beginPath();
      for (let at = 0; at < count; at++) {
        if (shown.across[at]) continue;
        pen.moveTo(points[2 * at] + size + 0.5, points[2 * at + 1]);
        pen.arc(points[2 * at], points[2 * at + 1], size + 0.5, 0, 7);
      }
      pen.fill();
      pen.globalAlpha = 1;
      if (cursor >= 0) {
        pen.strokeStyle = ink;
        pen.lineWidth = 2;
        pen.beginPath();
        pen.arc(points[2 * cursor], points[2 * cursor + 1], 6, 0, 7);
        pen.stroke();
      }
    }

    function point(next) {
      if (next === cursor) return;
      cursor = next;
      draw();
      tell((readout.textContent = cursor >= 0 ? shown.name(cursor) : ""));
    }

    function near(event) {
      if (!points) return -1;
      const box = canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      let [best, least] = [-1, NEAR ** 2];
      for (let at = 0; at < points.length / 2; at++) {
        const away = (points[2 * at] - x) ** 2 + (points[2 * at + 1] - y) ** 2;
        if (away < least) [best, least] = [at, away];
      }
      return best;
    }

    /** The nearest point in a direction. */
    function step([dx, dy]) {
      if (cursor < 0) return point(0);
      const [x, y] = [points[2 * cursor], points[2 * cursor + 1]];
      let [best, least] = [cursor, Infinity];
      for (let at = 0; at < points.length / 2; at++) {
        const along = (points[2 * at] - x) * dx + (points[2 * at + 1] - y) * dy;
        const aside = Math.abs((points[2 * at] - x) * dy) + Math.abs((points[2 * at + 1] - y) * dx);
        if (at === cursor || along <= 0 || aside > along) continue;
        if (along + 2 * aside < least) [best, least] = [at, along + 2 * aside];
      }
      return point(best);
    }

    canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && near(event) >= 0 && point(near(event)));
    canvas.addEventListener("click", (event) => near(event) >= 0 && point(near(event)));
    canvas.addEventListener("keydown", (event) => {
      const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!shown || !direction || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      step(direction);
    });

    return {
      show(next) {
        cursor = -1;
        tell((readout.textContent = ""));
        shown = next;
        canvas.hidden = !shown;
        draw();
      },
      draw,
    };
  };

  /** How often shuffled words reached each value, and where the real order stands. `show`: {counts, low, high, observed} or null. */
  ws.labNull = function (figure) {
    const canvas = figure.querySelector("canvas");
    let shown = null;

    function draw() {
      canvas.hidden = !shown;
      if (!shown) return;
      const { counts, low, high, observed } = shown;
      const width = Math.max(240, Math.min(figure.clientWidth, 620));
      const height = 130;
      const pen = prepare(canvas, width, height);
      const [ink, soft, bars, accent] = ["ink", "ink-soft", "baseline", "accent"].map((name) => colour(figure, name));
      const [left, right, floor] = [8, 8, height - 24];
      const across = (value) => left + ((value - low) / (high - low)) * (width - left - right);
      const most = Math.max(...counts);
      pen.fillStyle = bars;
      const bin = (width - left - right) / counts.length;
      counts.forEach((count, n) => pen.fillRect(left + n * bin, floor - (count / most) * (floor - 22), Math.max(1, bin - 0.5), (count / most) * (floor - 22)));
      pen.fillStyle = ink;
      pen.fillRect(left, floor, width - left - right, 1);
      pen.fillStyle = accent;
      pen.fillRect(across(observed) - 1, 16, 2, floor - 16);
      pen.textBaseline = "alphabetic";
      pen.textAlign = across(observed) > width / 2 ? "right" : "left";
      pen.fillText(`your words: ${fixed(observed, 3)}`, across(observed) + (pen.textAlign === "right" ? 2 : -2), 11);
      pen.fillStyle = soft;
      pen.textBaseline = "top";
      pen.textAlign = "left";
      pen.fillText(fixed(low, 2), left, floor + 6);
      pen.textAlign = "right";
      pen.fillText(fixed(high, 2), width - right, floor + 6);
    }

    return {
      show(next) {
        shown = next;
        draw();
      },
      draw,
    };
  };

})(window.WordSpaces);
