// What needs a file may fail: then it says so where it belongs, and can be tried again.
(function (ws) {
  "use strict";

  /**
   * Run `action`; where it fails, say so at the end of `element`, with a button that tries again. Returns whether it worked.
   * Who pressed that button finds the focus on the element, or on the button that takes its place.
   */
  ws.attempt = async function (element, what, action) {
    element.querySelector(":scope > .failure")?.remove();
    try {
      await action();
      return true;
    } catch (error) {
      const box = ws.element("p", "failure", `${what} ${error.message} `);
      box.setAttribute("role", "alert");
      const again = ws.element("button", "", "Try again");
      again.type = "button";
      again.addEventListener("click", async () => {
        again.disabled = true;
        const worked = await ws.attempt(element, what, action);
        if (document.activeElement !== document.body) return;
        if (worked) element.tabIndex = -1;
        (worked ? element : element.querySelector(":scope > .failure button")).focus({ preventScroll: true });
      });
      box.append(again);
      element.querySelector(":scope > .failure")?.remove();
      element.append(box);
      return false;
    }
  };
})(window.WordSpaces);
