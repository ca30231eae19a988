// A call that runs: the newest words stay in view, until the reader scrolls up to read what was said before.
{
  const place = find("[data-follow]").parentElement;
  const box = place.closest(".panel") || document.scrollingElement;
  const NEAR = 80; // pixels from the end that still count as "at the end"
  let following = true;

  document.addEventListener("scroll", () => { following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR; }, true);
  new MutationObserver(() => { if (following) box.scrollTop = box.scrollHeight; }).observe(place, { childList: true });
}
