// What every page does: keys, messages, the title's count, and the focus after a swap. Lists are in lists.js.
// The part before the function is what all scripts share by name: a host serves them as one file.

// --- words: English in the sources; a page of another language brings words.<language>.js, which stands before this ------
const spoken = window.words || {};
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const gettext = (text, values = {}) => fill(spoken[text] || text, values);
const pgettext = (context, text) => fill(spoken[`${context}|${text}`] || text, {}); // a word with two meanings
const ngettext = (one, many, count, values = {}) => fill((spoken[one] || [one, many])[count === 1 ? 0 : 1], { count, ...values });

// --- the page ------------------------------------------------------------------------------------------------------------
const body = document.body;
const byId = (id) => document.getElementById(id);
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const on = (name, act) => body.addEventListener(name, act);
const tell = (name, detail = {}) => body.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
const say = (value) => tell("say", { value });
const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]*)/) || [])[1] || ""; // signing in on another tab rotates it

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function button_of(words, act, more = {}) {
  const node = make("button", { class: "button small", type: "button", ...more }, words);
  node.addEventListener("click", act);
  return node;
}

// The rows that are seen; of two neighbours the one that is still there.
const rows = () => all("[data-row]").filter((row) => row.getClientRects().length);

function next_row(row, step) {
  const left = rows().filter((one) => one === row || !one.matches(".gone"));
  return left[left.indexOf(row) + step];
}

const busy = (row) => row?.getAttribute("aria-busy") === "true"; // its deed's answer is on its way

// What moves the page waits for a press that has begun, at most 0.4 s: a press ends on what it began on.
const waiting = [];
let pressing = 0;

function released() { // or taken back, after its time
  clearTimeout(pressing);
  pressing = 0;
  for (const act of waiting.splice(0)) setTimeout(act); // after the click that this release makes
}
document.addEventListener("pointerdown", () => { pressing = setTimeout(released, 400); }, true);
document.addEventListener("pointerup", released, true);
const after_press = (act) => (pressing ? waiting.push(act) : act());

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// Every name of htmx that we use, in one place: htmx 4 spells them differently.
const HX = {
  configure: "htmx:configRequest", before: "htmx:beforeRequest", swap: "htmx:beforeSwap", after: "htmx:afterRequest", settled: "htmx:afterSettle",
  refused: "htmx:responseError", unsent: "htmx:sendError", late: "htmx:timeout",
};

const WHY = {
  0: gettext("You are offline, or the server cannot be reached."), late: gettext("The server took too long. It may have worked: look before you try again."),
  403: gettext("You may not do this, or your session has ended."), 404: gettext("It is not there any more."),
  429: gettext("Too many requests. Wait a moment."), other: gettext("The server could not do it."),
};
const why = (status) => WHY[status] || WHY.other;

