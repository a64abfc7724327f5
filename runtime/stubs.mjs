// What stands in for the packages that the Vega bundle leaves out. Charts carry their data with them, draw no maps, have no axes of
// time and take their colours from the palette, so none of these is ever called; if one is, the message says what is missing rather
// than failing somewhere inside Vega. Only a named colour scheme has no message: Vega reads all of them when it starts, so those
// left out are there without colours.
const leftOut = (what) => `() => { throw new Error(${JSON.stringify(`This Vega bundle has no ${what}: see runtime/stubs.mjs.`)}); }`;

const all = (value, ...names) => `const none = ${value}; export { ${names.map((name) => `none as ${name}`).join(', ')} };`;
const SCHEMES = ['Accent', 'Category10', 'Dark2', 'Observable10', 'Paired', 'Pastel1', 'Pastel2', 'Set1', 'Set2', 'Set3'];
const TIMES = ['timeFormat', 'timeFormatDefaultLocale', 'timeFormatLocale', 'timeParse', 'utcFormat', 'utcParse'];

export const STUBS = {
  'd3-dsv': all(leftOut('CSV reader'), 'dsvFormat'),
  'd3-geo': all(leftOut('maps'), 'geoArea', 'geoBounds', 'geoCentroid'),
  'd3-scale-chromatic': all('[]', ...SCHEMES.map((name) => `scheme${name}`)),
  'd3-time-format': all(leftOut('dates'), ...TIMES),
  'topojson-client': all(leftOut('TopoJSON reader'), 'feature', 'mesh'),
};
