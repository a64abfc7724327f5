// Table of contents: open where it has a column of its own; the section being read is marked.
(function (ws) {
  "use strict";
  const box = document.querySelector(".toc details");
  if (!box) return;
  const column = window.matchMedia("(min-width: 1300px)");
  const links = new Map(ws.all("a", box).map((link) => [link.getAttribute("href").slice(1), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);

  function place() {
    box.open = column.matches;
  }

  function mark() {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < window.innerHeight / 3);
    const current = passed.length ? links.get(passed[passed.length - 1].id) : null;
    for (const link of links.values()) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  let waiting = false;
  addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    },
    { passive: true },
  );
  column.addEventListener("change", place);
  place();
  mark();
})(window.WordSpaces);
