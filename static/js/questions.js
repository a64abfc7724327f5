// Questions: commit to a guess, then see the answer. The figure that a question reveals is veiled until then.
(function (ws) {
  "use strict";
  const NONE = ""; // remembered when the reader asked to see it without guessing

  const memory = {
    key: (id) => `${location.pathname}?${id}`,
    read(id) {
      try {
        return sessionStorage.getItem(memory.key(id));
      } catch {
        return null;
      }
    },
    write(id, guess) {
      try {
        sessionStorage.setItem(memory.key(id), guess);
      } catch {
        // not remembered, then
      }
    },
  };

  const fold = (word) => word.trim().normalize("NFKC").toLowerCase();

  function sentence(parts) {
    const paragraph = ws.element("p");
    for (const [text, strong] of parts) paragraph.append(strong ? ws.element("strong", "", text) : text);
    return paragraph;
  }

  /** What is said about a guess, one function a kind; each returns elements. */
  const outcomes = {
    choice(question, guess) {
      const labels = ws.all(".question-options span", question).map((label) => label.textContent);
      const right = guess === question.dataset.answer;
      return [sentence(right ? [["You chose “"], [labels[guess], true], ["”. Right."]] : [["You chose “"], [labels[guess], true], ["”. Not so."]])];
    },
    word(question, guess) {
      const accepted = [question.dataset.answer, ...JSON.parse(question.dataset.accept || "[]")].map(fold);
      const right = accepted.includes(fold(guess));
      if (right) return [sentence([["You wrote “"], [guess, true], ["”. Right."]])];
      return [sentence([["You wrote “"], [guess, true], ["”. It is “"], [question.dataset.answer, true], ["”."]])];
    },
    slider(question, guess) {
      const input = question.querySelector("input[type=range]");
      const decimals = (input.step.split(".")[1] || "").length;
      const show = (value) => value.toFixed(decimals) + input.dataset.unit;
      const truth = Number(question.dataset.answer);
      const error = Number(Math.abs(guess - truth).toFixed(decimals));
      const apart = input.dataset.unit === "%" ? `${error} points` : show(error); // 9 points, not 9 per cent, below 29%
      const verdict = error ? `${apart} too ${guess > truth ? "high" : "low"}.` : "Right.";
      const text = sentence([["You said "], [show(Number(guess)), true], [". It is "], [show(truth), true], [`. ${verdict}`]]);
      return [text, scale(input, Number(guess), truth, show)];
    },
  };

  /** The slider's range with two marks, the guess above it and the truth below. */
  function scale(input, guess, truth, show) {
    const [low, high] = [Number(input.min), Number(input.max)];
    const place = (value) => (100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
    const bet = ws.element("div", "bet");
    bet.setAttribute("aria-hidden", "true");
    const gap = ws.element("span", "bet-gap");
    gap.style.left = `${Math.min(place(guess), place(truth))}%`;
    gap.style.width = `${Math.abs(place(guess) - place(truth))}%`;
    bet.append(gap);
    for (const [value, className, label] of [[guess, "bet-mark", "you"], [truth, "bet-mark bet-truth", "it is"]]) {
      const mark = ws.element("span", className, `${label} ${show(value)}`);
      mark.style.left = `${place(value)}%`;
      bet.append(mark);
    }
    return bet;
  }

  function readGuess(question) {
    if (question.dataset.kind === "choice") return question.querySelector("input:checked")?.value;
    return question.querySelector("input").value;
  }

  const revealedBy = (question) => (question.dataset.reveals ? document.getElementById(question.dataset.reveals) : null);

  function reveal(question, guess) {
    question.dataset.revealed = "";
    if (guess !== NONE) question.querySelector(".question-outcome").replaceChildren(...outcomes[question.dataset.kind](question, guess));
    const figure = revealedBy(question);
    if (!figure) return;
    figure.classList.remove("veiled");
    figure.querySelector(".veil")?.remove();
    ws.figures.unveiled(figure);
  }

  function veil(question, figure, skip) {
    const cover = ws.element("div", "veil");
    const link = ws.element("a", "", "Guess first");
    link.href = `#${question.id}`;
    const show = ws.element("button", "quiet", "Show me without guessing");
    show.type = "button";
    show.addEventListener("click", skip);
    cover.append(ws.element("p", "", "This figure gives the answer away."), link, show);
    figure.classList.add("veiled");
    figure.querySelector(".figure-body").append(cover);
  }

  ws.each("[data-question]", (question) => {
    const id = question.dataset.question;
    const form = question.querySelector("form");
    const answer = question.querySelector(".question-answer");
    const figure = revealedBy(question);
    const range = question.querySelector("input[type=range]");
    const showRange = () => (question.querySelector("output").textContent = range.value + range.dataset.unit);

    /** next: where the focus goes, since the pressed button is gone */
    function settle(guess, next) {
      memory.write(id, guess);
      reveal(question, guess);
      next.tabIndex = -1;
      next.focus({ preventScroll: true });
    }

    if (range) {
      range.addEventListener("input", showRange);
      showRange();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      settle(readGuess(question), answer);
    });
    question.querySelector("[data-no-guess]").addEventListener("click", () => settle(NONE, answer));

    const before = memory.read(id);
    if (before !== null) reveal(question, before);
    else if (figure && (ws.state.ofFigure(figure.id) || location.hash === `#${figure.id}`)) reveal(question, NONE); // sent here to see it
    else if (figure) veil(question, figure, () => settle(NONE, figure));

    // the style sheet folds the figure after a question; not if the question is about another one
    const after = question.nextElementSibling;
    if (figure && after !== figure) after?.classList.add("unveiled");
  });

  ws.figures.start(); // after the veils, so that a veiled figure does not draw
})(window.WordSpaces);
