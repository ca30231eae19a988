// The queue's own: the buttons of a row, ticks and the bulk bar, the panel, keys, and who else looks at a task.
(() => {
  "use strict";
  if (!find("#queue, [data-task]")) return;
  const BUSY = { claim: gettext("Claiming…"), release: gettext("Putting back…"), complete: gettext("Completing…"), reopen: gettext("Reopening…"), wake: gettext("Bringing back…") };
  const phone = matchMedia("(max-width: 47.99rem)"), stacked = matchMedia("(max-width: 63.99rem)");
  const panel = () => byId("panel");
  const ajax = (...request) => htmx.ajax(...request).catch(() => {}); // what failed is told by portal.js
  const link_of = (row) => row?.querySelector(".row-title");
  const key_of = (row) => row.querySelector("[name=tick]")?.value || ""; // "<id>.<version>"
  const open_row = () => byId(panel()?.dataset.of)?.closest("[data-row]");

  // --- the buttons of a row stand in the one form of the list; the answer is the row itself --------------------------
  async function deed(button, event, verb = button.name) {
    const row = button.closest("[data-row]"), next = next_row(row, 1);
    if (busy(row)) return; // four fast Enters are one deed
    button.dataset.busy = BUSY[verb];
    await ajax("POST", "/tasks/row/", { source: button, event, target: button, swap: "none", values: { deed: verb, [verb]: key_of(row) } }); // the button's own name goes along
    const now = byId(row.id), at = document.activeElement;
    if (now?.matches(".gone") && (at === body || now.contains(at))) (link_of(byId(next?.id)) || find("[data-list-heading]"))?.focus();
  }

  // What the page shows of a task is what the server sends back.
  on(HX.configure, ({ detail }) => {
    const at = detail.elt.closest("[data-task], [data-row]");
    const keys = detail.parameters.seen || at?.dataset.task || (at && key_of(at)) || detail.parameters.task || "";
    if (detail.verb !== "post" || !keys) return;
    const ids = String(keys).split(",").map((key) => key.split(".")[0]);
    detail.parameters.shown = ids.flatMap((id) => [`task-${id.slice(-12)}`, `card-${id}`]).filter(byId).join(",");
  });

  // --- ticks and the bulk bar ----------------------------------------------------------------------------------------
  let armed = 0, disarm = 0;
  const ticks = () => all("#deeds [name=tick]");

  function chosen() {
    const every = byId("tick-all-pages");
    return every?.checked ? Number(every.dataset.count) : ticks().filter((tick) => tick.checked).length;
  }

  function paint() {
    const box = byId("filter-box");
    if (box && phone.matches && !box.dataset.wanted) box.open = false; // on a telephone behind its one button
    if (!byId("bulk")) return;
    const count = chosen(), every = byId("tick-all");
    byId("bulk-count").textContent = ngettext("%(count)s selected:", "%(count)s selected:", count);
    byId("many-complete").textContent = armed && armed === count ? gettext("Really complete %(count)s?", { count }) : gettext("Complete %(count)s", { count });
    every.checked = ticks().length > 0 && ticks().every((tick) => tick.checked);
  }

  function many(button, event) {
    const count = chosen();
    if (button.value === "complete" && armed !== count) { // the second press is the yes: a dialog would cover an alarm
      armed = count;
      clearTimeout(disarm);
      disarm = setTimeout(() => { armed = 0; paint(); }, 8000);
      paint();
      return say(gettext("Press again to complete %(count)s.", { count }));
    }
    byId("sure").value = armed;
    armed = 0;
    ajax("POST", button.getAttribute("formaction"), { source: button, event, target: "#queue", swap: "outerHTML" });
  }

  document.addEventListener("change", ({ target }) => {
    if (!target.closest?.("#deeds")) return;
    if (target.id === "tick-all") for (const tick of ticks()) tick.checked = target.checked;
    if (target.name === "tick" && !target.checked && byId("tick-all-pages")) byId("tick-all-pages").checked = false;
    armed = 0;
    paint();
  });

  document.addEventListener("click", ({ target }) => { if (target.closest?.("#filter-open")) byId("filter-box").dataset.wanted = "1"; });

  // --- the panel: it belongs to one row, and closes to it; on a phone it is a page of its own -------------------------
  const BACK = "opened-row"; // an element's id, forgotten with the tab

  function open(link, event) {
    panel().dataset.of = link.id;
    return ajax("GET", link.getAttribute("href"), { source: link, event, target: panel(), swap: "innerHTML" });
  }

  function close() {
    const link = byId(panel().dataset.of);
    panel().replaceChildren();
    delete panel().dataset.of;
    show_open();
    (link || find("[data-list-heading]"))?.focus();
    beat();
  }

  function show_open() {
    for (const row of all("[data-row][aria-selected]")) row.removeAttribute("aria-selected");
    open_row()?.setAttribute("aria-selected", "true");
  }

  on(HX.swap, ({ detail }) => {
    const link = detail.requestConfig.elt;
    if (detail.target === panel() && link.matches(".row-title") && link.id !== panel().dataset.of) detail.shouldSwap = false;
  });

  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("[data-close-panel], #deeds .row-title, #deeds button[name]");
    if (!at || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (at.matches(".row-title")) {
      if (!panel()) return;
      if (phone.matches) return sessionStorage.setItem(BACK, at.id);
      open(at, event);
    } else if (at.matches("[data-close-panel]")) {
      if (!panel()) return;
      close();
    } else if (at.name === "many") many(at, event);
    else deed(at, event);
    event.preventDefault();
  });

  const opened = sessionStorage.getItem(BACK);
  if (opened && byId(opened)) {
    sessionStorage.removeItem(BACK);
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") byId(opened).focus();
  }

  // --- complete and next, load more -----------------------------------------------------------------------------------
  async function step(row, event) {
    const next = next_row(row, 1);
    await deed(row.querySelector("button"), event, "complete");
    if (byId(row.id)?.matches(".gone")) go_on(next);
  }

  function go_on(row) {
    const link = row?.isConnected ? link_of(row) : null;
    if (!link) return close();
    link.focus();
    open(link);
  }

  on(HX.after, ({ detail }) => {
    const asked = detail.requestConfig.elt; // detail.elt is what is left of it on the page
    if (asked.name === "then" && detail.successful) setTimeout(go_on, 50, next_row(open_row(), 1));
    if (asked.id === "load-more" && detail.successful) link_of(all("[data-later]").pop()?.querySelector("[data-row]"))?.focus();
  });

  on(HX.settled, ({ detail }) => {
    show_open();
    paint();
    chips();
    if (detail.elt === panel() && detail.elt.childElementCount) {
      beat();
      if (stacked.matches) detail.elt.scrollIntoView({ block: "nearest" });
    }
  });
  on("rows:renewed", () => { show_open(); paint(); chips(); });

  // --- keys that have no button of their own ------------------------------------------------------------------------------
  const menu = byId("snooze-menu");
  on("key", (event) => {
    const { key, row } = event.detail, of = row || (key === "z" && open_row());
    if (!of || !byId("deeds") || !"xceEz".includes(key)) return;
    event.preventDefault();
    if (key === "x") of.querySelector("[name=tick]").click();
    else if (key === "z") offer_snooze(of);
    else if (key === "E") step(of, event);
    else deed(of.querySelector("button"), event, key === "c" ? "claim" : "complete");
  });

  function offer_snooze(row) {
    menu.dataset.row = row.id;
    byId("snooze-title").textContent = gettext("Snooze: %(what)s", { what: link_of(row).textContent });
    menu.showPopover();
    menu.querySelector("button").focus();
  }

  menu?.addEventListener("click", (event) => {
    const row = byId(menu.dataset.row), choice = event.target.closest("[data-until]");
    if (!choice || !row) return;
    menu.hidePopover();
    link_of(row).focus();
    const [task, version] = key_of(row).split(".");
    ajax("POST", `/tasks/${task}/snooze/`, { source: choice, event, target: choice, swap: "none", values: { task, version, until: choice.dataset.until } });
  });

  // --- presence: soft, for a page that is seen; it keeps no session alive ------------------------------------------------
  const BEAT = 20000;
  let others = {};

  async function beat() {
    if (document.hidden) return;
    const task = find("[data-task]")?.dataset.task || "";
    const response = await fetch("/tasks/looking/", {
      method: "POST", body: new URLSearchParams({ task }), redirect: "manual", headers: { "X-CSRFToken": token(), "X-Refresh": "1" },
    }).catch(() => null);
    if (!response?.ok) return; // the line's state is told in the header
    others = (await response.json()).looking;
    chips();
  }

  function chips() {
    for (const old of all(".presence")) old.remove();
    for (const [task, names] of Object.entries(others)) {
      for (const at of [byId(`open-${task.slice(-12)}`), byId(`card-title-${task}`)]) {
        at?.after(make("span", { class: "tag presence" }, ngettext("%(names)s is looking", "%(names)s are looking", names.length, { names: names.join(", ") })));
      }
    }
  }

  setInterval(beat, BEAT);
  document.addEventListener("visibilitychange", beat);
  paint();
  beat();
})();
