// The end of a session, said before it comes. Keys and the pointer keep it going; what pages ask by themselves does not.
// The server decides: this file asks it before it warns, and again before it leaves the page.
(() => {
  "use strict";
  const url = body.dataset.session;
  if (!url) return;

  const WARN = 120, REPORT_EVERY = 60, TICK = 1000; // seconds, seconds, milliseconds
  const channel = new BroadcastChannel("portal-session");
  const now = () => Date.now() / 1000;

  let ends = now() + Number(body.dataset.idle); // when nobody does anything
  let hard = Infinity; // in any case
  let reported = now(), asking = null, gone = false, asked = 0;

  function take({ idle, hard: left }) {
    ends = now() + idle;
    hard = now() + left;
    paint();
  }

  // A failed answer changes nothing: the clock of this page runs on.
  async function talk(method) {
    if (asking) return asking;
    asking = (async () => {
      const answer = await fetch(url, {
        method, cache: "no-store", redirect: "manual", headers: { Accept: "application/json", "X-CSRFToken": token() },
        signal: AbortSignal.timeout(8000),
      });
      if (answer.status === 401 || answer.type === "opaqueredirect") return leave();
      if (answer.ok) {
        const left = await answer.json();
        take(left);
        channel.postMessage(left);
      }
    })().catch(() => {}).finally(() => { asking = null; }); // offline is said by the line's own state
    return asking;
  }

  function report() {
    if (gone || now() - reported < (warning ? 1 : REPORT_EVERY)) return;
    reported = now();
    talk("POST");
  }
  for (const name of ["keydown", "pointerdown", "wheel", "touchstart"]) document.addEventListener(name, report, { capture: true, passive: true });

  // --- the warning: no dialog, so that an alarm stays on top and in reach -----------------------------------------------
  let warning = null;

  function paint() {
    const left = Math.min(ends, hard) - now();
    if (left > WARN || gone) {
      warning?.remove();
      warning = null;
      return;
    }
    if (!warning) draw(hard <= ends);
    warning.querySelector(".left").textContent = minutes(Math.max(0, Math.floor(left)));
  }

  function draw(final) {
    const words = final
      ? gettext("Your 12 hours are over in 2 minutes. Finish what you are typing, then sign in again.")
      : gettext("You will be signed out in 2 minutes, and alerts stop on this screen. Press any key to stay.");
    warning = make("div", { class: "bar leaving" }, make("span", {}, words), " ", make("span", { class: "left mono", "aria-hidden": "true" }));
    if (!final) warning.append(" ", button_of(gettext("Stay signed in"), () => { reported = 0; report(); }, { id: "stay" }));
    byId("leaving").replaceChildren(warning);
  }

  // --- the end: nothing of a patient stays on a screen that nobody watches -----------------------------------------------
  function leave() {
    if (gone) return;
    gone = true;
    const why = hard <= now() + 5 ? "ended" : ends <= now() + 10 ? "idle" : "out";
    const back = "/sign-in/?why=" + why + "&next=" + encodeURIComponent(location.pathname);
    paint();
    for (const open of all(":popover-open")) open.hidePopover();
    for (const id of ["alarm-list", "toasts", "bell-panel"]) byId(id)?.replaceChildren();
    byId("main").replaceChildren(make("div", { class: "narrow card stack" },
      make("h1", {}, gettext("You are signed out")), make("p", {}, gettext("Alerts are off on this screen.")),
      make("a", { href: back, class: "button primary" }, gettext("Sign in again"))));
    document.title = `${gettext("Signed out")} – CliniqAI`;
    location.replace(back);
  }

  function tick() {
    const left = Math.min(ends, hard) - now();
    if (gone) return;
    if (left <= 0 && !navigator.onLine) return leave();
    if (left <= WARN + 5 && (left > WARN || left <= 0 || !warning) && now() - asked > 5) { // another tab may have kept it going
      asked = now();
      talk("GET").then(() => { if (!gone && Math.min(ends, hard) <= now() - 10) leave(); });
    }
    paint();
  }

  channel.onmessage = ({ data }) => take(data);
  on("stream:resync", () => { if (!gone && now() - asked > 5) { asked = now(); talk("GET"); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  setInterval(tick, TICK);
})();
