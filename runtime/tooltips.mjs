// What a chart says of the mark that is pointed at, in a box of its own that static/css/tooltip.css styles. vega-tooltip does the same and
// much that is not used here: it takes markup, reads fields called `image` and `title` as pictures and headings, and brings its own styles.
const ID = 'vg-tooltip-element';
const GAP = 10; // px between the pointer and the box

const told = (value) => (value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value));

function box() {
  let element = document.getElementById(ID);
  if (!element) {
    element = document.createElement('div');
    element.id = ID;
    document.body.append(element);
  }
  return element;
}

/** Fields and their values as rows, anything else as a text. */
function content(value) {
  if (typeof value !== 'object' || Array.isArray(value)) return told(value);
  const table = document.createElement('table');
  for (const [key, part] of Object.entries(value)) {
    if (part === undefined) continue;
    const row = table.insertRow();
    for (const [name, text] of [['key', key], ['value', told(part)]]) {
      const cell = row.insertCell();
      cell.className = name;
      cell.textContent = text;
    }
  }
  return table;
}

/** Beside the pointer, to the right and below if the window has room there. */
function place(element, { clientX, clientY }) {
  const { width, height } = element.getBoundingClientRect();
  const [right, below] = [clientX + GAP, clientY + GAP];
  element.style.left = `${right + width <= innerWidth ? right : clientX - GAP - width}px`;
  element.style.top = `${below + height <= innerHeight ? below : clientY - GAP - height}px`;
}

/** A tooltip handler as Vega's View takes it; no value hides the box. */
export function tooltip(handler, event, item, value) {
  const element = box();
  const shown = value != null && value !== '';
  element.classList.toggle('visible', shown);
  if (!shown) return;
  element.replaceChildren(content(value));
  place(element, event);
}
