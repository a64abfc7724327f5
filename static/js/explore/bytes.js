// The alphabet of byte-level BPE.
(function (ws) {
  "use strict";

  /** The printable character that byte-level BPE writes for each byte (Radford et al. 2019). */
  const CHARACTER_OF_BYTE = (() => {
    const made = [];
    let shifted = 0x100;
    for (let byte = 0; byte < 256; byte++) {
      const plain = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
      made.push(String.fromCharCode(plain ? byte : shifted++));
    }
    return made;
  })();
  const BYTE_OF_CHARACTER = new Map(CHARACTER_OF_BYTE.map((character, byte) => [character, byte]));

  ws.bytes = { CHARACTER_OF_BYTE, BYTE_OF_CHARACTER };
})(window.WordSpaces);
