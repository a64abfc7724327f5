// Filters of the claims ledger, kept in the address: ?verdict=caveat&source=...&lesson=..., and links to single claims.
(function (ws) {
  "use strict";
  const form = document.querySelector("[data-claim-filters]");
  if (!form) return;
  const filters = ws.all("[data-filter]", form);
  const claims = ws.all(".claim");
  const parts = ws.all(".ledger-part");
  const count = document.querySelector("[data-claim-count]");
  const reset = document.querySelector("[data-claim-reset]");

  function show() {
    const wanted = filters.filter((filter) => filter.value);
    for (const claim of claims) claim.hidden = !wanted.every((filter) => claim.dataset[filter.dataset.filter] === filter.value);
    for (const part of parts) part.hidden = !part.querySelector(".claim:not([hidden])");
    const shown = claims.filter((claim) => !claim.hidden).length;
    count.textContent = wanted.length ? `${shown} of ${claims.length} claims` : `${shown} claims`;
    reset.hidden = !wanted.length;
  }

  function choose(filter, value) {
    filter.value = value;
    ws.state.set(filter.dataset.filter, value || null);
  }

  for (const filter of filters) {
    const before = ws.state.get(filter.dataset.filter);
    if (before && ws.all("option", filter).some((option) => option.value === before)) filter.value = before;
    filter.addEventListener("change", () => {
      choose(filter, filter.value);
      show();
    });
  }
  reset.addEventListener("click", () => {
    for (const filter of filters) choose(filter, "");
    show();
    filters[0].focus(); // the button is gone
  });
  show();

  /** A link to one claim must find it, whatever the filters say. */
  function showTarget() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target?.hidden) return;
    for (const filter of filters) choose(filter, "");
    show();
    target.scrollIntoView();
  }
  addEventListener("hashchange", showTarget);
  showTarget();

  // The link of a claim becomes a button that copies it, with the version and without the filters.
  for (const link of ws.all("[data-claim-link]")) {
    const button = ws.element("button", "quiet", "Copy link");
    button.type = "button";
    button.dataset.claimLink = "";
    button.append(...link.querySelectorAll(".visually-hidden"));
    const status = link.parentElement.querySelector("[role=status]");
    button.addEventListener("click", () => {
      const copied = new URL(link.href);
      copied.search = ws.version.addedTo("");
      status.textContent = "";
      ws.copy(copied.href, status, "Link copied.");
    });
    link.replaceWith(button);
  }
})(window.WordSpaces);
