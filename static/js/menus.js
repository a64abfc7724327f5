// Menus are <details>: one open at a time; Escape, a click elsewhere and leaving by keyboard close them.
(function (ws) {
  "use strict";

  function closeAll(except) {
    ws.each("details.menu[open]", (menu) => menu !== except && (menu.open = false));
  }

  document.addEventListener("click", (event) => closeAll(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => closeAll(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})(window.WordSpaces);
