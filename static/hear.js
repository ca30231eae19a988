// "Hear it": the browser reads a sentence aloud, so that an admin knows how long a greeting is before callers do.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-hear]");
    if (!button || !window.speechSynthesis) return;
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(button.dataset.hear);
    words.lang = button.dataset.lang;
    speechSynthesis.speak(words);
  });
})();
