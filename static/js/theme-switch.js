// The three buttons that choose the theme.
(function (ws) {
  "use strict";
  const buttons = ws.all("[data-theme-choice]");

  function show() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === ws.theme.choice));
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      ws.theme.choose(button.dataset.themeChoice);
      show();
    });
  }
  show();
})(window.WordSpaces);
