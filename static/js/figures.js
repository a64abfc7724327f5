// Figures: the picture becomes a live chart when it comes near the window; controls drive it and are kept in the address.
(function (ws) {
  "use strict";
  const NEAR = "600px";
  const wide = window.matchMedia("(min-width: 768px)");
  const figures = new Map(); // element -> Figure

  /** One control: its element, its value, and how the value reads. */
  class Control {
    constructor(input, figure) {
      this.input = input;
      this.name = input.dataset.control;
      this.key = `${figure}.${this.name}`;
      this.label = input.labels[0].textContent.trim();
      this.output = input.parentElement.querySelector("output");
      this.initial = this.text;
      this.restore(ws.state.get(this.key));
    }

    get text() {
      return this.input.type === "checkbox" ? String(this.input.checked) : this.input.value;
    }

    /** What the chart's signal gets. */
    get value() {
      if (this.input.type === "checkbox") return this.input.checked;
      return this.input.type === "range" ? Number(this.input.value) : this.input.value;
    }

    get changed() {
      return this.text !== this.initial;
    }

    /** "Metric: cosine" */
    get reading() {
      if (this.input.type === "checkbox") return `${this.label}: ${this.input.checked ? "yes" : "no"}`;
      const shown = this.input.selectedOptions ? this.input.selectedOptions[0].textContent : this.text + this.input.dataset.unit;
      return `${this.label}: ${shown}`;
    }

    restore(text) {
      if (text !== null) {
        if (this.input.type === "checkbox") this.input.checked = text === "true";
        else if (!this.input.options || ws.all("option", this.input).some((option) => option.value === text)) this.input.value = text;
      }
      this.show();
    }

    show() {
      if (this.output) this.output.textContent = this.input.value + this.input.dataset.unit;
    }

    keep() {
      this.show();
      ws.state.set(this.key, this.changed ? this.text : null);
    }
  }

  class Figure {
    constructor(element) {
      this.element = element;
      this.name = element.dataset.figure;
      this.stage = element.querySelector("[data-stage]");
      this.controls = ws.all("[data-control]", element).map((input) => new Control(input, this.name));
      this.resetButton = element.querySelector("[data-reset]");
      this.view = null;
      this.turn = 0; // of drawings; only the newest may show
      this.stale = false; // drawn for another theme or width
      for (const control of this.controls) control.input.addEventListener("input", () => this.change(control));
      this.resetButton?.addEventListener("click", () => this.reset());
      this.say = ws.debounce(() => {
        element.querySelector("[data-showing]").textContent = `Showing ${this.reading}.`;
      }, 400);
      this.describe();
    }

    get values() {
      return Object.fromEntries(this.controls.map((control) => [control.name, control.value]));
    }

    get reading() {
      return this.controls.map((control) => control.reading).join("; ");
    }

    /** From the middle of the window, in px. */
    get distance() {
      const { top, bottom } = this.element.getBoundingClientRect();
      return Math.abs((top + bottom - innerHeight) / 2);
    }

    get form() {
      return wide.matches ? "wide" : "narrow";
    }

    async load() {
      const { drawer, script } = this.element.dataset; // a matrix has a drawer of its own
      return Promise.all([drawer ? ws.load.matrix(drawer) : ws.load.runtime(), ws.load.defined(this.name, script), ws.load.font()]);
    }

    /** A view that has drawn; options as for ws.chart.draw. */
    async drawn([library, payload], options) {
      const all = { name: this.name, form: this.form, dark: ws.theme.isDark(), values: this.values, ...options };
      return library === ws.matrix ? library.draw(payload, all) : ws.chart.draw(library, payload, all);
    }

    /** Draw, or draw again: after a change of theme or width. Nothing on the page moves. */
    async draw() {
      const turn = ++this.turn;
      const holder = ws.element("div", "figure-canvas");
      const dark = ws.theme.isDark();
      this.stale = false;
      try {
        const loaded = await this.load();
        if (turn !== this.turn) return;
        this.stage.append(holder);
        const view = await this.drawn(loaded, { dark, container: holder });
        if (turn !== this.turn) {
          view.finalize();
          holder.remove();
          return;
        }
        this.discard();
        this.view = view;
        // the stage is the image and has the words; Vega marks its own container as one too
        for (const name of ["role", "aria-label", "aria-roledescription"]) holder.removeAttribute(name);
        holder.classList.add("ready");
        ws.succeed(this.stage);
        this.stage.dataset.drawn = dark ? "dark" : "light";
        this.apply();
      } catch (error) {
        holder.remove();
        ws.fail(this.stage, "This chart could not be drawn; the picture and the table stay.", error);
      }
    }

    /** Back to the picture. */
    discard() {
      this.view?.finalize();
      this.view = null;
      this.stale = false;
      for (const old of ws.all(".figure-canvas.ready", this.stage)) old.remove();
      delete this.stage.dataset.drawn;
    }

    change(control) {
      control.keep();
      this.describe();
      this.say();
      if (this.view) this.apply();
      else this.draw();
    }

    reset() {
      for (const control of this.controls) {
        control.restore(control.initial);
        control.keep();
      }
      this.describe();
      this.say();
      this.apply();
      this.controls[0].input.focus();
    }

    /** Bring the chart's signals to the controls' values; one drawing at a time, so that a slow phone skips and does not queue. */
    async apply() {
      this.behind = true;
      if (this.applying) return;
      this.applying = true;
      try {
        while (this.behind && this.view) {
          this.behind = false;
          for (const [name, value] of Object.entries(this.values)) this.view.signal(name, value);
          await this.view.runAsync();
        }
      } catch (error) {
        ws.fail(this.stage, "This chart could not be changed.", error);
      } finally {
        this.applying = false;
      }
    }

    /** The written description is of the untouched figure; once touched, the label says what is shown. */
    describe() {
      const changed = this.controls.some((control) => control.changed);
      if (this.resetButton) this.resetButton.hidden = !changed;
      if (!this.stage || !this.controls.length) return;
      if (changed) {
        this.stage.removeAttribute("aria-labelledby");
        this.stage.setAttribute("aria-label", `Chart, showing ${this.reading}. The table has the numbers.`);
      } else {
        this.stage.removeAttribute("aria-label");
        this.stage.setAttribute("aria-labelledby", `${this.name}-title`);
      }
    }
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const figure = figures.get(target);
        if (!isIntersecting && figure.stale) figure.discard();
        if (!isIntersecting || target.closest(".veiled")) continue;
        near.unobserve(target);
        waiting.add(figure);
      }
      drawWaiting();
    },
    { rootMargin: NEAR },
  );

  const waiting = new Set(); // figures that came near and are not drawn yet
  let drawing = false;

  /** The nearest first and one after the other: a figure in view does not wait for what is done for its neighbours. */
  async function drawWaiting() {
    const nearest = () => [...waiting].sort((one, other) => one.distance - other.distance);
    for (const figure of nearest()) figure.load().catch(() => {}); // on their way at once; drawing says what failed
    if (drawing) return;
    drawing = true;
    while (waiting.size) {
      const [figure] = nearest();
      waiting.delete(figure);
      await figure.draw().catch(reportError);
    }
    drawing = false;
  }

  /** After a change of theme or width: charts near the window are drawn again, the others when one comes back to them. */
  function redrawAll() {
    for (const [element, figure] of figures) {
      figure.stale = figure.turn > 0;
      lookAgain(element);
    }
  }

  function lookAgain(element) {
    near.unobserve(element);
    near.observe(element);
  }

  ws.figures = {
    /** @returns {Figure|undefined} */
    of: (element) => figures.get(element.closest("[data-figure]")),
    /** It was veiled until now. */
    unveiled(element) {
      if (figures.has(element)) lookAgain(element);
    },
    start() {
      ws.each("[data-figure][data-script]", (element) => {
        figures.set(element, new Figure(element));
        near.observe(element);
      });
      document.addEventListener("wordspaces:theme", redrawAll);
      wide.addEventListener("change", redrawAll);
      addEventListener("beforeprint", () => ws.each("img.picture", (picture) => (picture.loading = "eager")));
    },
  };
})(window.WordSpaces);
