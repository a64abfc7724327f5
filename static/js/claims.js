// Filters of the claims ledger, kept in the address: ?verdict=caveat&source=...&lesson=...
(function (ws) {
  "use strict";
  const form = document.querySelector("[data-claim-filters]");
  if (!form) return;
  const filters = ws.all("[data-filter]", form);
  const claims = ws.all(".claim");
  const count = document.querySelector("[data-claim-count]");

  function show() {
    const wanted = filters.filter((filter) => filter.value);
    for (const claim of claims) claim.hidden = !wanted.every((filter) => claim.dataset[filter.dataset.filter] === filter.value);
    const shown = claims.filter((claim) => !claim.hidden).length;
    count.textContent = shown === claims.length ? `${shown} claims` : `${shown} of ${claims.length} claims`;
  }

  for (const filter of filters) {
    const before = ws.state.get(filter.dataset.filter);
    if (before && ws.all("option", filter).some((option) => option.value === before)) filter.value = before;
    filter.addEventListener("change", () => {
      ws.state.set(filter.dataset.filter, filter.value || null);
      show();
    });
  }
  show();

  /** A link to one claim must find it, whatever the filters say. */
  function showTarget() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target?.hidden) return;
    for (const filter of filters) filter.value = "";
    show();
    target.scrollIntoView();
  }
  addEventListener("hashchange", showTarget);
  showTarget();
})(window.WordSpaces);
