// The parts of Vega that the charts here use, as one classic script with the global `WordSpacesVega`.
// The sub-packages are imported one by one because `import ... from 'vega'` hardly tree-shakes. What is left out, here and in stubs.mjs,
// would cost every reader bytes that no chart uses. sitegen/vega_parts.py has the same lists: a figure that needs more does not build.
import { transforms } from 'vega-dataflow';
import { axisticks, datajoin, encode, legendentries, scale, sortitems, stack } from 'vega-encode';
import { compiledExpressions } from './compiled-expressions.mjs';
import { codeGenerator } from './expression-functions.mjs';
import { parse } from 'vega-parser';
import { Handler } from 'vega-tooltip';
import { aggregate, bin, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, impute } from 'vega-transforms';
import { joinaggregate, key, lookup, multiextent, multivalues, params, prefacet, proxy, relay, sieve, subflow } from 'vega-transforms';
import { tupleindex, values, window } from 'vega-transforms';
import { extend } from 'vega-util';
import { View } from 'vega-view';
import { bound, mark, overlap, render, viewlayout } from 'vega-view-transforms';

extend(transforms, { axisticks, datajoin, encode, legendentries, scale, sortitems, stack });
extend(transforms, { aggregate, bin, collect, compare, expression, extent, facet, field, filter, flatten, fold, formula, impute });
extend(transforms, { joinaggregate, key, lookup, multiextent, multivalues, params, prefacet, proxy, relay, sieve, subflow });
extend(transforms, { tupleindex, values, window, bound, mark, overlap, render, viewlayout });

const text = (value) => (value !== null && typeof value === 'object' ? JSON.stringify(value) : value);

/** Rows of name and value; unlike the default, no field name means markup, so a field called `image` is only text. */
function formatRows(value, escape) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return escape(text(value));
  const rows = Object.keys(value).filter((key) => value[key] !== undefined);
  const cells = rows.map((key) => `<tr><td class="key">${escape(key)}</td><td class="value">${escape(text(value[key]))}</td></tr>`);
  return `<table>${cells.join('')}</table>`;
}

/** vega-tooltip's handler without its injected <style>, which the page's CSP forbids: static/css/tooltip.css is its style. */
class TooltipHandler extends Handler {
  constructor(options) {
    super({ disableDefaultStyle: true, formatTooltip: formatRows, ...options });
  }
}

export { TooltipHandler, View, codeGenerator, compiledExpressions, parse, transforms };
