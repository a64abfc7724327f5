// A canvas that measures text and draws nothing, in the place of the package vega-canvas: Vega asks it, as it asks the browser's, how wide
// each label is. The widths are those of the page's own font (sitegen/font_widths.json), so that a picture that was drawn without a
// browser is laid out as the chart that takes its place.
//
// The font has no kerning, so a text is as wide as its characters together. For a character that the page's fonts do not have, a
// browser takes another font, which differs from machine to machine. Here it is as wide as its letter without the accent; if that is
// not in the font either: nothing for a mark that is set over or under another, 1 em for the scripts and pictures that fill a square,
// 0.65 em for all others.
const COMBINING = /^[\p{M}\p{Cf}]$/u;
const SQUARE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]$/u;
const NAMED_WEIGHTS = { normal: 400, bold: 700 };

let widths = { weights: [400], characters: {} };
const known = new Map(); // weight -> character -> width in ems

/** widths: {weights: [...], characters: character -> its width in ems at each of these weights}. */
export function measureWith(table) {
  widths = table;
  known.clear();
}

/** Width of a text in ems. */
function measure(text, weight) {
  let table = known.get(weight);
  if (!table) known.set(weight, (table = new Map()));
  let sum = 0;
  for (const character of text) {
    let width = table.get(character);
    if (width === undefined) table.set(character, (width = widthOf(character, weight)));
    sum += width;
  }
  return sum;
}

function widthOf(character, weight) {
  const own = widths.characters[character] ?? widths.characters[character.normalize('NFD')[0]];
  if (own) return atWeight(own, weight);
  if (COMBINING.test(character)) return 0;
  return SQUARE.test(character) ? 1 : 0.65;
}

/** The font is even between the weights at which it was measured; beyond its lightest and boldest it stays as it is. */
function atWeight(own, weight) {
  const { weights } = widths;
  if (weight <= weights[0]) return own[0];
  const next = weights.findIndex((measured) => measured >= weight);
  if (next < 0) return own.at(-1);
  const share = (weight - weights[next - 1]) / (weights[next] - weights[next - 1]);
  return own[next - 1] + share * (own[next] - own[next - 1]);
}

/** The weight and the size in px of a CSS font such as "italic 600 13px Figtree, sans-serif". */
function read(font) {
  const [, before, size] = /^(.*?)([\d.]+)px /.exec(font) ?? [null, '', '0'];
  const words = before.trim().split(' ');
  const weight = words.map((word) => NAMED_WEIGHTS[word] ?? Number(word)).find((found) => found >= 1);
  return { weight: weight ?? 400, size: Number(size) };
}

const context = {
  font: '10px sans-serif',
  measureText(text) {
    const { weight, size } = read(this.font);
    return { width: size * measure(text, weight) };
  },
};

export const canvas = () => ({ getContext: () => context });
export const domCanvas = () => null;
export const image = () => null;
