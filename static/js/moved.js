// Links to what has moved lead on: from the page that stands for it, or from the line that stands for a part of a page.
(function () {
  "use strict";

  function leadOn(link) {
    const target = new URL(link.href);
    const query = new URLSearchParams(location.search);
    const [before, now] = [location.hash.slice(1), target.hash.slice(1)];
    for (const [key, value] of [...query]) {
      if (!before || !now || !key.startsWith(`${before}.`)) continue; // the state of a figure goes by the figure's name
      query.delete(key);
      query.set(`${now}${key.slice(before.length)}`, value);
    }
    target.search = query.toString();
    target.hash = target.hash || location.hash;
    location.replace(target.href);
  }

  function follow() {
    const part = document.getElementById(location.hash.slice(1)); // :target is not set yet when this runs first
    const link = document.querySelector("[data-moved-page]") || (part?.matches(".moved") && part.querySelector("a"));
    if (link) leadOn(link);
  }
  addEventListener("hashchange", follow);
  follow();
})();
