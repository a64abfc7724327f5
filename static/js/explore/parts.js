// What every explorer begins with, and what several draw with.
(function (ws) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  let cursors = 0;

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

    /**
     * Make a picture in which arrow keys move a cursor a list box whose chosen option is the place under the cursor. A screen reader then
     * hands the keys to the page, and reads each place once; a picture as such keeps it reading the page, and the keys are never heard of.
     * There are two options that take turns: what does not change is not read.
     * nothing: what is read before there is a cursor. Returns tell(words), where no words are nothing.
     */
    cursor(picture, nothing) {
      const own = ++cursors;
      const options = [0, 1].map((n) => {
        const option = picture instanceof SVGElement ? ws.parts.svg("text", { fill: "none" }) : ws.element("span");
        option.id = `cursor-${own}-${n}`;
        option.setAttribute("role", "option");
        return option;
      });
      let turn = 0;
      const change = (words) => {
        turn = 1 - turn;
        options[turn].textContent = words;
        options.forEach((option, n) => option.setAttribute("aria-selected", String(n === turn)));
        picture.setAttribute("aria-activedescendant", options[turn].id);
      };
      /** Read at once where the picture has the focus; else kept for whoever comes. */
      const tell = (words) => {
        if (document.activeElement === picture) change(words || nothing);
        else options[turn].textContent = words || nothing;
      };
      for (const option of options) Object.assign(option, { textContent: nothing }).setAttribute("aria-selected", "false");
      picture.append(...options);
      picture.setAttribute("role", "listbox");
      picture.addEventListener("focus", () => change(options[turn].textContent));
      picture.addEventListener("blur", () => picture.removeAttribute("aria-activedescendant"));
      return tell;
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
