// What the reader chose, kept in the address: ?<figure>.<control>=<value>#<figure>
(function (ws) {
  "use strict";
  const query = new URLSearchParams(ws.version.removedFrom(location.search)); // what is chosen now is chosen in this version

  function address(parameters, hash) {
    const text = parameters.toString();
    return location.pathname + (text ? `?${text}` : "") + hash;
  }

  const write = ws.debounce(() => {
    try {
      history.replaceState(history.state, "", address(query, location.hash));
    } catch {
      // pages opened from disk may not change their address; links copied from them still carry the state
    }
  }, 150);

  ws.state = {
    get: (key) => query.get(key),
    /** value null: forget the key */
    set(key, value) {
      if (value === null) query.delete(key);
      else query.set(key, value);
      write();
    },
    search: () => (query.toString() ? `?${query}` : ""),
    /** The part of the query that belongs to one figure: "?figure.control=value" or "". */
    ofFigure(name) {
      const own = new URLSearchParams([...query].filter(([key]) => key.startsWith(`${name}.`)));
      return own.toString() ? `?${own}` : "";
    },
  };
})(window.WordSpaces);
