// A picture without what does not show: a third of its bytes.
const TAG = /<[^<>]+>/g;
const IDLE_ATTRIBUTE = / (?:aria-[a-z]+|role|class|style|pointer-events|version|xmlns:xlink|stroke-miterlimit)="[^"]*"| opacity="1"/g;
const LONG_NUMBER = /(?<!\d)(\d+\.\d)\d+/g;
const NUMBERED_ID = /((?:\bid="|url\(#|href="#)[a-z_]+)(\d+)/g;
const IDLE_ELEMENT = /<path d="M0,0h0v0h0Z"\/>|<g><\/g>/g;

/**
 * The picture and its size in whole px.
 *
 * Its words for a screen reader go too: the page names the picture as a whole, and its table holds every number. Only tags are touched;
 * a label may hold anything, since Vega escapes what would end a tag. Ids are numbered from 1 in the order in which they stand, so that
 * a picture does not depend on which were drawn before it.
 */
export function tidySvg(svg) {
  const numbers = new Map();
  const numbered = (_, before, id) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
    return before + numbers.get(id);
  };
  const tidied = (tag) => tag.replace(IDLE_ATTRIBUTE, '').replace(LONG_NUMBER, '$1').replace(NUMBERED_ID, numbered);
  const side = (name) => Math.round(Number(new RegExp(`<svg[^>]*\\b${name}="([\\d.]+)"`).exec(svg)[1]));
  const size = { width: side('width'), height: side('height') };
  return { svg: svg.replace(TAG, tidied).replace(IDLE_ELEMENT, ''), ...size };
}
