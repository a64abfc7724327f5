// From a figure's specs and data to a running Vega view.
(function (ws) {
  "use strict";
  const HEX = /#[0-9a-f]{6}\b/gi;

  /**
   * A fresh spec: data put in, colours of the theme. Charts are written in the light theme's colours.
   * @param {{specs: {wide: object, narrow: object}, datasets: object}} payload
   */
  function prepare(payload, form, dark) {
    const palette = dark ? ws.palette || {} : {};
    const recolour = (value) => value.replace(HEX, (colour) => palette[colour.toLowerCase()] || colour);
    const spec = JSON.parse(recolour(JSON.stringify(payload.specs[form])));
    fill(spec, payload.datasets);
    return spec;
  }

  /** Put rows where a spec names a dataset; panels of a chart may hold data of their own. */
  function fill(node, datasets) {
    for (const entry of node.data || []) {
      if (!entry.dataset) continue;
      const rows = datasets[entry.dataset];
      if (!rows) throw new Error(`The dataset ${entry.dataset} is missing.`);
      entry.values = structuredClone(rows); // Vega writes into its rows, and a chart is drawn more than once
      delete entry.dataset;
    }
    for (const mark of node.marks || []) fill(mark, datasets);
  }

  ws.chart = {
    /**
     * @param values {object} control name -> value, set before the first drawing
     * @param container {HTMLElement|null} null: not shown, for saving
     * @returns a view that has drawn
     */
    async draw(runtime, payload, { form, dark, values, container = null, background = null }) {
      const spec = prepare(payload, form, dark);
      if (background) spec.background = background;
      const flow = runtime.parse(spec, null, { ast: true });
      await ws.breath();
      const view = new runtime.View(flow, {
        expr: runtime.compiledExpressions,
        renderer: container ? "canvas" : "none",
        container,
        hover: true,
        tooltip: container ? runtime.tooltip : undefined,
      });
      try {
        for (const [name, value] of Object.entries(values)) view.signal(name, value);
        await ws.breath();
        await view.runAsync();
      } catch (error) {
        view.finalize();
        throw error;
      }
      return view;
    },
  };
})(window.WordSpaces);
