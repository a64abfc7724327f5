// A matrix drawn cell by cell on a plain canvas: colours to a range, entries faded up to a threshold, zoom, pan, a readout.
// Loaded only by pages that hold one. It gives figures.js what a Vega view gives it: signal, runAsync, finalize, pictures.
(function (ws) {
  "use strict";
  const MOST = 24; // times the whole
  const STEP = 1.5; // of the zoom buttons and keys
  const PIXELS = 2; // of a saved PNG, per px
  const FONT = "12px Figtree, Word Spaces Signs, system-ui, sans-serif";

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const { fixed } = ws;
  const decimalsOf = (step) => Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  function bytes(base64) {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  /** Columns between two numbered ones: 1, 2 or 5 times a power of ten, at least 48 px apart. */
  function tickStep(columns, width) {
    const least = Math.max(1, (columns * 48) / width);
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
  }

  /** Draws into a canvas. */
  class CanvasPen {
    constructor(context, scale) {
      this.context = context;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.font = FONT;
      this.scale = scale;
    }
    text(x, y, text, anchor, colour, bold) {
      this.context.font = bold ? `600 ${FONT}` : FONT;
      this.context.textAlign = { start: "left", middle: "center", end: "right" }[anchor];
      this.context.fillStyle = colour;
      this.context.fillText(text, x, y);
    }
    line(x, y, width, height, colour, thickness) {
      this.context.strokeStyle = colour;
      this.context.lineWidth = thickness;
      this.context.strokeRect(x, y, width, height);
    }
    image(cells, from, to) {
      this.context.imageSmoothingEnabled = (to.width * this.scale) / from.width < 1; // cells smaller than a pixel are averaged
      this.context.drawImage(cells, from.x, from.y, from.width, from.height, to.x, to.y, to.width, to.height);
    }
    scaleBar(x, y, width, height, stops) {
      const gradient = this.context.createLinearGradient(x, 0, x + width, 0);
      for (const [at, colour, opacity] of stops) gradient.addColorStop(at, `rgba(${channels(colour).join()},${opacity})`);
      this.context.fillStyle = gradient;
      this.context.fillRect(x, y, width, height);
    }
  }

  /** Writes the same as SVG. */
  class SvgPen {
    constructor() {
      this.parts = [];
    }
    text(x, y, text, anchor, colour, bold) {
      const weight = bold ? ' font-weight="600"' : "";
      this.parts.push(
        `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="Figtree, system-ui, sans-serif" font-size="12"${weight} fill="${colour}">${escaped(text)}</text>`,
      );
    }
    line(x, y, width, height, colour, thickness) {
      this.parts.push(
        `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${thickness}"/>`,
      );
    }
    image(cells, from, to) {
      const cut = document.createElement("canvas");
      cut.width = Math.ceil(from.x + from.width) - Math.floor(from.x);
      cut.height = Math.ceil(from.y + from.height) - Math.floor(from.y);
      cut.getContext("2d").drawImage(cells, -Math.floor(from.x), -Math.floor(from.y));
      const [across, down] = [to.width / from.width, to.height / from.height];
      const box = `x="${to.x}" y="${to.y}" width="${to.width}" height="${to.height}"`;
      const x = to.x + (Math.floor(from.x) - from.x) * across;
      const y = to.y + (Math.floor(from.y) - from.y) * down;
      this.parts.push(
        `<clipPath id="cells"><rect ${box}/></clipPath><g clip-path="url(#cells)"><image x="${x}" y="${y}" width="${cut.width * across}" height="${cut.height * down}" preserveAspectRatio="none" image-rendering="pixelated" href="${cut.toDataURL()}"/></g>`,
      );
    }
    scaleBar(x, y, width, height, stops) {
      const drawn = stops.map(([at, colour, opacity]) => `<stop offset="${at}" stop-color="${colour}" stop-opacity="${opacity}"/>`);
      this.parts.push(
        `<linearGradient id="scale">${drawn.join("")}</linearGradient><rect x="${x}" y="${y}" width="${width}" height="${height}" fill="url(#scale)"/>`,
      );
    }
  }

  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
  }

  class MatrixView {
    constructor(payload, { name, form, dark, values, container, background }) {
      this.payload = payload;
      this.name = name;
      this.layout = payload.layouts[form];
      this.look = payload.view;
      this.values = { ...values };
      this.background = background;
      this.colours = Object.fromEntries(
        Object.entries(payload.colours).map(([part, colour]) => [part, (dark && ws.palette[colour]) || colour]),
      );
      this.stopping = new AbortController();
      this.pointers = new Map(); // id -> {x, y}
      // where the reader looks stays when the theme or the width changes
      payload.place = payload.place || placeFrom(ws.state.get(`${name}.view`)) || { x: 0, y: 0, zoom: 1 };
      this.place = payload.place;
      if (container) this.show(container);
    }

    get matrix() {
      return this.payload.matrices.find((matrix) => matrix.name === this.values.matrix) || this.payload.matrices[0];
    }

    /** The cells in view: from, and how many, in rows and columns, fractions included. */
    get window() {
      const { rows, columns } = this.matrix;
      const { zoom } = this.place;
      const [width, height] = [columns / zoom, rows / zoom];
      return { x: this.place.x * columns, y: this.place.y * rows, width, height };
    }

    // --- what figures.js asks for ---

    signal(name, value) {
      if (value === undefined) return this.values[name];
      this.values[name] = value;
      return this;
    }

    async runAsync() {
      if (this.canvas) this.paint();
      return this;
    }

    finalize() {
      this.stopping.abort();
      this.canvas?.remove();
    }

    async toImageURL() {
      const canvas = document.createElement("canvas");
      this.paintInto(canvas, PIXELS);
      return canvas.toDataURL("image/png");
    }

    async toSVG() {
      const pen = new SvgPen();
      this.draw(pen);
      const { width, height } = this.layout;
      const ground = this.background ? `<rect width="${width}" height="${height}" fill="${this.background}"/>` : "";
      return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${ground}${pen.parts.join("")}</svg>`;
    }

    // --- drawing ---

    paint() {
      this.paintInto(this.canvas, Math.max(1, Math.min(3, devicePixelRatio || 1)));
      this.canvas.style.touchAction = this.place.zoom > 1 ? "none" : "pan-x pan-y";
      this.say();
      this.whole.forEach((button) => (button.disabled = this.place.zoom === 1));
    }

    /** Soon, and once however often it is asked for. */
    paintSoon() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => {
        this.waiting = false;
        if (!this.stopping.signal.aborted) this.paint();
      });
    }

    paintInto(canvas, scale) {
      const { width, height } = this.layout;
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.width = `${width}px`;
      const context = canvas.getContext("2d");
      if (this.background) {
        context.fillStyle = this.background;
        context.fillRect(0, 0, canvas.width, canvas.height);
      }
      this.draw(new CanvasPen(context, scale));
    }

    draw(pen) {
      const { left, top, plotWidth, plotHeight } = this.layout;
      const from = this.window;
      pen.image(this.cells(), from, { x: left, y: top, width: plotWidth, height: plotHeight });
      pen.line(left + 0.5, top + 0.5, plotWidth - 1, plotHeight - 1, this.colours.rule, 1);
      this.drawLabels(pen, from);
      this.drawNumbers(pen, from);
      this.drawScale(pen);
      if (this.cursor) this.drawCursor(pen, from);
    }

    drawLabels(pen, from) {
      const { left, top, plotHeight } = this.layout;
      const pitch = plotHeight / from.height;
      const room = Math.floor((left - 10) / this.look.character);
      const every = Math.ceil(this.look.label / pitch);
      const first = Math.ceil(from.y - 0.5 - 1e-9);
      for (let row = first - (first % every); row + 0.5 <= from.y + from.height + 1e-9; row += every) {
        if (row < first) continue;
        const label = this.matrix.labels[row];
        const shown = label.length <= room ? label : `${label.slice(0, room - 1)}…`;
        pen.text(left - 8, top + (row + 0.5 - from.y) * pitch + 4, shown, "end", this.colours.ink, this.cursor?.row === row);
      }
    }

    drawNumbers(pen, from) {
      const { left, top, plotWidth } = this.layout;
      const pitch = plotWidth / from.width;
      const every = tickStep(from.width, plotWidth);
      pen.text(left - 8, top - 7, this.look.column, "end", this.colours["ink-soft"]);
      for (let n = Math.ceil((from.x - 0.5) / every) * every; n + 0.5 <= from.x + from.width; n += every)
        pen.text(left + (n + 0.5 - from.x) * pitch, top - 7, String(n), "middle", this.colours["ink-soft"]);
    }

    drawScale(pen) {
      const { left, top, plotHeight, scaleWidth: width } = this.layout;
      const y = top + plotHeight + 12;
      const { "above-zero": above, "below-zero": below, size, "ink-soft": soft } = this.colours;
      const edge = `${fixed(this.values.range, decimalsOf(this.rangeStep))} or more`;
      if (this.signed) {
        pen.scaleBar(left, y, width, 10, [[0, below, 1], [0.5, below, 0], [0.5, above, 0], [1, above, 1]]);
        pen.text(left, y + 26, `−${edge.replace("more", "less")}`, "start", soft);
        pen.text(left + width / 2, y + 26, "0", "middle", soft);
      } else {
        pen.scaleBar(left, y, width, 10, [[0, size, 0], [1, size, 1]]);
        pen.text(left, y + 26, "0", "start", soft);
      }
      pen.text(left + width, y + 26, edge, "end", soft);
    }

    drawCursor(pen, from) {
      const { left, top, plotWidth, plotHeight } = this.layout;
      const { row, column } = this.cursor;
      const [across, down] = [plotWidth / from.width, plotHeight / from.height];
      const width = Math.max(across, 6);
      const height = Math.max(down, 6);
      const x = left + (column + 0.5 - from.x) * across;
      const y = top + (row + 0.5 - from.y) * down;
      if (x < left || x > left + plotWidth || y < top || y > top + plotHeight) return;
      pen.line(x - width / 2, y - height / 2, width, height, this.colours.ink, 2);
    }

    get signed() {
      return this.look.scale === "diverging";
    }

    get rangeStep() {
      return this.payload.rangeStep;
    }

    number(matrix, at) {
      matrix.bytes = matrix.bytes || bytes(matrix.base64);
      return matrix.low + (matrix.bytes[at] * (matrix.high - matrix.low)) / 255;
    }

    /** The whole matrix as a picture, a pixel a cell; made again when what it depends on changed. */
    cells() {
      const { matrix, values } = this;
      const state = [matrix.name, values.range, values.threshold, this.colours.ink].join();
      if (this.cellsState === state) return this.cellsMade;
      matrix.bytes = matrix.bytes || bytes(matrix.base64);
      const look = new Uint8ClampedArray(256 * 4); // byte -> colour
      for (let byte = 0; byte < 256; byte++) {
        const value = matrix.low + (byte * (matrix.high - matrix.low)) / 255;
        const size = this.signed ? Math.abs(value) : Math.max(value, 0);
        const faded = values.threshold && size <= values.threshold ? this.look.faded : 1;
        const colour = this.signed ? this.colours[value > 0 ? "above-zero" : "below-zero"] : this.colours.size;
        look.set([...channels(colour), 255 * Math.min(size / values.range, 1) * faded], 4 * byte);
      }
      const canvas = document.createElement("canvas");
      canvas.width = matrix.columns;
      canvas.height = matrix.rows;
      const picture = new ImageData(matrix.columns, matrix.rows);
      const palette = new Uint32Array(look.buffer);
      const pixels = new Uint32Array(picture.data.buffer);
      for (let at = 0; at < pixels.length; at++) pixels[at] = palette[matrix.bytes[at]];
      canvas.getContext("2d").putImageData(picture, 0, 0);
      this.cellsState = state;
      this.cellsMade = canvas;
      return canvas;
    }

    // --- words ---

    say() {
      const { matrix, values, look } = this;
      const shares = matrix.shares;
      const step = Math.min(shares.length - 1, Math.round(values.threshold / look.thresholdStep));
      const size = this.signed ? "larger in size" : "larger";
      const threshold = fixed(values.threshold, decimalsOf(look.thresholdStep));
      const percent = fixed(100 * shares[step], 1);
      const entries = matrix.entries.toLocaleString("en");
      this.part("share", `${matrix.label}: ${percent}% of ${entries} entries are ${size} than ${threshold}.`);
      if (this.cursor) this.part("readout", this.reading);
    }

    /** What the cell under the cursor holds. */
    get reading() {
      const { matrix } = this;
      const row = Math.min(this.cursor.row, matrix.rows - 1);
      const column = Math.min(this.cursor.column, matrix.columns - 1);
      const byte = row * matrix.columns + column;
      const value = this.number(matrix, byte);
      const end = { 0: " or less", 255: " or more" }[matrix.bytes[byte]] || "";
      return `${matrix.labels[row]}, ${this.look.column} ${column}: ${fixed(value, matrix.decimals)}${end}`;
    }

    part(name, text) {
      const element = this.figure.querySelector(`[data-matrix="${name}"]`);
      if (element.textContent !== text) element.textContent = text;
    }

    // --- the reader's hand ---

    show(container) {
      this.figure = container.closest("[data-figure]");
      this.whole = ws.all('[data-matrix-zoom="whole"]', this.figure);
      this.canvas = document.createElement("canvas");
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
      const { rows, columns } = this.matrix;
      const keys = "Arrow keys move from cell to cell, plus and minus zoom, 0 shows the whole.";
      this.canvas.setAttribute("aria-label", `Matrix of ${rows} rows and ${columns} columns. ${keys}`);
      container.append(this.canvas);
      const on = (target, event, call, options = {}) =>
        target.addEventListener(event, call, { signal: this.stopping.signal, ...options });
      on(this.canvas, "keydown", (event) => this.key(event));
      on(this.canvas, "wheel", (event) => this.wheel(event), { passive: false });
      on(this.canvas, "pointerdown", (event) => this.press(event));
      on(this.canvas, "pointermove", (event) => this.move(event));
      for (const end of ["pointerup", "pointercancel"]) on(this.canvas, end, (event) => this.pointers.delete(event.pointerId));
      on(this.canvas, "dblclick", (event) => this.zoomTo(this.place.zoom * STEP ** 2, this.at(event)));
      for (const button of ws.all("[data-matrix-zoom]", this.figure)) on(button, "click", () => this.press_zoom(button.dataset.matrixZoom));
      for (const button of ws.all("[data-matrix-range]", this.figure)) on(button, "click", () => this.preset(button.dataset.matrixRange));
    }

    press_zoom(way) {
      this.zoomTo(way === "whole" ? 1 : this.place.zoom * (way === "in" ? STEP : 1 / STEP), this.cursorPlace());
    }

    preset(range) {
      const input = this.figure.querySelector('[data-control="range"]');
      input.value = range;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }

    /** Where an event is: in cells, and as a share of the plot. */
    at(event) {
      const { left, top, plotWidth, plotHeight, width } = this.layout;
      const box = this.canvas.getBoundingClientRect();
      const scale = box.width / width;
      return {
        across: ((event.clientX - box.left) / scale - left) / plotWidth,
        down: ((event.clientY - box.top) / scale - top) / plotHeight,
      };
    }

    cellAt({ across, down }) {
      if (across < 0 || across >= 1 || down < 0 || down >= 1) return null;
      const { x, y, width, height } = this.window;
      return {
        row: clamp(Math.floor(y + down * height), 0, this.matrix.rows - 1),
        column: clamp(Math.floor(x + across * width), 0, this.matrix.columns - 1),
      };
    }

    /** The cursor as a share of the plot, or the middle if it is not in view. */
    cursorPlace() {
      const { x, y, width, height } = this.window;
      const place = this.cursor && { across: (this.cursor.column + 0.5 - x) / width, down: (this.cursor.row + 0.5 - y) / height };
      const seen = place && place.across > 0 && place.across < 1 && place.down > 0 && place.down < 1;
      return seen ? place : { across: 0.5, down: 0.5 };
    }

    /** Zoom so that what is at `point` stays there. */
    zoomTo(zoom, point) {
      zoom = clamp(zoom, 1, MOST);
      if (zoom < 1.01) zoom = 1;
      const { across, down } = point;
      const { x, y, zoom: before } = this.place;
      this.goTo(x + across / before - across / zoom, y + down / before - down / zoom, zoom);
    }

    goTo(x, y, zoom = this.place.zoom) {
      const most = 1 - 1 / zoom;
      Object.assign(this.place, { x: clamp(x, 0, most), y: clamp(y, 0, most), zoom });
      const kept = [this.place.x, this.place.y, zoom].map((number) => Number(number.toFixed(4))).join("_");
      ws.state.set(`${this.name}.view`, zoom === 1 ? null : kept);
      this.paintSoon();
    }

    wheel(event) {
      const asked = event.ctrlKey || event.metaKey || document.activeElement === this.canvas;
      const out = event.deltaY > 0;
      if (!asked || (out && this.place.zoom === 1 && !event.ctrlKey)) return; // the page scrolls
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.zoomTo(this.place.zoom * Math.exp(-clamp(event.deltaY * lines, -120, 120) / 250), this.at(event));
    }

    press(event) {
      this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (event.pointerType !== "touch" || this.place.zoom > 1) this.canvas.setPointerCapture(event.pointerId);
      this.point(event);
    }

    move(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) return this.point(event);
      const now = { x: event.clientX, y: event.clientY };
      const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      this.pointers.set(event.pointerId, now);
      const box = this.canvas.getBoundingClientRect();
      const scale = box.width / this.layout.width;
      if (others.length) {
        const spread = (place) => Math.hypot(place.x - others[0].x, place.y - others[0].y);
        const middle = { clientX: (now.x + others[0].x) / 2, clientY: (now.y + others[0].y) / 2 };
        if (spread(before) > 0) this.zoomTo((this.place.zoom * spread(now)) / spread(before), this.at(middle));
      } else if (this.place.zoom > 1) {
        const across = (now.x - before.x) / scale / this.layout.plotWidth;
        const down = (now.y - before.y) / scale / this.layout.plotHeight;
        this.goTo(this.place.x - across / this.place.zoom, this.place.y - down / this.place.zoom);
      } else this.point(event);
    }

    point(event) {
      const cell = this.cellAt(this.at(event));
      if (!cell || (cell.row === this.cursor?.row && cell.column === this.cursor?.column)) return;
      this.cursor = cell;
      this.paintSoon();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { rows, columns } = this.matrix;
      const far = event.shiftKey ? 10 : 1;
      const steps = { ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far], PageUp: [-10, 0], PageDown: [10, 0] };
      const ends = { Home: [0, -columns], End: [0, columns] };
      const zooms = { "+": "in", "=": "in", "-": "out", 0: "whole" };
      if (zooms[event.key]) this.press_zoom(zooms[event.key]);
      else if (steps[event.key] || ends[event.key]) {
        const [down, across] = steps[event.key] || ends[event.key];
        const { x, y, width, height } = this.window;
        const from = this.cursor || { row: Math.floor(y) - (down > 0), column: Math.floor(x) - (across > 0) };
        this.cursor = { row: clamp(from.row + down, 0, rows - 1), column: clamp(from.column + across, 0, columns - 1) };
        const [column, row] = [this.cursor.column, this.cursor.row];
        // the window follows the cursor
        this.goTo(clamp(x, column + 1 - width, column) / columns, clamp(y, row + 1 - height, row) / rows);
      } else return;
      event.preventDefault();
    }
  }

  function placeFrom(text) {
    const [x, y, zoom] = (text || "").split("_").map(Number);
    if (![x, y, zoom].every(Number.isFinite) || !(zoom > 1 && zoom <= MOST)) return null;
    return { x: clamp(x, 0, 1 - 1 / zoom), y: clamp(y, 0, 1 - 1 / zoom), zoom };
  }

  ws.matrix = {
    /** As ws.chart.draw. */
    async draw(payload, options) {
      const view = new MatrixView(payload, options);
      return view.runAsync();
    },
  };
})(window.WordSpaces);
