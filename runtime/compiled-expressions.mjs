// Vega's expressions without eval, each compiled once into JavaScript closures.
//
// A drop-in for vega-interpreter's `expressionInterpreter`, which the page's CSP needs in the place of Vega's own code generator. The
// library walks the syntax tree again for every mark and channel, and builds a new scope each time: half of the time that a first
// drawing takes on a phone. Here the tree is walked once. Its functions, operators and rules about forbidden names stay the library's.
import { DisallowedObjectProperties } from 'vega-util';
import adjustSpatial from './node_modules/vega-interpreter/src/adjust-spatial.js';
import Constants from './node_modules/vega-interpreter/src/constants.js';
import Functions from './node_modules/vega-interpreter/src/functions.js';
import BinaryOperators from './node_modules/vega-interpreter/src/ops-binary.js';
import UnaryOperators from './node_modules/vega-interpreter/src/ops-unary.js';

const EVENT_FUNCTIONS = new Set(['view', 'item', 'group', 'xy', 'x', 'y']);
const FORBIDDEN_VALUES = new Set([Function, eval, setTimeout, setInterval]);
if (typeof setImmediate === 'function') FORBIDDEN_VALUES.add(setImmediate);

/**
 * What each kind of node of a syntax tree becomes: a function of the scope `$` = {fn, params, datum, event, item}. `fn` holds the
 * functions of the dataflow, which find scales and data through their own context.
 */
const compilers = {
  Literal({ value, regex }) {
    // global and sticky patterns remember where they were, so each evaluation gets a fresh one
    return value && (value.global || value.sticky) ? () => new RegExp(regex.pattern, regex.flags) : () => value;
  },

  Identifier({ name }) {
    if (name === 'datum' || name === 'event' || name === 'item') return ($) => $[name];
    if (Object.keys(Constants).includes(name)) return () => Constants[name];
    const parameter = `$${name}`;
    return ($) => $.params[parameter];
  },

  MemberExpression({ object, property, computed }) {
    const owner = compile(object);
    const key = computed ? compile(property) : () => property.name;
    return ($) => {
      const name = key($);
      const value = owner($)[name];
      return FORBIDDEN_VALUES.has(value) ? refused('member', name) : value;
    };
  },

  CallExpression({ callee, arguments: given }) {
    const name = callee.name.replace(/^_/, '');
    const args = given.map((argument) => compile(argument));
    if (name === 'if') return ($) => (args[0]($) ? args[1]($) : args[2]($));
    if (EVENT_FUNCTIONS.has(name)) return ($) => $.event.vega[name](...args.map((argument) => argument($)));
    const inLibrary = Functions[name];
    const [first, second, third] = args;
    const call = ($) => $.fn[name] || inLibrary;
    if (args.length === 1) return ($) => call($).call($.fn, first($));
    if (args.length === 2) return ($) => call($).call($.fn, first($), second($));
    if (args.length === 3) return ($) => call($).call($.fn, first($), second($), third($));
    return ($) => call($).apply($.fn, args.map((argument) => argument($)));
  },

  ArrayExpression({ elements }) {
    const parts = elements.map((element) => compile(element));
    return ($) => parts.map((part) => part($));
  },

  BinaryExpression({ operator, left, right }) {
    const operate = BinaryOperators[operator];
    const [a, b] = [compile(left), compile(right)];
    return ($) => operate(a($), b($));
  },

  UnaryExpression({ operator, argument }) {
    const operate = UnaryOperators[operator];
    const operand = compile(argument);
    return ($) => operate(operand($));
  },

  ConditionalExpression({ test, consequent, alternate }) {
    const [condition, yes, no] = [test, consequent, alternate].map((part) => compile(part));
    return ($) => (condition($) ? yes($) : no($));
  },

  LogicalExpression({ operator, left, right }) {
    const [a, b] = [compile(left), compile(right)];
    return operator === '&&' ? ($) => a($) && b($) : ($) => a($) || b($);
  },

  ObjectExpression({ properties }) {
    const entries = properties.map(({ key, value }) => [key.type === 'Identifier' ? key.name : key.value, compile(value)]);
    return ($) => {
      const made = {};
      for (const [key, part] of entries) {
        const value = part($);
        if (DisallowedObjectProperties.has(String(key))) refused('property', key);
        else if (FORBIDDEN_VALUES.has(value)) refused('method', key);
        else made[key] = value;
      }
      return made;
    };
  },
};

function refused(kind, name) {
  console.error(`Prevented evaluation of ${kind} "${name}", which could lead to insecure code execution`);
}

const compile = (ast) => compilers[ast.type](ast);

const kept = new WeakMap(); // syntax tree -> closure: the panels of a facet share their expressions
function closure(ast) {
  if (!kept.has(ast)) kept.set(ast, compile(ast));
  return kept.get(ast);
}

/** What Vega's runtime asks of an evaluator; see `expressionInterpreter` in vega-interpreter. */
export const compiledExpressions = {
  operator({ functions: fn }, { ast }) {
    const evaluate = closure(ast);
    return (params) => evaluate({ fn, params });
  },

  parameter({ functions: fn }, { ast }) {
    const evaluate = closure(ast);
    return (datum, params) => evaluate({ fn, params, datum });
  },

  event({ functions: fn }, { ast }) {
    const evaluate = closure(ast);
    return (event) => evaluate({ fn, event });
  },

  handler({ functions: fn }, { ast }) {
    const evaluate = closure(ast);
    return (params, event) => evaluate({ fn, params, event, datum: event.item && event.item.datum });
  },

  encode({ functions: fn }, { marktype, channels }) {
    const evaluated = Object.entries(channels).map(([name, { ast }]) => [name, closure(ast)]);
    const swap = marktype === 'group' || marktype === 'image' || marktype === 'rect';
    return (item, params) => {
      const scope = { fn, params, datum: item.datum, item };
      let changed = 0;
      for (const [name, evaluate] of evaluated) {
        const value = evaluate(scope);
        if (item[name] === value) continue;
        item[name] = value;
        changed = 1;
      }
      if (marktype !== 'rule') adjustSpatial(item, channels, swap);
      return changed;
    };
  },
};
