// What the packages of the drawing bundle expect to find in any engine, and a bare V8 does not have. Charts have no timers: nothing
// here waits. Imported before everything else.
const nothing = () => {};

globalThis.self = globalThis;
globalThis.structuredClone ??= (value) => JSON.parse(JSON.stringify(value));
globalThis.setTimeout ??= nothing;
globalThis.setInterval ??= nothing;
globalThis.console ??= { debug: nothing, error: nothing, info: nothing, log: nothing, warn: nothing };
