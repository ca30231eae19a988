// Passkeys: a form with data-passkey asks the browser to make one or to sign with one, and sends what comes back.
// The options stand in data-options, or are fetched from data-ask when the button is pressed. A browser that cannot read
// them as JSON (before 2025) is treated as one without passkeys.
(() => {
  "use strict";
  const KEY = window.PublicKeyCredential;
  if (!KEY?.parseRequestOptionsFromJSON) return;

  const WORDS = {
    NotAllowedError: gettext("It was cancelled, or it took too long. Try again, or use another way."),
    InvalidStateError: gettext("This device has a passkey for you already."),
    SecurityError: gettext("This browser does not allow passkeys at this address."),
  };

  const HOW = {
    create: (publicKey) => navigator.credentials.create({ publicKey: KEY.parseCreationOptionsFromJSON(publicKey) }),
    get: (publicKey) => navigator.credentials.get({ publicKey: KEY.parseRequestOptionsFromJSON(publicKey) }),
  };

  async function options_of({ dataset }) {
    if (dataset.options) return JSON.parse(dataset.options);
    const answer = await fetch(dataset.ask, { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(answer.status === 429 ? gettext("Too many tries. Wait a few minutes.") : gettext("The server did not answer. Try again."));
    return answer.json();
  }

  for (const form of all("form[data-passkey]")) {
    const field = form.querySelector("[name=credential], [name=proof_passkey]"), problem = form.querySelector("[data-problem]");
    form.hidden = false;
    for (const note of all("[data-without-passkeys]")) note.hidden = true;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      problem.hidden = true;
      form.setAttribute("aria-busy", "true");
      try {
        field.value = JSON.stringify(await HOW[form.dataset.passkey]((await options_of(form)).publicKey));
        form.submit();
      } catch (fault) {
        problem.textContent = WORDS[fault.name] || fault.message;
        problem.hidden = false;
        problem.setAttribute("role", "alert");
      } finally {
        form.removeAttribute("aria-busy");
      }
    });
  }
})();