(() => {
  "use strict";

  // --- saying: one polite region, present from the start; the server fills it with HX-Trigger: {"say": "..."} -------
  on("say", (event) => {
    const region = byId("say");
    region.textContent = "";
    setTimeout(() => { region.textContent = event.detail.value; }, 50); // the same words twice are still two messages
  });

  // --- requests -----------------------------------------------------------------------------------------------------
  on(HX.configure, ({ detail }) => { if (token()) detail.headers["X-CSRFToken"] = token(); });

  const place = ({ elt, target }) => elt.closest("[data-row], .panel") || (target === body ? null : target); // never the page: an alarm is heard in it
  const busied = (detail) => (quiet(detail) && detail.elt.closest("[data-row]") ? null : place(detail)); // a ladder asks by itself
  const busy_button = (element) => (element.matches("[data-busy]") ? element : element.querySelector("[data-busy]"));
  let around = null; // where the focus was when a request left: for when its row is gone

  on(HX.before, ({ detail }) => {
    busied(detail)?.setAttribute("aria-busy", "true");
    const button = busy_button(detail.elt);
    if (button) { button.dataset.idle = button.textContent; button.textContent = button.dataset.busy; }
    const row = document.activeElement.closest("[data-row]");
    if (row && !quiet(detail)) around = [row, next_row(row, 1), next_row(row, -1)].map((one) => one?.id);
  });

  on(HX.after, ({ detail }) => {
    busied(detail)?.removeAttribute("aria-busy");
    const button = busy_button(detail.elt);
    if (button?.dataset.idle) button.textContent = button.dataset.idle;
  });

  on(HX.settled, () => {
    if (around && busy(byId(around[0]))) return; // something else has settled
    const at = document.activeElement, lost = at === body;
    if (around && (lost || at.closest(".gone"))) {
      const row = around.map((id) => id && byId(id)).find((one) => one && !one.matches(".gone"));
      (row ? row_target(row) : find("[data-list-heading]"))?.focus();
    }
    if (!lost || around) around = null;
    const count = find("[data-title-count]");
    if (count) retitle(count.dataset.titleCount);
  });

  function retitle(count) {
    const title = (Number(count) ? `(${count}) ` : "") + bare;
    document.title = title;
    tell("page:title", { title }); // an alarm writes its own words in front
  }
  on("page:count", (event) => retitle(event.detail.count));
  const bare = document.title.replace(/^\(\d+\+?\) /, "");

  // --- errors: what failed, why, try again; they stay until dismissed ------------------------------------------------
  const quiet = (detail) => /^(stream:|load|opened|revealed)/.test(detail.requestConfig?.triggeringEvent?.type || "load");

  // `undo` = {url, keys, seconds}: what was just done can be taken back for so long, with the button or by its key.
  function toast(words, { tone = "bad", again = null, reference = "", undo = null } = {}) {
    const shown = byId("toasts");
    [...shown.children].find((one) => one.dataset.words === words)?.remove();
    const note = make("div", { class: "toast", role: tone === "bad" ? "alert" : "status", "data-tone": tone, "data-words": words }, make("p", {}, words));
    if (reference) note.append(make("p", { class: "muted" }, gettext("Reference"), " ", make("span", { class: "mono" }, reference)));
    const row = make("div", { class: "button-row" });
    const button = (label, act, more) => row.append(button_of(label, (event) => { note.remove(); act?.(event); }, more));
    if (again) button(gettext("Try again"), again);
    if (undo) {
      for (const older of shown.querySelectorAll("[data-key=u]")) older.closest(".toast").remove();
      button(gettext("Undo"), (event) => htmx.ajax("POST", undo.url, { source: body, event, values: { seen: undo.keys }, target: body, swap: "none" }).catch(() => {}), { "data-key": "u" }); // failed() tells
      setTimeout(() => note.remove(), undo.seconds * 1000);
    }
    button(gettext("Dismiss"));
    note.append(row);
    shown.append(note);
    while (shown.children.length > 4) shown.firstChild.remove();
  }
  on("toast", ({ detail }) => toast(detail.words || detail.value, detail));

  function failed({ detail }, why) {
    const open = detail.elt.closest(":popover-open"); // the inbox of the bell: it says so itself
    if (open && detail.requestConfig.triggeringEvent?.type === "opened") {
      return open.replaceChildren(make("p", { role: "alert" }, gettext("Not loaded. %(why)s", { why })),
        button_of(gettext("Try again"), () => htmx.trigger(open, "opened"), { id: "bell-again" }));
    }
    if (quiet(detail)) return;
    const element = detail.elt, kind = detail.requestConfig.triggeringEvent.type;
    const named = element.dataset.what || element.getAttribute("aria-label") || element.querySelector("[type=submit], button")?.dataset.idle || element.dataset.idle;
    const what = named || (element.matches("button, a") ? element.textContent.trim() : gettext("That"));
    toast(gettext("%(what)s did not work. %(why)s", { what, why }), {
      again: () => element.isConnected && htmx.trigger(element, element.matches("form") ? "submit" : kind),
      reference: detail.xhr?.getResponseHeader("X-Request-ID"),
    });
  }
  on(HX.refused, (event) => failed(event, why(event.detail.xhr.status)));
  on(HX.unsent, (event) => failed(event, why(0)));
  on(HX.late, (event) => failed(event, why("late")));

  // --- rows -----------------------------------------------------------------------------------------------------------
  const row_target = (row) => row.querySelector("[data-row-link], .row-title, a, button");

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
    const anywhere = all(wanted).filter((one) => !one.closest("[data-row]") && (one.getClientRects().length || one.closest("[popover]")));
    const own = row?.querySelector(wanted);
    // What has no button of its own, a page may do for the row that has the focus.
    if (!own && !tell("key", { key, row })) return true;
    const target = own || find(".panel")?.querySelector(wanted) || anywhere[0];
    if (!target) return false;
    if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [data-key-focuses]")) { target.focus(); target.select?.(); } else target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || !keys_on()) return;
    if (event.key === "Escape" && find(":popover-open, dialog[open]")) return; // it closes that first
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [data-own-keys]")) return;
    clearTimeout(forget);
    const key = prefix ? `${prefix} ${event.key}` : event.key;
    prefix = "";
    if (key === "g") { prefix = "g"; forget = setTimeout(() => { prefix = ""; }, 1500); return; }
    if (key === "j" || key === "k") { event.preventDefault(); return move(key === "j" ? 1 : -1); }
    if (key.length > 1 && key !== "Escape" && !key.startsWith("g ")) return; // Enter, arrows, Tab stay the browser's
    if (press(key)) event.preventDefault();
  });

  // A popover fetches its content each time it opens: hx-trigger="opened".
  document.addEventListener("toggle", (event) => {
    if (event.newState === "open") event.target.dispatchEvent(new CustomEvent("opened"));
  }, true);

  // Forms without htmx are sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[hx-post]") || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
})();
