// Light or dark: applied in <head>, before anything is painted. "system" follows the operating system.
(function () {
  "use strict";
  const KEY = "word-spaces-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const ws = (window.WordSpaces = window.WordSpaces || {});

  function remembered() {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system"; // storage is off: the choice lasts as long as the page
    }
  }

  function apply(choice) {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
  }

  function announce() {
    document.dispatchEvent(new CustomEvent("wordspaces:theme"));
  }

  ws.theme = {
    choice: remembered(),
    isDark: () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches),
    /** @param {"system"|"light"|"dark"} choice */
    choose(choice) {
      ws.theme.choice = choice;
      apply(choice);
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // see above
      }
      announce();
    },
  };

  // On a page that opens at a chart its library is fetched now. The style sheets above are in by then: nothing that paints waits.
  const asked = location.hash.slice(1);
  if ("opensAtChart" in root.dataset || (asked && root.dataset.charts?.split(" ").includes(asked))) {
    const early = document.createElement("link");
    Object.assign(early, { rel: "preload", as: "script", href: root.dataset.vega, fetchPriority: "low" });
    document.head.append(early);
  }

  root.classList.add("js");
  apply(ws.theme.choice);
  system.addEventListener("change", () => ws.theme.choice === "system" && announce());
})();
