// The page for what is not there is shown under any address, so that its relative links lead nowhere. It asks for this script at every
// depth that it may be shown at; the first that is there knows where the site begins, and puts links, styles and scripts right.
(function () {
  "use strict";
  const page = document.documentElement;
  if ("found" in page.dataset) return;
  page.dataset.found = "";
  const root = new URL("..", document.currentScript.src);
  document.querySelector("[data-lost-hint]").remove();

  /** The address that is meant, where the attribute leads to another one. */
  function meant(element, attribute) {
    const written = element.getAttribute(attribute);
    const address = new URL(written, root).href;
    return /^(#|[a-z]+:)/.test(written) || address === element[attribute] ? null : address;
  }

  for (const link of document.querySelectorAll("a[href], link[href]")) {
    const address = meant(link, "href");
    if (address) link.href = address;
  }
  for (const script of document.querySelectorAll("script[src]:not([data-depth])")) {
    const address = meant(script, "src");
    if (!address) continue;
    const again = document.createElement("script");
    again.src = address;
    again.async = false; // in their order
    document.head.append(again);
  }
})();
