// A list that learns of news without moving: "stream:task" is heard, the list is fetched again, rows on screen change in
// place, new ones wait behind a button, and nothing is reordered under the pointer.
//
//   <tbody id data-rows data-refresh="URL" data-refresh-on="stream:task" data-one="new task" data-many="new tasks">
//   <tr id data-row data-version> in it; <div id="news"> for the button; [data-live][id] anywhere (counts on tabs) is
//   replaced when the answer holds it too; [data-title-count] gives the page's title its number.
(() => {
  "use strict";
  const list = document.querySelector("[data-rows][data-refresh]");
  if (!list) return;

  const body = document.body;
  const byId = (id) => document.getElementById(id);
  const tell = (name, detail) => body.dispatchEvent(new CustomEvent(name, { detail }));
  let soon = 0, latest = null;

  const touched = (row) => row.contains(document.activeElement) || row.getAttribute("aria-busy") === "true" || row.querySelector("input:checked");

  async function refresh() {
    const now = byId(list.id);
    if (!now || document.hidden) return;
    const response = await fetch(now.dataset.refresh, { headers: { "HX-Request": "true", "HX-Current-URL": location.href }, cache: "no-store" }).catch(() => null);
    if (!response || !response.ok || response.status === 204) return; // the line's state is told in the header
    const holder = document.createElement("template"); // inert, and lets a fragment begin with <tr> or <tbody>
    holder.innerHTML = await response.text();
    const answer = holder.content;
    const fresh = answer.querySelector(`[id="${CSS.escape(now.id)}"]`);
    const root = answer.firstElementChild;
    latest = root && root.id && byId(root.id)?.contains(now) ? root : fresh; // all that the server redraws with the list
    if (fresh) merge(now, fresh);
    for (const fresh of answer.querySelectorAll("[data-live][id]")) swap(byId(fresh.id), fresh);
    const count = answer.querySelector("[data-title-count]");
    if (count) tell("page:count", { count: count.dataset.titleCount });
  }

  function swap(old, fresh) {
    if (!old || old.outerHTML === fresh.outerHTML || old.contains(document.activeElement)) return;
    const copy = document.importNode(fresh, true);
    old.replaceWith(copy);
    htmx.process(copy);
  }

  function merge(now, fresh) {
    let added = 0, gone = 0;
    for (const row of fresh.querySelectorAll("[data-row]")) {
      const shown = byId(row.id);
      if (!shown) added += 1;
      else if (shown.dataset.version !== row.dataset.version && !touched(shown)) swap(shown, row);
    }
    for (const row of now.querySelectorAll("[data-row]")) {
      const left = !fresh.querySelector(`[id="${CSS.escape(row.id)}"]`);
      row.classList.toggle("gone", left);
      gone += left;
    }
    offer(added, gone);
  }

  function offer(added, gone) {
    const slot = byId("news");
    if (!slot) return;
    const words = added ? `${added} ${added === 1 ? list.dataset.one || "new" : list.dataset.many || "new"} – show` : gone ? "The list has changed – show" : "";
    if (!words) return slot.replaceChildren();
    if (slot.textContent === words) return;
    const button = document.createElement("button");
    Object.assign(button, { className: "button warn", type: "button", id: "news-show", textContent: words });
    button.addEventListener("click", renew);
    slot.replaceChildren(button);
    tell("say", { value: words.replace(" – show", "") });
  }

  function renew() {
    const copy = document.importNode(latest, true);
    byId(latest.id).replaceWith(copy);
    htmx.process(copy);
    byId("news").replaceChildren();
    const first = copy.querySelector("[data-row-link], [data-row] .row-title, [data-row] a") || document.querySelector("[data-list-heading]");
    if (first) first.focus();
  }

  const ask = () => { clearTimeout(soon); soon = setTimeout(refresh, 150); };
  for (const name of [list.dataset.refreshOn || "stream:task", "stream:resync"]) body.addEventListener(name, ask);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
})();
