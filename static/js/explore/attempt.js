// What needs a file may fail: then it says so where it belongs, and can be tried again.
(function (ws) {
  "use strict";

  /**
   * Run `action`; where it fails, say so at the end of `element`, with a button that tries again. Returns whether it worked.
   * again: what that button does, if it is more than the action. Who pressed it finds the focus on the element, or on the next button.
   */
  ws.attempt = async function (element, what, action, again = () => ws.attempt(element, what, action)) {
    element.querySelector(":scope > .failure")?.remove();
    try {
      await action();
      return true;
    } catch (error) {
      const box = ws.element("p", "failure", `${what} ${error.message} `);
      box.setAttribute("role", "alert");
      const button = ws.element("button", "", "Try again");
      button.type = "button";
      button.addEventListener("click", async () => {
        button.disabled = true;
        await again();
        if (document.activeElement !== document.body) return;
        const next = element.querySelector(":scope > .failure button");
        if (!next) element.tabIndex = -1;
        (next || element).focus({ preventScroll: true });
      });
      box.append(button);
      element.querySelector(":scope > .failure")?.remove();
      element.append(box);
      return false;
    }
  };
})(window.WordSpaces);
