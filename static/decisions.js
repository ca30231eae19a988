// The doctor's page: `a` and `r` move the focus and never decide by themselves; Undo goes when its time is over.
(() => {
  "use strict";
  const place = document.getElementById("main");

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || "keysOff" in document.body.dataset) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const control = place.querySelector(`[data-focus-key="${CSS.escape(event.key)}"]`);
    if (!control) return;
    event.preventDefault();
    (document.querySelector(control.getAttribute("href") || null) || control).focus();
  });

  function tidy() {
    const form = place.querySelector("[data-gone-after]:not([data-timed])");
    if (!form) return;
    form.dataset.timed = "";
    setTimeout(() => form.remove(), Number(form.dataset.goneAfter) * 1000);
  }
  new MutationObserver(tidy).observe(place, { childList: true, subtree: true });
})();
