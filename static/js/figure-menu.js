// A figure's menu: picture as SVG or PNG, link with the state and the version, code to embed, citation, an error report that knows the state. (Data,
// spec and code are plain links.)
(function (ws) {
  "use strict";
  const PNG_SCALE = 2;

  async function savePicture(figure, kind) {
    const background = getComputedStyle(document.body).getPropertyValue("--paper").trim();
    const view = await figure.drawn(await figure.load(), { background });
    try {
      if (kind === "png") return ws.download(await view.toImageURL("png", PNG_SCALE), `${figure.name}.png`);
      const file = URL.createObjectURL(new Blob([await view.toSVG()], { type: "image/svg+xml" }));
      ws.download(file, `${figure.name}.svg`);
      setTimeout(() => URL.revokeObjectURL(file), 10000);
    } finally {
      view.finalize();
    }
  }

  function withState(url, name) {
    const target = new URL(url, location.href);
    target.search = name ? ws.state.ofFigure(name) : "";
    return target.href;
  }

  const actions = {
    svg: (figure) => savePicture(figure, "svg"),
    png: (figure) => savePicture(figure, "png"),
    link(figure, button, status) {
      const target = new URL(withState(button.dataset.link, button.closest("[data-figure]").id));
      target.search = ws.version.addedTo(target.search);
      return ws.copy(target.href, status, "Link copied.");
    },
    embed(figure, button, status) {
      const name = button.closest("[data-figure]").id;
      const code = button.dataset.embed.replace(/src="([^"]*)"/, (_, url) => `src="${withState(url, name)}"`);
      return ws.copy(code, status, "Code copied.");
    },
    cite: (figure, button, status) => ws.copy(button.dataset.cite, status, "Citation copied."),
  };

  // The form that reports an error is filled in when the link is about to be used: with the page as it is addressed here, and the state.
  ws.each("[data-report]", (link) => {
    const fill = () => {
      const report = new URL(link.href);
      const name = link.closest("[data-figure]")?.id;
      report.searchParams.set("page", withState(link.dataset.report, name));
      if (name) report.searchParams.set("state", ws.state.ofFigure(name).slice(1) || "as it comes");
      link.href = report.href;
    };
    for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, fill);
  });

  ws.each("[data-action]", (button) => {
    const status = button.closest(".menu-panel").querySelector("[data-menu-status]");
    button.addEventListener("click", async () => {
      status.textContent = "";
      try {
        await actions[button.dataset.action](ws.figures.of(button), button, status);
      } catch (error) {
        status.textContent = `That did not work. ${error.message}`;
        throw error;
      }
    });
  });
})(window.WordSpaces);
