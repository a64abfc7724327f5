// The functions that expressions of charts can call: those of vega-functions but for dates, maps, trees, colour spaces, distributions,
// gestures and selections. It takes the place of vega-functions' src/codegen.js, whose registry holds on to all of them.
import { range as sequence } from 'd3-array';
import { rgb } from 'd3-color';
import { isTuple } from 'vega-dataflow';
import { codegenExpression, constants, functions } from 'vega-expression';
import { clampRange, extend, extent, flush, inrange, isArray, isBoolean, isDate, isNumber, isObject, isRegExp, isString } from 'vega-util';
import { lerp, pad, peek, span, stringValue, toBoolean, toNumber, toString, truncate } from 'vega-util';
import { SignalPrefix } from './node_modules/vega-functions/src/constants.js';
import { data, indata } from './node_modules/vega-functions/src/functions/data.js';
import { format } from './node_modules/vega-functions/src/functions/format.js';
import { contrast, luminance } from './node_modules/vega-functions/src/functions/luminance.js';
import merge from './node_modules/vega-functions/src/functions/merge.js';
import pluck from './node_modules/vega-functions/src/functions/pluck.js';
import { bandspace, bandwidth, copy, domain, invert, range, scale } from './node_modules/vega-functions/src/functions/scale.js';
import { indexof, join, lastindexof, replace, reverse, slice, sort } from './node_modules/vega-functions/src/functions/sequence.js';
import { internalScaleFunctions } from './node_modules/vega-functions/src/scales.js';
import { dataVisitor, indataVisitor, scaleVisitor } from './node_modules/vega-functions/src/visitors.js';

const asked = { bandwidth, copy, domain, invert, range, scale }; // of a scale
export const functionContext = {
  isArray,
  isBoolean,
  isDate,
  isDefined: (value) => value !== undefined,
  isNumber,
  isObject,
  isRegExp,
  isString,
  isTuple,
  isValid: (value) => value != null && value === value,
  toBoolean,
  toNumber,
  toString,
  bandspace,
  clampRange,
  contrast,
  extent: (values) => extent(values), // without further arguments
  flush,
  format,
  indexof,
  inrange,
  join,
  lastindexof,
  lerp,
  luminance,
  merge,
  pad,
  peek,
  pluck,
  replace,
  reverse,
  rgb,
  sequence,
  slice,
  sort,
  span,
  truncate,
  ...asked,
  data,
  indata,
};

const visitors = { data: dataVisitor, indata: indataVisitor };
for (const name of Object.keys(asked)) visitors[name] = scaleVisitor;

export const codegenParams = {
  forbidden: ['_'],
  allowed: ['datum', 'event', 'item'],
  fieldvar: 'datum',
  globalvar: (id) => `_[${stringValue(SignalPrefix + id)}]`,
  constants,
  visitors,
  functions(codegen) {
    const known = functions(codegen);
    for (const name of ['view', 'item', 'group', 'xy', 'x', 'y']) known[name] = `event.vega.${name}`;
    for (const name of Object.keys(functionContext)) known[name] = `this.${name}`;
    return extend(known, internalScaleFunctions(codegen, functionContext, visitors));
  },
};

export const codeGenerator = codegenExpression(codegenParams);

export function expressionFunction() {
  throw new Error('The functions of expressions are those of expression-functions.mjs.');
}
