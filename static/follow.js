// A call that runs: the newest words stay in view, until the reader scrolls up to read what was said before.
(() => {
  "use strict";
  const NEAR = 80; // pixels from the end that still count as "at the end"
  const place = document.querySelector("[data-follow]")?.parentElement;
  if (!place) return;
  const box = place.closest(".panel") || document.scrollingElement;
  let following = true;

  document.addEventListener("scroll", () => {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  }, { capture: true, passive: true });
  new MutationObserver(() => {
    if (following) box.scrollTo({ top: box.scrollHeight });
  }).observe(place, { childList: true });
})();
