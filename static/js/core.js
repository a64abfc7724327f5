// What every module uses: find elements, start when the page is ready, show an error where it happened, copy, download.
(function (ws) {
  "use strict";

  ws.all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  ws.element = function (tag, className = "", text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  };

  // Scripts are deferred, so the document is complete when this runs.
  ws.each = (selector, start) => ws.all(selector).forEach(start);

  /** Take back what `ws.fail` said about an element. */
  ws.succeed = function (element) {
    if (element.nextElementSibling?.matches(".failure")) element.nextElementSibling.remove();
  };

  /** Say below an element that it failed, then throw the error on for the console. */
  ws.fail = function (element, what, error) {
    ws.succeed(element);
    const message = ws.element("p", "failure", `${what} ${error.message || error}`);
    message.setAttribute("role", "alert");
    element.after(message);
    throw error;
  };

  /** Let the browser answer the reader between two pieces of long work. */
  ws.breath = () => new Promise((resolve) => setTimeout(resolve));

  /** A number with so many decimals, with a real minus sign; what rounds to zero carries none. */
  ws.fixed = (value, decimals) => value.toFixed(decimals).replace(/^-(?=[0.]*$)/, "").replace("-", "−");

  ws.debounce = function (call, milliseconds) {
    let timer;
    return (...values) => {
      clearTimeout(timer);
      timer = setTimeout(() => call(...values), milliseconds);
    };
  };

  /** Copy text and say so in `status`; where the browser refuses, the text is put there to be copied by hand. */
  ws.copy = async function (text, status, done = "Copied.") {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = ws.element("textarea", "visually-hidden");
      area.value = text;
      status.after(area);
      area.select();
      const copied = document.execCommand("copy");
      area.remove();
      if (!copied) {
        status.textContent = text;
        return;
      }
    }
    status.textContent = done;
  };

  ws.download = function (url, name) {
    const link = ws.element("a");
    link.href = url;
    link.download = name;
    link.click();
  };
})((window.WordSpaces = window.WordSpaces || {}));
