// What every page does: keys, messages, the title's count, and the focus after a swap. Lists are in lists.js.
(() => {
  "use strict";
  const body = document.body;
  const byId = (id) => document.getElementById(id);
  // Every name of htmx that we use, in one place: htmx 4 spells them differently.
  const HX = {
    configure: "htmx:configRequest", before: "htmx:beforeRequest", after: "htmx:afterRequest", settled: "htmx:afterSettle",
    refused: "htmx:responseError", unsent: "htmx:sendError", late: "htmx:timeout",
  };

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // --- saying: one polite region, present from the start; the server fills it with HX-Trigger: {"say": "..."} -------
  body.addEventListener("say", (event) => {
    const region = byId("say");
    region.textContent = "";
    setTimeout(() => { region.textContent = event.detail.value; }, 50); // the same words twice are still two messages
  });

  // --- requests -----------------------------------------------------------------------------------------------------
  body.addEventListener(HX.configure, (event) => {
    // Signing in on another tab rotates the token; the cookie always holds the current one.
    const token = (document.cookie.match(/(?:^|; )csrftoken=([^;]*)/) || [])[1];
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });

  const place = (element) => element.closest("[data-row], .panel");
  let around = null; // where the focus was when a request left: for when its row is gone

  body.addEventListener(HX.before, ({ detail }) => {
    const spot = place(detail.elt);
    if (spot) spot.setAttribute("aria-busy", "true");
    const button = detail.elt.matches("[data-busy]") ? detail.elt : detail.elt.querySelector("[data-busy]");
    if (button) { button.dataset.idle = button.textContent; button.textContent = button.dataset.busy; }
    const row = document.activeElement && document.activeElement.closest("[data-row]");
    if (row) around = { row: row.id, next: next_row(row, 1)?.id, before: next_row(row, -1)?.id };
  });

  body.addEventListener(HX.after, ({ detail }) => {
    const spot = place(detail.elt);
    if (spot) spot.removeAttribute("aria-busy");
    const button = detail.elt.matches("[data-busy]") ? detail.elt : detail.elt.querySelector("[data-busy]");
    if (button && button.dataset.idle) button.textContent = button.dataset.idle;
  });

  body.addEventListener(HX.settled, () => {
    const lost = !document.activeElement || document.activeElement === body;
    if (lost && around) {
      const row = [around.row, around.next, around.before].map((id) => id && byId(id)).find(Boolean);
      const target = row ? row_target(row) : document.querySelector("[data-list-heading]");
      if (target) target.focus();
    }
    if (!lost || around) around = null;
    const count = document.querySelector("[data-title-count]");
    if (count) retitle(count.dataset.titleCount);
  });

  function retitle(count) {
    const event = new CustomEvent("page:title", { detail: { title: (Number(count) ? `(${count}) ` : "") + bare } });
    document.title = event.detail.title;
    body.dispatchEvent(event); // an alarm writes its own words in front
  }
  body.addEventListener("page:count", (event) => retitle(event.detail.count));
  const bare = document.title.replace(/^\(\d+\+?\) /, "");

  // --- the panel beside a list: it belongs to one row, and closes to it ------------------------------------------------
  body.addEventListener(HX.before, ({ detail }) => {
    if (detail.elt.matches("[data-row-link]") && detail.target?.matches(".panel")) detail.target.dataset.of = detail.elt.id;
  });
  body.addEventListener(HX.settled, show_open_row);

  function show_open_row() {
    for (const row of document.querySelectorAll("[data-row][aria-selected]")) row.removeAttribute("aria-selected");
    const panel = document.querySelector(".panel[data-of]");
    if (panel) byId(panel.dataset.of)?.closest("[data-row]")?.setAttribute("aria-selected", "true");
  }

  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-close-panel]")?.closest(".panel");
    if (!panel) return;
    event.preventDefault();
    const link = byId(panel.dataset.of);
    panel.replaceChildren();
    delete panel.dataset.of;
    show_open_row();
    (link || document.querySelector("[data-list-heading]"))?.focus();
  });

  // --- a row opens in the panel; on a phone the panel is a page of its own, and Back returns to the row ----------------
  const phone = window.matchMedia("(max-width: 47.99rem)"), stacked = window.matchMedia("(max-width: 63.99rem)");
  const BACK = "opened-row"; // an element's id, forgotten with the tab

  body.addEventListener(HX.before, (event) => {
    const link = event.detail.elt;
    if (!phone.matches || !link.matches("a[href][data-row-link]")) return;
    event.preventDefault();
    sessionStorage.setItem(BACK, link.id);
    location.assign(link.href);
  });
  body.addEventListener(HX.settled, ({ detail }) => {
    if (stacked.matches && detail.elt.matches(".panel:not(:empty)")) detail.elt.scrollIntoView({ block: "nearest" });
  });
  const opened = sessionStorage.getItem(BACK);
  if (opened && byId(opened)) {
    sessionStorage.removeItem(BACK);
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") byId(opened).focus();
  }

  // --- errors: what failed, why, try again; they stay until dismissed ------------------------------------------------
  const WHY = {
    0: "You are offline, or the server cannot be reached.", late: "The server took too long. It may have worked: look before you try again.",
    403: "You may not do this, or your session has ended.", 404: "It is not there any more.", 409: "Somebody else changed it first.",
    429: "Too many requests. Wait a moment.", other: "The server could not do it.",
  };
  const quiet = (detail) => /^(stream:|load|opened|revealed)/.test(detail.requestConfig?.triggeringEvent?.type || "load");

  function toast(words, { tone = "bad", again = null, reference = "" } = {}) {
    const old = [...byId("toasts").children].find((shown) => shown.dataset.words === words);
    if (old) old.remove();
    const note = make("div", { class: "toast", role: tone === "bad" ? "alert" : "status", "data-tone": tone, "data-words": words }, make("p", {}, words));
    if (reference) note.append(make("p", { class: "muted" }, "Reference ", make("span", { class: "mono" }, reference)));
    const row = make("div", { class: "button-row" });
    const button = (label, act) => {
      const node = make("button", { class: "button small", type: "button" }, label);
      node.addEventListener("click", () => { note.remove(); act(); });
      row.append(node);
    };
    if (again) button("Try again", again);
    button("Dismiss", () => {});
    note.append(row);
    byId("toasts").append(note);
    while (byId("toasts").children.length > 4) byId("toasts").firstChild.remove();
  }
  body.addEventListener("toast", ({ detail }) => toast(detail.words || detail.value, detail));

  function failed({ detail }, why) {
    if (quiet(detail)) return;
    const element = detail.elt, kind = detail.requestConfig.triggeringEvent.type;
    const named = element.dataset.what || element.getAttribute("aria-label") || element.querySelector("[type=submit], button")?.dataset.idle || element.dataset.idle;
    const what = named || (element.matches("button, a") ? element.textContent.trim() : "That");
    toast(`${what} did not work. ${why}`, {
      again: () => element.isConnected && htmx.trigger(element, kind),
      reference: detail.xhr?.getResponseHeader?.("X-Request-ID") || "",
    });
  }
  body.addEventListener(HX.refused, (event) => failed(event, WHY[event.detail.xhr.status] || WHY.other));
  body.addEventListener(HX.unsent, (event) => failed(event, WHY[0]));
  body.addEventListener(HX.late, (event) => failed(event, WHY.late));

  // --- rows -----------------------------------------------------------------------------------------------------------
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.getClientRects().length);
  const row_target = (row) => row.querySelector("[data-row-link], .row-title, a, button");

  function next_row(row, step) {
    const all = rows();
    return all[all.indexOf(row) + step];
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest("[data-row]"));
    row_target(at < 0 ? all[0] : all[Math.max(0, Math.min(all.length - 1, at + step))])?.focus();
  }

  // --- keys: they press real buttons, so that nothing works by key alone ------------------------------------------------
  let prefix = "", forget = 0;
  const keys_on = () => !("keysOff" in body.dataset); // the person's own switch, in the profile

  // The row that has the focus, else the open panel, else the page; never a row that nobody chose.
  function press(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const row = document.activeElement.closest("[data-row]");
    const anywhere = [...document.querySelectorAll(wanted)].filter((one) => !one.closest("[data-row]") && (one.getClientRects().length || one.closest("[popover]")));
    const target = row?.querySelector(wanted) || document.querySelector(".panel")?.querySelector(wanted) || anywhere[0];
    if (!target) return false;
    if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) { target.focus(); target.select?.(); } else target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || !keys_on()) return;
    if (event.key === "Escape" && document.querySelector(":popover-open, dialog[open]")) return; // it closes that first
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [data-own-keys]")) return;
    clearTimeout(forget);
    const key = prefix ? `${prefix} ${event.key}` : event.key;
    prefix = "";
    if (key === "g") { prefix = "g"; forget = setTimeout(() => { prefix = ""; }, 1500); return; }
    if (key === "j" || key === "k") { event.preventDefault(); return move(key === "j" ? 1 : -1); }
    if (key.length > 1 && key !== "Escape" && !key.startsWith("g ")) return; // Enter, arrows, Tab stay the browser's
    if (press(key)) event.preventDefault();
  });

  byId("keys")?.addEventListener("toggle", (event) => { if (event.newState === "open") byId("keys-title").focus(); });

  // A popover fetches its content each time it opens: hx-trigger="opened".
  document.addEventListener("toggle", (event) => {
    if (event.newState === "open") event.target.dispatchEvent(new CustomEvent("opened"));
  }, true);

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  for (const tick of document.querySelectorAll("[data-shows]")) {
    tick.addEventListener("change", () => { byId(tick.dataset.shows).type = tick.checked ? "text" : "password"; });
  }

  // The error summary of a refused form takes the focus.
  document.querySelector(".error-summary:not([data-picture])")?.focus();

  // Forms without htmx are sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[hx-post]") || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
})();
