// A field that offers what it finds, as the ARIA guide has it: arrows go through the offers, Enter takes one, Escape closes the list.
(function (ws) {
  "use strict";
  const PAUSE = 700; // ms without a key

  /**
   * box: holds the field and the list. take(offered): called for what is chosen. Returns close(), offer(values, fill), which lists the
   * values, fill(option, value) putting the words into a list entry, and say(words), for those who hear the page: they are told when the
   * typing pauses, because a screen reader drops what is said while keys are pressed.
   */
  ws.combobox = function (box, take) {
    const input = box.querySelector("input");
    const list = box.querySelector("[role=listbox]");
    const spoken = ws.element("p", "visually-hidden");
    spoken.setAttribute("role", "status");
    box.append(spoken);
    const later = ws.debounce((words) => (spoken.textContent = words), PAUSE);
    const say = (words) => {
      spoken.textContent = ""; // so that the same words are said again
      later(words);
    };
    let offered = [];
    let active = -1;

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    }

    function activate(place) {
      active = (place + offered.length) % offered.length;
      ws.all("[role=option]", list).forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    }

    function choose(value) {
      close();
      input.value = "";
      take(value);
    }

    function offer(values, fill) {
      offered = values;
      list.replaceChildren(
        ...values.map((value, n) => {
          const option = ws.element("li");
          option.id = `${list.id}-option-${n}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          fill(option, value);
          option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
          option.addEventListener("click", () => choose(value));
          return option;
        }),
      );
      list.hidden = !values.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      active = -1;
    }

    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (list.hidden || !offered.length) return;
      if (event.key === "ArrowDown") activate(active + 1);
      else if (event.key === "ArrowUp") activate(active < 0 ? offered.length - 1 : active - 1);
      else if (event.key === "Enter") choose(offered[Math.max(active, 0)]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => setTimeout(close, 120));
    return { close, offer, say };
  };
})(window.WordSpaces);
