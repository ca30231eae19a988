// A call that runs: the newest words stay in view, until the reader scrolls up to read what was said before.
{
  const place = find("[data-follow]").parentElement;
  const box = place.closest(".panel") || document.scrollingElement;
  let hidden = 0; // pixels below what is seen; with fewer than 80 the reader is at the end

  addEventListener("scroll", () => { hidden = box.scrollHeight - box.scrollTop - box.clientHeight; }, true);
  new MutationObserver(() => { if (hidden < 80) box.scrollTop = box.scrollHeight; }).observe(place, { childList: true });
}
