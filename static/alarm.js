// Emergencies, on every page. GET /alarms/open/ is the truth; the stream only says when to read it again.
// Nothing here takes the focus, and an alarm leaves the screen only because the server says so.
(() => {
  "use strict";
  const truth = body.dataset.alarms;
  if (!truth) return;

  const READ_EVERY = 30000;

  const box = byId("alarms"), list = byId("alarm-list");
  const home = { parent: box.parentNode, before: box.nextSibling };
  const channel = new BroadcastChannel("portal-alarms");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  let alarms = []; // as the server said last
  let line = "connecting", list_is = "unknown", heard_at = 0, live_at = 0; // the stream, and what the last reading came to

  const clock = (value) => new Date(value).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: body.dataset.timezone }); // the clinic's time

  // --- reading ------------------------------------------------------------------------------------------------
  let reading = null, again = false, retry = 0;

  async function read() {
    if (reading) { again = true; return reading; }
    reading = read_once();
    try { return await reading; } finally {
      reading = null;
      if (again) { again = false; read(); }
    }
  }

  async function read_once() {
    try {
      const response = await fetch(truth, {
        headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(8000),
      });
      if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) return heard("out");
      if (!response.ok) return heard("failed");
      const answer = await response.json();
      if (!Array.isArray(answer.alarms)) return heard("failed");
      alarms = answer.alarms;
      heard(navigator.onLine ? "fresh" : "failed"); // an answer that was on its way when the line went
      after_press(() => draw_all(answer.open)); // the box pushes the page down
    } catch { // no network, no answer in time, or no JSON: said in words by heard()
      heard("failed");
    }
  }

  function heard(result) {
    const before = list_is;
    list_is = result;
    if (result === "fresh") heard_at = Date.now();
    clearTimeout(retry);
    if (result === "failed") retry = setTimeout(read, before === "failed" ? 10000 : 2000);
    paint_link();
  }

  // --- the box ------------------------------------------------------------------------------------------------
  const nodes = new Map(); // id -> the node on screen: kept, so that focus and live region are not disturbed

  function draw(alarm) {
    const node = make("div", { class: "alarm", "data-alarm": alarm.id, "data-level": alarm.level },
      make("span", { class: "alarm-word" }, make("span", { class: "lamp", "aria-hidden": "true" }), "▲▲ " + gettext("EMERGENCY")),
      alarm.tag ? make("span", { class: "tag tag-test" }, alarm.tag) : "",
      make("span", { class: "alarm-text" }), make("span", { class: "alarm-told" }));
    const button = button_of(gettext("Acknowledge"), () => acknowledge(alarm, node, button), { class: "button", id: "acknowledge-" + alarm.id });
    node.append(make("span", { class: "button-row" }, button, make("a", { class: "button", href: alarm.url, id: "open-" + alarm.id }, pgettext("deed", "Open"))));
    return node;
  }

  function fill(node, alarm) {
    const rest = `${alarm.summary} · ${clock(alarm.since)}`;
    const text = node.querySelector(".alarm-text");
    if (text.textContent !== alarm.caller + rest) text.replaceChildren(make("strong", {}, alarm.caller), rest);
    const told = node.querySelector(".alarm-told"), words = (alarm.unanswered ? gettext("Nobody has answered.") + " " : "") + alarm.told;
    if (told.textContent !== words) told.replaceChildren(words);
    node.toggleAttribute("data-unanswered", Boolean(alarm.unanswered));
  }

  function draw_all(open) {
    const current = new Set(alarms.map((alarm) => alarm.id));
    for (const [id, node] of nodes) {
      if (current.has(id)) continue;
      const focused = node.contains(document.activeElement);
      node.remove();
      nodes.delete(id);
      close_notice(id);
      if (focused) (list.querySelector("button") || byId("main")).focus();
    }
    // Newest first: the server's order, put in without moving what is there already.
    alarms.forEach((alarm, index) => {
      if (nodes.has(alarm.id)) return fill(nodes.get(alarm.id), alarm);
      const node = draw(alarm);
      fill(node, alarm);
      nodes.set(alarm.id, node);
      const next = alarms.slice(index + 1).map((later) => nodes.get(later.id)).find(Boolean);
      list.insertBefore(node, next || null);
      notice(alarm);
    });
    const badge = byId("nav-alarms");
    if (badge) badge.replaceChildren(...(open ? [open, make("span", { class: "visually-hidden" }, " " + gettext("open"))] : []));
    const many = byId("alarm-count"), words = alarms.length > 1 ? gettext("%(count)s emergencies", { count: alarms.length }) : "";
    if (many.textContent !== words) many.textContent = words;
    place();
    title();
    tell("alarms:shown", { alarms });
  }

  // A modal dialog makes everything outside it inert, so the box moves into it and back.
  function place() {
    const dialog = all("dialog:modal").pop();
    if (dialog ? dialog.contains(box) : box.parentNode === home.parent) return;
    const focused = box.contains(document.activeElement) ? document.activeElement : null;
    if (dialog) dialog.prepend(box);
    else home.parent.insertBefore(box, home.before);
    if (focused) focused.focus();
  }
  new MutationObserver(place).observe(document, { subtree: true, attributes: true, attributeFilter: ["open"] });

  // --- acknowledging: shown as done only when the server's list says so -------------------------------------------
  async function acknowledge(alarm, node, button) {
    if (busy(button)) return;
    button.setAttribute("aria-busy", "true");
    button.textContent = gettext("Acknowledging…");
    let problem = "";
    try {
      const response = await fetch(alarm.acknowledge_url, {
        method: "POST", redirect: "manual", signal: AbortSignal.timeout(10000),
        headers: { Accept: "application/json", "X-CSRFToken": token() },
      });
      if (response.status === 409) tell("toast", { words: (await response.json()).error.message, tone: "info" }); // somebody was faster: who
      else if (response.status >= 400) problem = why(response.status);
    } catch { problem = why(0); }
    await read();
    if (reading) await reading;
    button.removeAttribute("aria-busy");
    button.textContent = gettext("Acknowledge");
    if (list_is === "out") problem = gettext("You are signed out.");
    else if (list_is === "fresh" && !alarms.some((open) => open.id === alarm.id)) return channel.postMessage("changed");
    complain(node, problem || gettext("It is still open."));
  }

  function complain(node, problem) {
    node.querySelector(".alarm-problem")?.remove();
    node.append(make("span", { class: "alarm-problem" }, gettext("Not acknowledged. %(problem)s Try again, or tell your team by phone.", { problem })));
  }

  // --- the title ----------------------------------------------------------------------------------------------
  let plain = document.title, flash = 0;

  function kind_of(some) {
    if (some.every((alarm) => alarm.drill)) return gettext("DRILL EMERGENCY");
    return some.every((alarm) => alarm.test) ? gettext("TEST EMERGENCY") : gettext("EMERGENCY");
  }

  function title() {
    clearInterval(flash);
    if (!alarms.length) { document.title = plain; return; }
    const kind = kind_of(alarms);
    const loud = `${kind} (${alarms.length})`;
    document.title = `${loud} – ${plain}`;
    if (calm.matches) return;
    let odd = false;
    flash = setInterval(() => { odd = !odd; document.title = odd ? plain : `${loud} – ${plain}`; }, 1000);
  }
  on("page:title", (event) => { plain = event.detail.title; title(); });

  // --- notices of the operating system: they say that, never who -----------------------------------------------------
  const notices = new Map();

  function notice(alarm) {
    if (window.Notification?.permission !== "granted") return;
    const kind = kind_of([alarm]);
    const shown = new Notification(`${kind} – CliniqAI`, { body: gettext("Open the portal to see it."), tag: "alarm-" + alarm.id, requireInteraction: true });
    shown.onclick = () => { window.focus(); shown.close(); };
    notices.set(alarm.id, shown);
  }

  function close_notice(id) {
    notices.get(id)?.close();
    notices.delete(id);
  }

  function paint_desktop() {
    const button = byId("desktop-switch");
    if (!button) return;
    button.hidden = !window.Notification;
    button.textContent = button.dataset[window.Notification?.permission];
  }

  // --- the state of the line, in words -----------------------------------------------------------------------------
  let lostSince = 0, toned = false, announced = "";

  function paint_link() {
    const chip = byId("link-state"), bar = byId("link-bar");
    let state, text, warning = "";
    if (list_is === "out") {
      [state, text, warning] = ["out", gettext("Signed out"), gettext("You are signed out. Alerts are off on this screen.")];
    } else if (list_is === "failed") {
      const last = heard_at ? gettext("Last updated %(time)s.", { time: clock(heard_at) }) + " " : "";
      [state, text, warning] = ["offline", gettext("Alerts offline"), last + gettext("Alerts offline. An emergency may not show on this screen: listen for the phone.")];
    } else if (line === "live" && list_is === "fresh") {
      [state, text] = ["live", gettext("Live %(time)s", { time: clock(Math.max(heard_at, live_at || 0)) })];
    } else if (line === "lost" && list_is === "fresh") {
      [state, text, warning] = ["polling", gettext("Checked %(time)s", { time: clock(heard_at) }), gettext("Live alerts are interrupted. This page asks for them every 15 seconds.")];
      if (Date.now() - lostSince < 4000) warning = ""; // a short blip is no news
    } else {
      [state, text] = ["connecting", gettext("Connecting…")];
    }
    chip.dataset.state = state;
    if (chip.textContent !== text) chip.textContent = text;
    bar.hidden = !warning;
    if (warning && bar.dataset.words !== warning) {
      bar.dataset.words = warning;
      bar.replaceChildren(warning);
      if (state === "out") bar.append(" ", make("a", { href: "/sign-in/?next=" + encodeURIComponent(location.pathname) }, gettext("Sign in again")));
    }
    const trouble = state === "offline" || state === "out" || (state === "polling" && Boolean(warning));
    if (trouble && announced !== state) { announced = state; say(warning); }
    if (state === "live" && announced) { announced = ""; say(gettext("Alerts are live again.")); }
    if (state === "live") { lostSince = 0; toned = false; delete bar.dataset.words; }
    else if (!lostSince && state !== "connecting") lostSince = Date.now();
  }

  function tick() {
    paint_link();
    if (lostSince && !toned && Date.now() - lostSince > 30000) { toned = true; tell("alarms:lost"); }
  }

  // --- wiring -------------------------------------------------------------------------------------------------
  on("link:stream", ({ detail }) => {
    if (detail.state === "lost" && line !== "lost") read(); // only the stream, or the whole server?
    line = detail.state;
    live_at = detail.at;
    if (detail.state === "lost" && !lostSince) lostSince = Date.now();
    paint_link();
  });
  on("stream:resync", () => read());
  on("stream:escalation", () => {
    read();
    setTimeout(read, 6000); // the server may keep its list for five seconds when its cache fails it
  });
  channel.onmessage = () => read();
  addEventListener("online", () => read());
  addEventListener("offline", () => heard("failed"));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) read(); });
  addEventListener("pageshow", (event) => { if (event.persisted) read(); });
  setInterval(read, READ_EVERY);
  setInterval(tick, 5000);

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyA") return;
    const button = list.querySelector("button");
    if (!button) return;
    event.preventDefault();
    button.focus();
  }, true);

  byId("desktop-switch")?.addEventListener("click", () => Notification.requestPermission().then(paint_desktop));

  paint_desktop();
  read();
})();
