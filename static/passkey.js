// Passkeys: a form with data-passkey asks the browser to make one or to sign with one, and sends what comes back.
// The options stand in data-options, or are fetched from data-ask when the button is pressed.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const WORDS = {
    NotAllowedError: gettext("It was cancelled, or it took too long. Try again, or use another way."),
    InvalidStateError: gettext("This device has a passkey for you already."),
    SecurityError: gettext("This browser does not allow passkeys at this address."),
  };

  const HOW = {
    async create({ publicKey }) {
      const made = await navigator.credentials.create({ publicKey: {
        ...publicKey, challenge: bytes(publicKey.challenge), user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: known(publicKey.excludeCredentials),
      } });
      return { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject), of: made };
    },
    async get({ publicKey }) {
      const signed = await navigator.credentials.get({ publicKey: {
        ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials),
      } });
      const { clientDataJSON, authenticatorData, signature, userHandle } = signed.response;
      return {
        clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null, of: signed,
      };
    },
  };

  async function options_of(form) {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(answer.status === 429 ? gettext("Too many tries. Wait a few minutes.") : gettext("The server did not answer. Try again."));
    return answer.json();
  }

  async function ask(form) {
    const { of: credential, ...response } = await HOW[form.dataset.passkey](await options_of(form));
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const field = form.querySelector("[name=credential], [name=proof_passkey]"), problem = form.querySelector("[data-problem]");
    form.hidden = false;
    for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = true;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      problem.hidden = true;
      form.setAttribute("aria-busy", "true");
      try {
        field.value = await ask(form);
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
