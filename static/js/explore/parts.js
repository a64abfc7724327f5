// What every explorer begins with, and what several draw with.
(function (ws) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  ws.parts = {
    /**
     * The settings of the explorer that `root` holds; null where the page was opened from a folder, which its notice then says.
     * instead: what a web server would make possible.
     */
    begin(root, instead) {
      const settings = JSON.parse(root.dataset.settings);
      ws.files.from(settings.data, settings.beside);
      if (location.protocol !== "file:") return settings;
      const notice = root.querySelector("[data-notice]");
      notice.textContent = `This page was opened from a folder. There a browser does not let a page fetch its data, so it shows one fixed example. Served by any web server, ${instead}.`;
      notice.hidden = false;
      ws.all("[data-live]", root).forEach((live) => (live.hidden = true));
      return null;
    },

    svg(tag, attributes = {}, text = "") {
      const made = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.textContent = text;
      return made;
    },

    /** Give a canvas a size in px; what draws on it, in px, as finely as the screen shows. */
    pen(canvas, width, height) {
      const ratio = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      return pen;
    },

    /** A colour of the theme, as the element has it. */
    colour: (element, name) => getComputedStyle(element).getPropertyValue(`--${name}`).trim(),

    /** A box in which a wide table scrolls, for the keyboard, too. */
    scrolling(table, label) {
      const box = ws.element("div", "table-scroll");
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", label);
      box.append(table);
      return box;
    },
  };
})(window.WordSpaces);
