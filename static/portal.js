// What every page does: keys, messages, the title's count, and the focus after a swap. Lists are in lists.js.
(() => {
  "use strict";
  const body = document.body;
  const byId = (id) => document.getElementById(id);

  // --- words: English in the sources; a page of another language brings words.<language>.js, which stands before this ----
  const spoken = window.words || {};
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  window.gettext = (text, values = {}) => fill(spoken[text] || text, values);
  window.pgettext = (context, text) => fill(spoken[`${context}|${text}`] || text, {}); // a word with two meanings
  window.ngettext = (one, many, count, values = {}) => fill((spoken[one] || [one, many])[count === 1 ? 0 : 1], { count, ...values });

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
    if (row) around = [row, next_row(row, 1), next_row(row, -1)].map((one) => one?.id);
  });

  body.addEventListener(HX.after, ({ detail }) => {
    const spot = place(detail.elt);
    if (spot) spot.removeAttribute("aria-busy");
    const button = detail.elt.matches("[data-busy]") ? detail.elt : detail.elt.querySelector("[data-busy]");
    if (button && button.dataset.idle) button.textContent = button.dataset.idle;
  });

  body.addEventListener(HX.settled, () => {
    const at = document.activeElement, lost = !at || at === body;
    if (around && (lost || at.closest(".gone"))) {
      const row = around.map((id) => id && byId(id)).find((one) => one && !one.matches(".gone"));
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

  // --- errors: what failed, why, try again; they stay until dismissed ------------------------------------------------
  const WHY = {
    0: gettext("You are offline, or the server cannot be reached."), late: gettext("The server took too long. It may have worked: look before you try again."),
    403: gettext("You may not do this, or your session has ended."), 404: gettext("It is not there any more."), 409: gettext("Somebody else changed it first."),
    429: gettext("Too many requests. Wait a moment."), other: gettext("The server could not do it."),
  };
  const quiet = (detail) => /^(stream:|load|opened|revealed)/.test(detail.requestConfig?.triggeringEvent?.type || "load");

  // `undo` = {url, keys, seconds}: what was just done can be taken back for so long, with the button or by its key.
  function toast(words, { tone = "bad", again = null, reference = "", undo = null } = {}) {
    const old = [...byId("toasts").children].find((shown) => shown.dataset.words === words);
    if (old) old.remove();
    const note = make("div", { class: "toast", role: tone === "bad" ? "alert" : "status", "data-tone": tone, "data-words": words }, make("p", {}, words));
    if (reference) note.append(make("p", { class: "muted" }, gettext("Reference"), " ", make("span", { class: "mono" }, reference)));
    const row = make("div", { class: "button-row" });
    const button = (label, act) => {
      const node = make("button", { class: "button small", type: "button" }, label);
      node.addEventListener("click", () => { note.remove(); act(); });
      row.append(node);
      return node;
    };
    if (again) button(gettext("Try again"), again);
    if (undo) {
      const node = button(gettext("Undo"), () => {});
      node.dataset.key = "u";
      node.addEventListener("click", (event) => htmx.ajax("POST", undo.url, { source: body, event, values: { seen: undo.keys }, target: body, swap: "none" }).catch(() => {})); // failed() tells
      for (const older of byId("toasts").querySelectorAll("[data-key=u]")) older.closest(".toast").remove();
      setTimeout(() => note.remove(), undo.seconds * 1000);
    }
    button(gettext("Dismiss"), () => {});
    note.append(row);
    byId("toasts").append(note);
    while (byId("toasts").children.length > 4) byId("toasts").firstChild.remove();
  }
  body.addEventListener("toast", ({ detail }) => toast(detail.words || detail.value, detail));

  function failed({ detail }, why) {
    const open = detail.elt.closest(":popover-open"); // the inbox of the bell: it says so itself
    if (open && detail.requestConfig.triggeringEvent?.type === "opened") {
      const again = make("button", { class: "button small", type: "button", id: "bell-again" }, gettext("Try again"));
      again.addEventListener("click", () => htmx.trigger(open, "opened"));
      return open.replaceChildren(make("p", { role: "alert" }, gettext("Not loaded. %(why)s", { why })), again);
    }
    if (quiet(detail)) return;
    const element = detail.elt, kind = detail.requestConfig.triggeringEvent.type;
    const named = element.dataset.what || element.getAttribute("aria-label") || element.querySelector("[type=submit], button")?.dataset.idle || element.dataset.idle;
    const what = named || (element.matches("button, a") ? element.textContent.trim() : gettext("That"));
    toast(gettext("%(what)s did not work. %(why)s", { what, why }), {
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
    const all = rows().filter((one) => one === row || !one.matches(".gone"));
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
    const own = row?.querySelector(wanted);
    // What has no button of its own, a page may do for the row that has the focus.
    if (!own && !body.dispatchEvent(new CustomEvent("key", { detail: { key, row }, cancelable: true }))) return true;
    const target = own || document.querySelector(".panel")?.querySelector(wanted) || anywhere[0];
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

  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

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
