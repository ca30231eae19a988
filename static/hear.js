// "Hear it": the browser reads a sentence aloud, so that an admin knows how long a greeting is before callers do.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-hear]");
  if (!button || !window.speechSynthesis) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(button.dataset.hear);
  words.lang = button.dataset.lang;
  speechSynthesis.speak(words);
});
