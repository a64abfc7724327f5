// The data files of the set: fetched when asked for, once, and unpacked. A failed fetch is forgotten, so that a retry really tries.
(function (ws) {
  "use strict";
  const VIEWS = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int8: Int8Array, int16: Int16Array, int32: Int32Array };
  const kept = new Map(); // address -> promise
  const GONE = 404; // what a page fetches has an address of its content: the site was rebuilt, and this page is of the earlier build
  let folder = "";
  let folderBeside = "";

  // Base 85 of RFC 1924, as Python's b85encode writes it: five characters are four bytes, the first the highest digit.
  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  const DIGIT = new Uint8Array(128);
  for (let n = 0; n < 85; n++) DIGIT[ALPHABET.charCodeAt(n)] = n;

  function bytesOf(text) {
    const spare = (5 - (text.length % 5)) % 5; // a last group that is short counts as filled with the highest digit
    const bytes = new Uint8Array(((text.length + spare) / 5) * 4);
    const view = new DataView(bytes.buffer);
    for (let at = 0, to = 0; at < text.length; at += 5, to += 4) {
      let value = 0;
      for (let n = 0; n < 5; n++) value = value * 85 + (at + n < text.length ? DIGIT[text.charCodeAt(at + n)] : 84);
      view.setUint32(to, value);
    }
    return bytes.subarray(0, bytes.length - spare);
  }

  async function read(address) {
    let answer;
    try {
      answer = await fetch(address);
    } catch {
      throw new Error("The file could not be fetched: is there a connection?");
    }
    if (answer.status === GONE) throw new Error("The file is gone: the site was rebuilt since this page was opened. Load the page again.");
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    const content = await answer.json();
    return content.data ?? content; // a shard has no envelope
  }

  ws.files = {
    /** The folders of the set's data and of what the page has beside them, with a slash at their ends. */
    from(data, beside) {
      folder = data;
      folderBeside = beside;
    },

    /** A file of the set's data, or one that the page has beside them. */
    json(name, { beside = false } = {}) {
      const address = (beside ? folderBeside : folder) + name;
      if (!kept.has(address)) {
        const coming = read(address);
        coming.catch(() => kept.delete(address));
        kept.set(address, coming);
      }
      return kept.get(address);
    },

    /** A shard by its number. */
    numbered: (artefact, number) => ws.files.json(`${artefact}/${String(number).padStart(4, "0")}.json`),

    /** The shard that holds an item, and the item's row in it. */
    async shard(artefact, item, itemsInShard) {
      return [await ws.files.numbered(artefact, Math.floor(item / itemsInShard)), item % itemsInShard];
    },

    /** The bytes of a text that `artefacts.packing.deflated` made. */
    async inflated(text) {
      if (!self.DecompressionStream) throw new Error("This browser is too old to unpack it: update it, or use another.");
      const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    },

    /** A PackedArray as a typed array; rows lie one after the other. */
    unpack(packed) {
      const text = atob(packed.base64);
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      return new VIEWS[packed.dtype](bytes.buffer);
    },

    /** A DeflatedArray in the same way. */
    async unpackDeflated({ dtype, deflated }) {
      return new VIEWS[dtype]((await ws.files.inflated(deflated)).buffer);
    },

    /** One row of a PackedArray of two or more dimensions. */
    row(packed, row) {
      const width = packed.shape.slice(1).reduce((product, size) => product * size, 1);
      return ws.files.unpack(packed).subarray(row * width, (row + 1) * width);
    },
  };
})(window.WordSpaces);
