// The state of an explorer, kept in the address. A step that a reader would want to go back from gets an entry of its own.
(function (ws) {
  "use strict";

  ws.address = {
    read: () => new URLSearchParams(ws.version.removedFrom(location.search)),

    /** The part that means the same in another set of models. An explorer whose does not all do so puts a function of its own here. */
    across: () => ws.version.removedFrom(location.search),

    /** values: name -> text, or null to forget it. step: a new entry in the history. */
    write(values, step = false) {
      const query = ws.address.read();
      for (const [name, value] of Object.entries(values)) {
        if (value === null) query.delete(name);
        else query.set(name, value);
      }
      const text = query.toString();
      const address = location.pathname + (text ? `?${text}` : "") + location.hash;
      if (address === location.pathname + location.search + location.hash) return;
      try {
        history[step ? "pushState" : "replaceState"](null, "", address);
      } catch {
        // a text too long for an address, or a page from disk: the page works, the link does not carry it
      }
    },
  };
})(window.WordSpaces);
