// What a move to htmx 4 takes, for the second leg of the browser tests: its settings, and its events under htmx 2's names.
// Loaded behind htmx 4.0.1 in place of htmx 2; the pages, the server and our scripts are the ones that ship.
(() => {
  "use strict";
  const REFUSED = [400, 401, 403, 404, 405, 410, 412, 413, 415, 423, 429]; // 409 and 422 are swapped
  Object.assign(htmx.config, { history: "reload", noSwap: [204, 304, ...REFUSED, "5xx"], defaultTimeout: 10000, defaultSettleDelay: 0 });

  const told = (ctx) => ({
    elt: ctx.sourceElement.isConnected ? ctx.sourceElement : document.body,
    target: ctx.target,
    requestConfig: { elt: ctx.asked || ctx.sourceElement, triggeringEvent: ctx.sourceEvent, verb: ctx.request.method.toLowerCase() },
    successful: Boolean(ctx.response && ctx.response.status < 400),
    xhr: ctx.response && { status: ctx.response.status, getResponseHeader: (name) => ctx.response.headers.get(name) },
  });

  function say(name, detail) {
    const at = detail.elt.isConnected ? detail.elt : document.body;
    return at.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, cancelable: true }));
  }

  const heard = {
    "htmx:config:request": (ctx) => {
      const { headers, body } = ctx.request;
      ctx.asked = ctx.sourceElement; // htmx 4 forgets it when it leaves the page
      headers["HX-Target"] = ctx.target?.id || "";
      delete headers.Accept;
      const parameters = new Proxy({}, { get: (_, name) => body.get(name) || undefined, set: (_, name, value) => { body.set(name, value); return true; } });
      say("htmx:configRequest", { ...told(ctx), verb: ctx.request.method.toLowerCase(), headers, parameters });
    },
    "htmx:before:request": (ctx) => { say("htmx:beforeRequest", told(ctx)); },
    // A row beside other parts is wrapped so that the parser keeps it: in a template for 2, in a partial for 4.
    "htmx:after:request": (ctx) => {
      ctx.text = ctx.text.replace(/<template>(\s*<tr id="([^"]+)")/g, '<hx-partial hx-target="#$2" hx-swap="outerHTML">$1').replace(/<\/tr>\s*<\/template>/g, "</tr></hx-partial>");
      ctx.events = ctx.hx.trigger;
      delete ctx.hx.trigger;
    },
    "htmx:before:swap": (ctx, event) => {
      const detail = { ...told(ctx), shouldSwap: true };
      say("htmx:beforeSwap", detail);
      if (!detail.shouldSwap) event.preventDefault();
    },
    "htmx:finally:request": (ctx) => {
      // HX-Trigger: 4 tells it to the element that asked, which may be gone, and does not name it as 2 does.
      for (const [name, value] of Object.entries(JSON.parse(ctx.events || "{}"))) {
        const { elt } = told(ctx);
        say(name, typeof value === "object" ? { ...value, elt } : { value, elt });
      }
      say("htmx:afterRequest", told(ctx));
    },
    "htmx:response:error": (ctx) => { if (![409, 422].includes(ctx.response.status)) say("htmx:responseError", told(ctx)); },
    "htmx:error": (ctx) => { if (!ctx.response) say(ctx.request.signal.reason === "timeout" ? "htmx:timeout" : "htmx:sendError", told(ctx)); },
  };
  for (const [name, act] of Object.entries(heard)) document.addEventListener(name, (event) => { if (event.detail.ctx) act(event.detail.ctx, event); });
  document.addEventListener("htmx:after:settle", ({ detail: { task } }) => {
    const elt = task.target.isConnected ? task.target : document.body;
    say("htmx:afterSettle", { elt, target: elt });
  });
})();
