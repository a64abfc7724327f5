// Copy buttons of code listings.
(function (ws) {
  "use strict";
  ws.each("[data-copy]", (button) => {
    const said = button.textContent;
    const restore = ws.debounce(() => (button.textContent = said), 2000);
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => {
      ws.copy(document.getElementById(button.dataset.copy).innerText.trim() + "\n", button, "Copied");
      restore();
    });
  });
})(window.WordSpaces);
