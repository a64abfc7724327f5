// The header leaves when one reads on and comes back when one scrolls up, so that the switches are never far.
(function () {
  "use strict";
  const root = document.documentElement;
  const header = document.querySelector(".site-header");
  if (!header) return;
  const STEP = 8; // px; less is a trembling finger
  let last = window.scrollY;

  addEventListener(
    "scroll",
    () => {
      const now = Math.max(0, window.scrollY);
      root.classList.toggle("scrolled", now > 0);
      if (Math.abs(now - last) < STEP) return;
      root.classList.toggle("header-away", now > last && now > header.offsetHeight && !header.querySelector("[open]"));
      last = now;
    },
    { passive: true },
  );
})();
