// The categories and their words: a word is moved by dragging, by the buttons that open beneath it, or by keys.
(function (ws) {
  "use strict";
  const FAR = 6; // px a pointer moves before it drags
  const HOLD = 300; // ms a finger rests before it drags: a quick swipe scrolls the page

  /**
   * box: where the categories are drawn. page: {groups(), word(id), change(groups, what), most}.
   * Words are ids; `change` is given new groups and a sentence that says what was done.
   */
  ws.labBoard = function (box, page) {
    let opened = null; // the word whose buttons are shown

    const copy = () => page.groups().map(({ name, words }) => ({ name, words: [...words] }));
    const shownName = (group, n) => group.name || `category ${n + 1}`;

    function draw() {
      opened = null;
      box.replaceChildren(...page.groups().map(drawnGroup));
    }

    function drawnGroup(group, n) {
      const section = ws.element("section", "board-group");
      section.dataset.group = n;
      section.setAttribute("aria-label", `${shownName(group, n)}, ${group.words.length} ${group.words.length === 1 ? "word" : "words"}`);
      const head = ws.element("div", "board-head");
      const name = ws.element("input", "board-name");
      Object.assign(name, { type: "text", value: group.name, maxLength: 40, autocomplete: "off", placeholder: `category ${n + 1}` });
      name.setAttribute("aria-label", `Name of category ${n + 1}`);
      name.addEventListener("change", () => {
        const groups = copy();
        groups[n].name = name.value.trim();
        page.change(groups, `Category ${n + 1} is now called ${shownName(groups[n], n)}.`);
      });
      const remove = ws.element("button", "quiet board-remove", "Remove");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${shownName(group, n)} and its words`);
      remove.addEventListener("click", () => {
        page.change(copy().filter((_, at) => at !== n), `${shownName(group, n)} was removed. Your browser’s Back button undoes it.`);
        (box.querySelector(".board-name") || box.parentElement.querySelector("[data-add-group]")).focus();
      });
      head.append(name, ws.element("span", "board-count", String(group.words.length)), remove);
      const list = ws.element("ul", "board-words");
      list.append(...group.words.map((id) => drawnWord(id, n)));
      section.append(head, list);
      if (!group.words.length) section.append(ws.element("p", "board-empty", "Drag words here, or add some above."));
      return section;
    }

    function drawnWord(id, n) {
      const item = ws.element("li");
      const button = ws.element("button", "board-word", page.word(id));
      button.type = "button";
      button.translate = false;
      button.dataset.word = id;
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => {
        if (justDragged) return;
        if (opened === id) close(true);
        else open(item, button, id, n);
      });
      item.append(button);
      return item;
    }

    function close(focus = false) {
      const panel = box.querySelector(".board-panel");
      if (!panel) return;
      const button = panel.previousElementSibling;
      panel.remove();
      button.setAttribute("aria-expanded", "false");
      opened = null;
      if (focus) button.focus();
    }

    /** The buttons of a word: where it can go. */
    function open(item, button, id, from) {
      close();
      opened = id;
      button.setAttribute("aria-expanded", "true");
      const panel = ws.element("div", "board-panel");
      panel.setAttribute("role", "group");
      panel.setAttribute("aria-label", `${page.word(id)}: move or remove`);
      const add = (text, call, label) => {
        const made = ws.element("button", "", text);
        made.type = "button";
        if (label) made.setAttribute("aria-label", label);
        made.addEventListener("click", call);
        panel.append(made);
      };
      panel.append(ws.element("span", "label", "Move to"));
      page.groups().forEach((group, n) => n !== from && add(shownName(group, n), () => move(id, n), `Move to ${shownName(group, n)}`));
      add("a new category", () => move(id, page.groups().length));
      add("Remove the word", () => remove(id));
      panel.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close(true);
      });
      item.append(panel);
      const { left } = item.getBoundingClientRect();
      const room = document.documentElement.clientWidth - 8 - panel.offsetWidth;
      panel.style.left = `${Math.max(8 - left, Math.min(0, room - left))}px`; // inside the window
      panel.querySelector("button").focus();
    }

    function without(groups, id) {
      for (const group of groups) group.words = group.words.filter((word) => word !== id);
      return groups;
    }

    function move(id, to) {
      const groups = without(copy(), id);
      if (to === groups.length) groups.push({ name: "", words: [] });
      groups[to].words.push(id);
      page.change(groups, `${page.word(id)} is now in ${shownName(groups[to], to)}.`);
      box.querySelector(`[data-word="${id}"]`)?.focus();
    }

    function remove(id) {
      const buttons = ws.all(".board-word", box);
      const at = buttons.findIndex((button) => Number(button.dataset.word) === id);
      const next = (buttons[at + 1] || buttons[at - 1])?.dataset.word;
      page.change(without(copy(), id), `${page.word(id)} was removed. Your browser’s Back button undoes it.`);
      (box.querySelector(`[data-word="${next}"]`) || box.querySelector(".board-name"))?.focus();
    }

    box.addEventListener("keydown", (event) => {
      const button = event.target.closest(".board-word");
      if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
      const id = Number(button.dataset.word);
      const buttons = ws.all(".board-word", box);
      const at = buttons.indexOf(button);
      const steps = { ArrowLeft: -1, ArrowRight: 1 };
      if (event.key === "Delete" || event.key === "Backspace") remove(id);
      else if (event.key === "Escape") close(true);
      else if (steps[event.key]) buttons[at + steps[event.key]]?.focus();
      else return;
      event.preventDefault();
    });

    // --- dragging ---

    let justDragged = false;
    let drag = null; // {id, button, x, y, ghost, touch, timer}

    const groupAt = (x, y) => document.elementFromPoint(x, y)?.closest("[data-group], [data-add-group]");

    function begin(x, y) {
      close();
      drag.ghost = ws.element("span", "board-ghost", page.word(drag.id));
      drag.ghost.setAttribute("aria-hidden", "true");
      document.body.append(drag.ghost);
      drag.button.classList.add("dragged");
      follow(x, y);
    }

    function follow(x, y) {
      drag.ghost.style.transform = `translate(${x}px, ${y}px)`;
      const over = groupAt(x, y);
      for (const element of ws.all(".over", box.parentElement)) element.classList.toggle("over", element === over);
      over?.classList.add("over");
      const edge = 56; // px from the edge of the window where it scrolls along
      if (y < edge) scrollBy(0, -14);
      else if (y > innerHeight - edge) scrollBy(0, 14);
    }

    function end(event, dropped) {
      if (!drag) return;
      const { id, ghost, button, timer } = drag;
      clearTimeout(timer);
      drag = null;
      if (!ghost) return;
      ghost.remove();
      button.classList.remove("dragged");
      for (const element of ws.all(".over", box.parentElement)) element.classList.remove("over");
      const over = dropped && groupAt(event.clientX, event.clientY);
      justDragged = true; // the click that follows opens nothing
      setTimeout(() => (justDragged = false));
      if (!over) return;
      const to = over.dataset.group === undefined ? page.groups().length : Number(over.dataset.group);
      if (!page.groups()[to]?.words.includes(id)) move(id, to);
    }

    box.addEventListener("pointerdown", (event) => {
      const button = event.target.closest(".board-word");
      if (!button || event.button !== 0 || drag) return;
      const touch = event.pointerType === "touch";
      drag = { id: Number(button.dataset.word), button, x: event.clientX, y: event.clientY, touch };
      if (touch) drag.timer = setTimeout(() => drag && begin(drag.x, drag.y), HOLD);
    });
    addEventListener("pointermove", (event) => {
      if (!drag) return;
      if (drag.ghost) return follow(event.clientX, event.clientY);
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return undefined;
      if (drag.touch) return end(event, false); // a swipe
      return begin(event.clientX, event.clientY);
    });
    addEventListener("pointerup", (event) => end(event, true));
    addEventListener("pointercancel", (event) => end(event, false));
    box.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
    box.addEventListener("contextmenu", (event) => drag?.touch && event.preventDefault());
    addEventListener("keydown", (event) => event.key === "Escape" && end(event, false));
    document.addEventListener("pointerdown", (event) => opened !== null && !event.target.closest(".board-panel, .board-word") && close());

    return { draw };
  };
})(window.WordSpaces);
