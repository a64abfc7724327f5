// What stands in for the parts of Vega and d3 that the bundle leaves out: whole packages, and single modules of Vega. Charts carry their
// data with them, draw no maps, have no axes of time, take their colours from the palette and are drawn on a canvas, so none of these is
// ever called. sitegen/vega_parts.py says so of every figure when it is built; if one is called all the same, the message says what is
// missing rather than failing somewhere inside Vega.
const leftOut = (what) => `() => { throw new Error(${JSON.stringify(`This Vega bundle has no ${what}: see runtime/stubs.mjs.`)}); }`;

const all = (value, ...names) => `const none = ${value}; export { ${names.map((name) => `none as ${name}`).join(', ')} };`;
const numbered = (word, names) => names.split(' ').map((name) => word + name);
const TIMES = ['timeFormat', 'timeFormatDefaultLocale', 'timeFormatLocale', 'timeParse', 'utcFormat', 'utcParse'];
const INTERVALS = 'Second Minute Hour Day Week Monday Month Year Ticks TickInterval';
const SCALES = 'Time Utc Sequential SequentialLog SequentialPow SequentialSqrt SequentialSymlog Diverging DivergingLog DivergingPow DivergingSqrt DivergingSymlog Quantile';

export const STUBS = {
  // packages
  'd3-dsv': all(leftOut('CSV reader'), 'dsvFormat'),
  'd3-geo': all(leftOut('maps'), 'geoArea', 'geoBounds', 'geoCentroid'),
  'd3-interpolate': "export { interpolate, interpolateNumber, interpolateRgb, interpolateRound, piecewise } from 'real:d3-interpolate';",
  'd3-scale': `
    export { scaleIdentity, scaleLinear, scaleLog, scaleOrdinal, scalePow, scaleQuantize, scaleSqrt, scaleSymlog, scaleThreshold } from 'real:d3-scale';
    export { scaleImplicit, tickFormat } from 'real:d3-scale';
    ${all(leftOut('scale of this type'), ...numbered('scale', SCALES))}`,
  'd3-time': all(leftOut('dates'), ...numbered('time', INTERVALS), ...numbered('utc', INTERVALS)),
  'd3-time-format': all(leftOut('dates'), ...TIMES),
  'd3-timer': all(leftOut('timers'), 'interval'),
  'topojson-client': all(leftOut('TopoJSON reader'), 'feature', 'mesh'),
  'vega-loader': `
    export { default as read } from 'real:vega-loader/src/read.js';
    export const loader = () => ({ load: ${leftOut('loader')}, sanitize: ${leftOut('links')} });
    export const responseType = ${leftOut('loader')};`,
  'vega-time': `
    ${all(leftOut('dates'), 'timeInterval', 'utcInterval')}
    ${numbered('', 'DATE DAY HOURS MILLISECONDS MINUTES MONTH QUARTER SECONDS WEEK YEAR').map((unit) => `export const ${unit} = '';`).join('')}`,

  // modules of a package
  'vega-scenegraph/src/modules.js': `
    import CanvasHandler from './CanvasHandler.js';
    import CanvasRenderer from './CanvasRenderer.js';
    import SVGStringRenderer from './SVGStringRenderer.js';
    export const RenderType = { Canvas: 'canvas', PNG: 'png', SVG: 'svg', None: 'none' };
    const canvas = { renderer: CanvasRenderer, headless: CanvasRenderer, handler: CanvasHandler };
    const modules = { canvas, png: canvas, svg: { headless: SVGStringRenderer }, none: {} };
    export const renderModule = (name) => modules[name];`,
  'vega-loader/src/formats/dsv.js': `export const delimitedFormat = () => ${leftOut('CSV reader')}; export default ${leftOut('CSV reader')};`,
  'vega-loader/src/formats/topojson.js': `export default ${leftOut('TopoJSON reader')};`,
  'vega-scale/src/palettes.js': 'export const discrete = {}; export const continuous = {};',
  'vega-scenegraph/src/marks/index.js': `
    ${numbered('', 'area group line path rect rule symbol text').map((mark) => `import ${mark} from './${mark}.js';`).join('')}
    export default { area, group, line, path, rect, rule, symbol, text };`,
  'vega-scenegraph/src/path/curves.js': `
    import { curveLinear, curveLinearClosed, curveMonotoneX, curveMonotoneY, curveStep, curveStepAfter, curveStepBefore } from 'd3-shape';
    const curves = {
      linear: curveLinear, 'linear-closed': curveLinearClosed, step: curveStep, 'step-after': curveStepAfter, 'step-before': curveStepBefore,
    };
    const monotone = { horizontal: curveMonotoneY, vertical: curveMonotoneX };
    export default (type, orientation) => (type === 'monotone' ? monotone[orientation || 'vertical'] : curves[type]);`,
  'vega-scenegraph/src/util/aria.js': 'export function ariaItemAttributes() {} export function ariaMarkAttributes() {}',
  'vega-transforms/src/TimeUnit.js': `export default ${leftOut('dates')};`,
  'vega-view/src/bind.js': `export default ${leftOut('inputs of its own')};`,
};

// Modules that another file of this folder stands in for.
export const REPLACED = { 'vega-functions/src/codegen.js': 'expression-functions.mjs' };

// Passages that go out of a file, are put shorter or do less: [pattern, what stands there instead]. One that is not found is an error.
export const EDITS = {
  'd3-color/dist/d3-color.mjs': [
    [/^define\((?:Lab|Hcl|Cubehelix), [^]*?^\}\)\);\n/gm, ''], // colours are mixed in RGB, and the palette's are hexadecimal
    [/^var named = \{[^]*?^\};/m, 'var named = {};'],
  ],
  'vega-scenegraph/src/path/shapes.js': [
    [/^const arcShape [^]*?\.cornerRadius\(cr\),/m, 'const'],
    [/,\s*trailShape [^]*?\.size\(ts\)/, ''],
  ],
  'vega-expression/src/parser.js': [
    // lists of all letters, 12 KB of them: the browser has its own
    [/(RegexNonAsciiIdentifierStart =) new RegExp\('.*?'\)/, '$1 /\\p{ID_Start}/u'],
    [/(RegexNonAsciiIdentifierPart =) new RegExp\('.*?'\)/, '$1 /\\p{ID_Continue}/u'],
    // Each expression is parsed once: axes and marks say the same few again and again, most of them a number or a colour. Nothing
    // changes a syntax tree.
    [
      'export default function(code) {',
      'const known = new Map();\nexport default (code) => known.get(code) ?? (known.set(code, parsed(code)), known.get(code));\nfunction parsed(code) {',
    ],
  ],
};
