// All heads of a model as small matrices on one canvas. Arrow keys go from head to head; the head under the keys is the chosen one.
(function (ws) {
  "use strict";
  const LARGEST = 34; // px from thumbnail to thumbnail
  const GAP = 2;
  const AXIS = 20; // px for the numbers of layers and heads
  const { fixed } = ws;

  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  class HeadsGrid {
    /** holder: has a canvas and a readout. page: chosen(role) and choose(role, layer, head). */
    constructor(holder, model, page) {
      Object.assign(this, { holder, model, page });
      this.canvas = holder.querySelector("canvas");
      this.readout = holder.querySelector("[data-grid-readout]");
      this.scored = new Map(model.scored.heads.map((one) => [`${one.layer}.${one.head}`, one]));
      this.tell = ws.parts.cursor(this.canvas, "no head chosen");
      this.canvas.addEventListener("keydown", (event) => this.key(event));
      this.canvas.addEventListener("pointermove", (event) => this.hover(event));
      this.canvas.addEventListener("pointerleave", () => this.say());
      this.canvas.addEventListener("click", (event) => {
        const head = this.at(event);
        if (head) page.choose(model.role, head.layer, head.head);
      });
    }

    /** look: {reading, order, without, row, matrixOf(layer, head), change}. layersAcross: whether layers run from left to right. */
    draw(look, pitch, layersAcross) {
      const { layers, heads_in_layer: heads } = this.model.scored;
      Object.assign(this, { look, pitch, layersAcross });
      this.columns = layersAcross ? layers : heads;
      this.rows = layersAcross ? heads : layers;
      this.places = this.ordered();
      this.placeOf = new Map(this.places.map((one, place) => [`${one.layer}.${one.head}`, place]));
      this.paint();
      this.say();
      const { layer, head } = this.page.chosen(this.model.role);
      const words = this.page.nameOf(this.model, layer, head);
      if (words !== this.told) this.tell((this.told = words));
    }

    /** Heads in the order of their places, row by row. */
    ordered() {
      const all = this.model.scored.heads;
      const { order, without } = this.look;
      if (order === "layer") {
        const across = (one) => (this.layersAcross ? (one.head - 1) * this.columns + one.layer - 1 : (one.layer - 1) * this.columns + one.head - 1);
        return [...all].sort((a, b) => across(a) - across(b));
      }
      const score = (one) => ws.attention.scoreOf(this.model, one, order, without, this.look.reading) ?? -1;
      return [...all].sort((a, b) => score(b) - score(a) || a.layer - b.layer || a.head - b.head);
    }

    paint() {
      const { reading, matrixOf, row, change, order } = this.look;
      const n = reading.size;
      const [width, height] = [AXIS + this.columns * this.pitch, AXIS + this.rows * this.pitch];
      const pen = ws.parts.pen(this.canvas, width, height);
      this.holder.style.maxWidth = `${width}px`; // its words may not push the other model's heads below
      const style = getComputedStyle(this.holder);
      const colour = (name) => style.getPropertyValue(`--${name}`).trim();
      const masked = [...channels(colour("rule")), 255];
      const [ink, above, below] = ["size", "above-zero", "below-zero"].map((name) => channels(colour(name)));
      const full = change ? ws.attention.FULL_CHANGE : ws.attention.FULL_INK;

      // every head in its place on one sheet, a pixel a cell
      const sheet = document.createElement("canvas");
      sheet.width = this.columns * n;
      sheet.height = this.rows * n;
      const picture = new ImageData(sheet.width, sheet.height);
      const pixels = new Uint32Array(picture.data.buffer);
      const packed = ([r, g, b], alpha) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
      const hidden = packed(masked, 255);
      this.places.forEach(({ layer, head }, place) => {
        const matrix = matrixOf(layer, head);
        const from = Math.floor(place / this.columns) * n * sheet.width + (place % this.columns) * n;
        for (let q = 0; q < n; q++)
          for (let k = 0; k < n; k++) {
            const weight = matrix[(row === null ? q : row) * n + k];
            let pixel = hidden;
            if (!Number.isNaN(weight)) {
              const alpha = Math.round(255 * Math.min(1, Math.abs(weight === -1 && !change ? 0 : weight) / full));
              pixel = packed(change ? (weight > 0 ? above : below) : ink, alpha);
            }
            pixels[from + q * sheet.width + k] = pixel;
          }
      });
      sheet.getContext("2d").putImageData(picture, 0, 0);

      pen.clearRect(0, 0, width, height);
      pen.imageSmoothingEnabled = (this.pitch - GAP) * pen.getTransform().a < n; // screen pixels of a thumbnail
      const size = this.pitch - GAP;
      const thumb = (place) => [AXIS + (place % this.columns) * this.pitch, AXIS + Math.floor(place / this.columns) * this.pitch];
      pen.fillStyle = colour("paper-sunken");
      this.places.forEach((_, place) => pen.fillRect(...thumb(place), size, size));
      this.places.forEach((_, place) => {
        const [x, y] = thumb(place);
        pen.drawImage(sheet, (place % this.columns) * n, Math.floor(place / this.columns) * n, n, n, x, y, size, size);
      });

      pen.fillStyle = colour("ink-soft");
      pen.font = `11px ${style.getPropertyValue("--sans")}`;
      pen.textBaseline = "middle";
      if (order === "layer") {
        const every = (count) => (this.pitch >= 20 ? 1 : count > 12 ? 5 : 1);
        const numbered = (count, draw) => {
          for (let n = 1; n <= count; n++) if (n === 1 || n % every(count) === 0) draw(n);
        };
        pen.textAlign = "center";
        numbered(this.columns, (number) => pen.fillText(String(number), AXIS + (number - 1) * this.pitch + size / 2, AXIS / 2));
        pen.textAlign = "right";
        numbered(this.rows, (number) => pen.fillText(String(number), AXIS - 5, AXIS + (number - 1) * this.pitch + size / 2 + 1));
      } else {
        pen.textAlign = "left";
        pen.fillText("highest first, row by row", AXIS, AXIS / 2);
        // a bar under those that carry the name by which they are ordered
        pen.fillStyle = colour(this.model.role);
        const label = this.look.without ? "label_without_sink" : "label";
        this.places.forEach((one, place) => {
          const [x, y] = thumb(place);
          if (one[label] === order) pen.fillRect(x, y + size - 2, size, 2);
        });
      }
      const chosen = this.page.chosen(this.model.role);
      const place = this.placeOf.get(`${chosen.layer}.${chosen.head}`);
      const [x, y] = thumb(place);
      pen.lineWidth = 2;
      pen.strokeStyle = colour("paper");
      pen.strokeRect(x + 1, y + 1, size - 2, size - 2);
      pen.strokeStyle = colour("accent");
      pen.strokeRect(x - 1, y - 1, size + 2, size + 2);
      this.chosenPlace = place;
    }

    at(event) {
      const [column, row] = [event.offsetX, event.offsetY].map((pixel) => Math.floor((pixel - AXIS) / this.pitch));
      if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return null;
      return this.places[row * this.columns + column] || null;
    }

    hover(event) {
      const head = this.at(event);
      if (head && event.pointerType === "mouse") this.say(head);
    }

    key(event) {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns }[event.key];
      let place = this.chosenPlace;
      if (step === undefined && !["Home", "End"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Home") place = 0;
      else if (event.key === "End") place = this.places.length - 1;
      else {
        const column = (place % this.columns) + (Math.abs(step) === 1 ? step : 0);
        if (column < 0 || column >= this.columns) return;
        place += step;
      }
      const head = this.places[place];
      if (head) this.page.choose(this.model.role, head.layer, head.head, { quick: true });
    }

    /** "layer 3 head 5, previous token, 0.82" of the head under the pointer, or of the chosen one. */
    say(head = this.page.chosen(this.model.role)) {
      this.readout.textContent = this.page.nameOf(this.model, head.layer, head.head);
    }
  }

  /** A head's score of a kind, or its entropy in the sentence shown. */
  ws.attention.scoreOf = function (model, one, kind, without, reading) {
    if (kind === "entropy") return reading.entropy(one.layer, one.head);
    const place = model.scored.kinds.findIndex((entry) => entry.kind === kind);
    return place < 0 ? null : (without ? one.scores_without_sink : one.scores)[place];
  };

  ws.attention.HeadsGrid = HeadsGrid;
  ws.attention.scoreWords = (score) => (score === null || score === undefined ? "" : fixed(score, 2));
})(window.WordSpaces);
