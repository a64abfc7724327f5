// A copied link names the version of the site that it was copied from. Where the page is of another version now, it says so.
(function (ws) {
  "use strict";
  const KEY = "version";
  const VERSION = /^\d+\.\d+\.\d+(\+[0-9a-f]{8})?$/;
  const { version: current, errata } = document.documentElement.dataset;

  ws.version = {
    /** The query "?..." or "" with the version of this page. */
    addedTo(query) {
      const all = new URLSearchParams(query);
      all.set(KEY, current);
      return `?${all}`;
    },
    /** The query without a version: of another state, or another set, than the link was made for. */
    removedFrom(query) {
      const all = new URLSearchParams(query);
      all.delete(KEY);
      return all.toString() ? `?${all}` : "";
    },
  };

  /** Where the reader looks: in the figure or the claim that the link leads to, below its heading, or at the top. */
  function place(note) {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const inside = target && target.querySelector(".figure-body, .claim-text");
    if (inside) inside.prepend(note);
    else if (target && target.matches(".prose > :is(h2, h3)")) target.after(note);
    else document.querySelector("main").prepend(note);
  }

  const asked = new URLSearchParams(location.search).get(KEY);
  if (!current || asked === current || !VERSION.test(asked)) return;
  const note = ws.element("p", "other-version");
  note.setAttribute("role", "status");
  const link = ws.element("a", "", "Errata");
  link.href = errata;
  place(note);
  note.append(`This link was made with version ${asked} of the site. You see version ${current}: numbers may differ. `, link, " says what was corrected.");
})(window.WordSpaces);
