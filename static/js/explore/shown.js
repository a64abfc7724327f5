// What a token stands for and how it is shown, as `artefacts.tokens` and `sitegen.token_chip` do it.
(function (ws) {
  "use strict";
  const SPOKEN = { space: "space", continuation: "continues a word", control: "control character", byte: "byte" };
  const HIDDEN = /^[\p{C}\p{Z}\u115f\u1160\u2800\u3164\uffa0]$/u;
  const JOINING = /^[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]$/u;

  const PLAIN = /^\u0120?[!-~]*$/; // a byte-level token that says itself, but for its space
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  const withoutMark = (raw, kind) => (kind === "wordpiece" && raw.length > 2 && raw.startsWith("##") ? raw.slice(2) : raw);

  function bytesOf(raw, kind) {
    if (kind === "byte_level_bpe") {
      const bytes = Array.from(raw, (character) => ws.bytes.BYTE_OF_CHARACTER.get(character));
      if (!bytes.includes(undefined)) return Uint8Array.from(bytes);
    }
    return encoder.encode(withoutMark(raw, kind));
  }

  /** The text of a token; bytes that are no valid UTF-8 become U+FFFD. Short ways first: a search asks for all tokens. */
  function text(raw, kind) {
    if (kind !== "byte_level_bpe") return withoutMark(raw, kind);
    if (PLAIN.test(raw)) return raw.replace("\u0120", " ");
    return decoder.decode(bytesOf(raw, kind));
  }

  /** How many bytes the well-formed UTF-8 sequence at `at` has; 0 if there is none. */
  function sequence(bytes, at) {
    const first = bytes[at];
    if (first < 0x80) return 1;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
    const low = { 0xe0: 0xa0, 0xf0: 0x90 }[first] ?? 0x80;
    const high = { 0xed: 0x9f, 0xf4: 0x8f }[first] ?? 0xbf;
    if (bytes[at + 1] < low || bytes[at + 1] > high) return 0;
    for (let n = 2; n < length; n++) if ((bytes[at + n] & 0xc0) !== 0x80) return 0;
    return length;
  }

  /** Characters where the bytes are valid UTF-8, numbers where they are not. */
  function decoded(bytes) {
    const found = [];
    for (let at = 0; at < bytes.length; ) {
      const length = sequence(bytes, at);
      found.push(length ? decoder.decode(bytes.subarray(at, at + length)) : bytes[at]);
      at += length || 1;
    }
    return found;
  }

  /** [{mark, shown}]: never empty; `shown` has printable characters only. */
  function parts(raw, kind) {
    const found = [];
    const add = (mark, shown) => {
      const last = found[found.length - 1];
      if (mark === "text" && last?.mark === "text") last.shown += shown;
      else found.push({ mark, shown });
    };
    if (kind === "wordpiece" && raw.length > 2 && raw.startsWith("##")) add("continuation", "##");
    for (const piece of decoded(bytesOf(raw, kind))) {
      if (typeof piece === "number") add("byte", piece.toString(16).toUpperCase().padStart(2, "0"));
      else if (piece === " ") add("space", "␣");
      else if (HIDDEN.test(piece)) add("control", `U+${piece.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
      else if (JOINING.test(piece) && found[found.length - 1]?.mark !== "text") add("text", `◌${piece}`);
      else add("text", piece);
    }
    return found.length ? found : [{ mark: "control", shown: "empty" }];
  }

  ws.shown = {
    parts,
    text,
    /** One plain string in which every oddity can be seen. */
    plain: (raw, kind) => parts(raw, kind).map(({ mark, shown }) => (mark === "control" || mark === "byte" ? `⟨${shown}⟩` : shown)).join(""),
    chip(raw, kind, role) {
      const chip = ws.element("span", role ? `token role-${role}` : "token");
      chip.dir = "ltr"; // a right-to-left token must not reorder its neighbours
      chip.translate = false;
      for (const { mark, shown } of parts(raw, kind)) {
        const part = ws.element("span", `token-${mark}`, shown);
        if (SPOKEN[mark]) part.title = SPOKEN[mark];
        chip.append(part);
      }
      return chip;
    },
  };
})(window.WordSpaces);
