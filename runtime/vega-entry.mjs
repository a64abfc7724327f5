// The parts of Vega that a compiled Vega-Lite chart uses, as one classic script with the global `WordSpacesVega`.
// The sub-packages are imported one by one because `import ... from 'vega'` hardly tree-shakes. Left out: maps, forces,
// trees, regressions, word clouds, label placement, crossfilter, the nearest point (`nearest=True` of a selection), and what
// stubs.mjs names. Each would cost every reader bytes that no chart here uses.
import { transforms } from 'vega-dataflow';
import * as encode from 'vega-encode';
import { defaultLocale, locale } from 'vega-format';
import { compiledExpressions } from './compiled-expressions.mjs';
import { parse } from 'vega-parser';
import { CanvasRenderer, SVGRenderer } from 'vega-scenegraph';
import { Handler } from 'vega-tooltip';
import * as dataTransforms from 'vega-transforms';
import { Error as ErrorLevel, None, Warn, extend, logger, truthy } from 'vega-util';
import { View } from 'vega-view';
import * as viewTransforms from 'vega-view-transforms';

extend(transforms, dataTransforms, viewTransforms, encode);

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

export { CanvasRenderer, ErrorLevel, None, SVGRenderer, TooltipHandler, View, Warn, defaultLocale, compiledExpressions, locale, logger, parse, truthy };
