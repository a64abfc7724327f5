// The switch between sets of models keeps what was chosen and the place on the page.
(function (ws) {
  "use strict";

  /** Id of the last heading or figure above the middle of the window, or "". */
  function place() {
    const marks = ws.all(".prose [id]:is(h2, h3, .figure), .explorer h2[id], .claim[id], .entry[id]");
    return marks.filter((mark) => !mark.hidden && mark.getBoundingClientRect().top < window.innerHeight / 2).pop()?.id || "";
  }

  ws.each("[data-keep-place]", (link) => {
    const target = link.getAttribute("href");
    link.addEventListener("click", () => {
      const id = window.scrollY > 200 ? place() : "";
      link.href = target + (ws.address ? ws.address.across() : ws.state.search()) + (id ? `#${id}` : "");
    });
  });
})(window.WordSpaces);
