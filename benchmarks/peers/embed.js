// Draw each chart of the page, as the documentation of vega-embed says.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-spec]")) vegaEmbed(place, place.dataset.spec, { actions: false });
});
