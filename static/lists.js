// A list that learns of news without moving: "stream:task" is heard, the list is fetched again, rows on screen change in
// place, new ones wait behind a button, and nothing is reordered under the pointer.
//
//   <table id data-refresh="URL" data-refresh-on="stream:task" data-one="new task" data-many="new tasks">, with
//   data-refresh-every="60" also so many seconds after the last look: words such as "4 min" grow old;
//   <tr id data-row data-version> in it; <div id="news"> for the button; [data-live][id] anywhere (counts on tabs) is
//   replaced when the answer holds it too; [data-title-count] gives the page's title its number. Rows in [data-later]
//   are of a later page, which the answer does not hold.
(() => {
  "use strict";
  const list = () => find("[data-refresh]");
  if (!list()) return;

  let soon = 0, later = 0, latest = null;
  let asked = 0, known = 0; // refreshes have numbers: what was asked up to `known` is older than what the page shows

  const typed = (row) => [...row.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
  const touched = (row) => row.contains(document.activeElement) || busy(row) || row.querySelector("input:checked") || typed(row);

  async function refresh() {
    const now = list();
    if (!now || document.hidden) return;
    const turn = ++asked;
    plan(now);
    const response = await fetch(now.dataset.refresh, { headers: { "HX-Request": "true", "X-Refresh": "1" }, cache: "no-store" }).catch(() => null);
    if (!response || !response.ok || response.status === 204) return; // the line's state is told in the header
    const holder = document.createElement("template"); // inert, and lets a fragment begin with <tr> or <tbody>
    holder.innerHTML = await response.text();
    after_press(() => { if (turn > known) put(now, holder.content, turn); });
  }

  function put(now, answer, turn) {
    const root = answer.firstElementChild;
    const fresh = answer.querySelector("[data-refresh]");
    if (now !== list() || !fresh || fresh.dataset.refresh !== now.dataset.refresh) return; // another view meanwhile
    known = turn;
    latest = root && root.id && byId(root.id)?.contains(now) ? root : fresh; // all that the server redraws with the list
    merge(now, fresh);
    for (const fresh of answer.querySelectorAll("[data-live][id]")) swap(byId(fresh.id), fresh);
    const count = answer.querySelector("[data-title-count]");
    if (count) tell("page:count", { count: count.dataset.titleCount });
  }

  function swap(old, fresh) {
    if (!old || old.outerHTML === fresh.outerHTML || old.contains(document.activeElement)) return;
    replace(old, fresh);
  }

  // What a person has opened stays open.
  function replace(old, fresh) {
    const copy = document.importNode(fresh, true);
    for (const { id } of old.querySelectorAll("details[id][open]")) copy.querySelector(`[id="${id}"]`)?.setAttribute("open", "");
    old.replaceWith(copy);
    htmx.process(copy);
    return copy;
  }

  function merge(now, fresh) {
    let added = 0, gone = 0;
    for (const row of fresh.querySelectorAll("[data-row]")) {
      const shown = byId(row.id);
      if (!shown) added += 1;
      else if (shown.dataset.version !== row.dataset.version && !touched(shown)) swap(shown, row);
    }
    for (const row of now.querySelectorAll("[data-row]")) {
      if (row.closest("[data-later]") || busy(row)) continue;
      const left = !fresh.querySelector(`[id="${CSS.escape(row.id)}"]`);
      row.classList.toggle("gone", left);
      gone += left;
    }
    offer(now, added, gone);
  }

  function offer(list, added, gone) {
    const slot = byId("news");
    if (!slot) return;
    const news = added ? `${added} ${added === 1 ? list.dataset.one : list.dataset.many}` : gone ? gettext("The list has changed") : "", words = news && `${news} – ${gettext("show")}`;
    if (!words) return slot.replaceChildren();
    if (slot.textContent === words) return;
    slot.replaceChildren(button_of(words, renew, { class: "button warn", id: "news-show" }));
    say(news);
  }

  async function renew() {
    if (!latest) await refresh(); // a deed has made the one at hand old
    if (!latest) return;
    const ticked = all("[data-row] input:checked"), copy = replace(byId(latest.id), latest);
    for (const { id } of ticked) if (byId(id)) byId(id).checked = true;
    byId("news").replaceChildren();
    tell("rows:renewed");
    (copy.querySelector("[data-row-link], [data-row] .row-title, [data-row] a") || find("[data-list-heading]"))?.focus();
  }

  const ask = () => { clearTimeout(soon); soon = setTimeout(refresh, 150); };
  function plan({ dataset }) {
    clearTimeout(later);
    if (dataset.refreshEvery) later = setTimeout(ask, dataset.refreshEvery * 1000);
  }
  plan(list());
  for (const name of [list().dataset.refreshOn, "stream:resync"]) on(name, ask);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });

  // What was asked before a deed was answered may be of before it, and a busy row was passed over.
  const is_deed = ({ requestConfig }) => requestConfig.verb === "post";
  on(HX.swap, ({ detail }) => { if (is_deed(detail)) { known = asked; latest = null; } });
  on(HX.after, ({ detail }) => { if (is_deed(detail)) ask(); });
})();
