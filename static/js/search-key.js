// The key "/" leads to the search, from any page, unless one is typing or has turned it off on the search page.
(function (ws) {
  "use strict";
  const KEY = "word-spaces-search-key";
  const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], [role=textbox]";

  ws.searchKey = {
    isOn() {
      try {
        return localStorage.getItem(KEY) !== "off";
      } catch {
        return true; // storage is off: there is nothing to remember a choice with
      }
    },
    turn(on) {
      try {
        if (on) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, "off");
      } catch {
        // see above
      }
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.(TYPING) || !ws.searchKey.isOn()) return;
    const field = document.querySelector("[data-search] [type=search]");
    const link = document.querySelector(".search-link");
    if (!field && !link) return;
    event.preventDefault();
    if (field) {
      field.focus();
      field.select();
    } else link.click();
  });
})(window.WordSpaces);
