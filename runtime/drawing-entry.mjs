// Vega-Lite's compiler and the very Vega that the pages run, for the build (sitegen/drawing_engine.py): specifications in, what the
// page runs and its pictures out. One classic script with the global `WordSpacesDrawing` for a bare V8, without a document, files or a
// network. Values travel as JSON. Vega draws asynchronously: `begin` begins, and when the engine has come to rest, `answer` tells.
import './bare-engine.mjs';
import { compile } from 'vega-lite';
import { measureWith } from './measuring-canvas.mjs';
import { tidySvg } from './tidy-svg.mjs';
import { View, compiledExpressions, parse } from './vega-entry.mjs';

/** A logger that gives to `fail` what Vega would only write to the console: errors, and warnings that rows could not be loaded. */
function loggerTo(fail) {
  const silent = () => logger;
  const error = (...what) => {
    fail(new Error(what.map((part) => part?.message ?? part).join(' ')));
    return logger;
  };
  const warn = (...what) => (what.some((part) => part instanceof Error) ? error(...what) : logger);
  const logger = { level: silent, warn, info: silent, debug: silent, error };
  return logger;
}

function raise(error) {
  throw error;
}

/** Vega-Lite -> Vega. */
function compiled(vegaLite) {
  try {
    return compile(vegaLite, { logger: loggerTo(raise) }).spec;
  } catch (error) {
    throw new Error(`Vega-Lite cannot compile it: ${error.message}`); // some of its messages are the engine's, about its own code
  }
}

/** Vega -> its picture. Writes into the rows of the specification. */
async function picture(vega) {
  const failures = [];
  const fail = (error) => failures.push(error);
  const options = { expr: compiledExpressions, logger: loggerTo(fail), renderer: 'none' };
  const view = new View(parse(vega, null, { ast: true }), options);
  const svg = await view.toSVG().catch(fail);
  view.finalize();
  if (failures.length > 0) throw failures[0];
  return tidySvg(svg);
}

/**
 * The specifications without their rows, so that the drawings of two widths share one copy: {specs, datasets}, each as JSON.
 * A data entry {name: n, values: [...]} becomes {name: n, dataset: "d0"}.
 */
function withoutRows(specs) {
  const names = new Map(); // rows as JSON -> name
  const shared = (entry) => {
    const { values, ...rest } = entry;
    if (!Array.isArray(values) || values.length === 0) return entry;
    const rows = JSON.stringify(values);
    if (!names.has(rows)) names.set(rows, `d${names.size}`);
    return { ...rest, dataset: names.get(rows) };
  };
  const walked = (node) => {
    const found = { ...node };
    if (node.data) found.data = node.data.map(shared);
    if (node.marks) found.marks = node.marks.map(walked);
    return found;
  };
  const text = JSON.stringify(Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, walked(spec)])));
  const datasets = [...names].map(([rows, name]) => `${JSON.stringify(name)}:${rows}`);
  return { specs: text, datasets: `{${datasets.join(',')}}` };
}

/**
 * Layout -> Vega-Lite with its rows; gives {specs, datasets, pictures}: what the page runs, as JSON, and the picture of each layout; in the
 * place of pictures `failure`, what is wrong, if it compiles and cannot be drawn.
 * The page names a picture as a whole and its table holds every number: words for each mark would only be computed and lost.
 */
async function figure(layouts) {
  const specs = {};
  for (const [layout, spec] of Object.entries(layouts)) specs[layout] = compiled({ ...spec, config: { ...spec.config, aria: false } });
  const made = withoutRows(specs); // before drawing, which writes into the rows
  const pictures = {};
  try {
    for (const [layout, spec] of Object.entries(specs)) pictures[layout] = await picture(spec);
  } catch (error) {
    return { ...made, failure: error.message };
  }
  return { ...made, pictures };
}

const TASKS = { compile: compiled, draw: picture, figure };
let told = null;

/** Begin a task of TASKS. given: what it needs, as JSON. */
function begin(task, given) {
  told = null;
  const done = async () => TASKS[task](JSON.parse(given));
  done().then(
    (result) => { told = { result }; },
    (error) => { told = { error: String(error?.message ?? error) }; },
  );
}

/** {result} or {error} of what was begun last, as JSON; null while it is not done. */
function answer() {
  return JSON.stringify(told);
}

export { answer, begin, measureWith };
