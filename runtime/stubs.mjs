// What stands in for the packages that the Vega bundle leaves out. Charts carry their data with them and draw no maps, so none
// of these is ever called; if one is, the message says what is missing rather than failing somewhere inside Vega.
const leftOut = (what) => `() => { throw new Error(${JSON.stringify(`This Vega bundle has no ${what}: see runtime/stubs.mjs.`)}); }`;

export const STUBS = {
  'd3-geo': `const none = ${leftOut('maps')}; export { none as geoArea, none as geoBounds, none as geoCentroid };`,
  'd3-dsv': `export const dsvFormat = ${leftOut('CSV reader')};`,
  'topojson-client': `const none = ${leftOut('TopoJSON reader')}; export { none as feature, none as mesh };`,
};
