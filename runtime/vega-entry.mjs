// The parts of Vega that the charts here use, as one classic script with the global `WordSpacesVega`.
// The sub-packages are imported one by one because `import ... from 'vega'` hardly tree-shakes. What is left out, here and in stubs.mjs,
// would cost every reader bytes that no chart uses. sitegen/vega_parts.py has the same lists: a figure that needs more does not build.
import { transforms } from 'vega-dataflow';
import { axisticks, datajoin, encode, legendentries, scale, sortitems, stack } from 'vega-encode';
import { compiledExpressions } from './compiled-expressions.mjs';
import { codeGenerator } from './expression-functions.mjs';
import { parse } from 'vega-parser';
import { tooltip } from './tooltips.mjs';
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

export { View, codeGenerator, compiledExpressions, parse, tooltip, transforms };
