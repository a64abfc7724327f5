// What the packages of the drawing bundle expect to find in any engine, and a bare V8 does not have. Charts have no timers: nothing
// here waits. Imported before everything else.
const nothing = () => {};

/** A copy of plain values, arrays, sets and maps: what Vega-Lite copies. */
function clone(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(clone);
  if (value instanceof Set) return new Set([...value].map(clone));
  if (value instanceof Map) return new Map([...value].map(clone));
  const copy = {};
  for (const key of Object.keys(value)) copy[key] = clone(value[key]);
  return copy;
}

globalThis.self = globalThis;
globalThis.structuredClone ??= clone;
globalThis.setTimeout ??= nothing;
globalThis.setInterval ??= nothing;
globalThis.console ??= { debug: nothing, error: nothing, info: nothing, log: nothing, warn: nothing };
