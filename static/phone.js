// The test phone: plays a caller through the real webhook. The server signs and posts; this page only shows.
//
//   POST <ring>             {"from": "+1...", "level"} each with "dial": how the clinic's own line would answer a transfer
//   POST <ring><id>/say/    {"words": "..."} or {"digits": "1"} or {"silence": true}
//   POST <ring><id>/hangup/ {}
//   each answers {"call", "exchanges": [{method, path, status, took_ms, signed, fields: [[name, value]], twiml, fault}], "heard": [sentence],
//   "listening": {"speech", "keypad", "digits"}, "over", "status", "created": [{kind, label, url}],
//   "understood": {words, confidence, intent, language, filled: [[name, value]], findings: [[kind, reason, rule]], took_ms}}
// "down" and, when ringing, "duty" say what fails and whether an alarm rings the people on call.
//
// Everything that comes back is written as text, never as HTML.
(() => {
  "use strict";
  const phone = document.getElementById("phone");
  if (!phone) return;
  const MOST_TURNS = 200;

  let call = "", busy = false, turns = 0, pressed = "", listening = {}, lines = [], language = "";

  // --- asking the server ------------------------------------------------------------------------------------------
  async function ask(path, payload) {
    let response;
    try {
      response = await fetch(phone.dataset.ring + path, {
        method: "POST", body: JSON.stringify({ ...payload, dial: byId("dial").value, down: byId("down").value }), redirect: "manual", signal: AbortSignal.timeout(30000),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
      });
    } catch (error) {
      return { trouble: error.name === "TimeoutError" ? gettext("The server did not answer within 30 seconds.") : gettext("The server cannot be reached.") };
    }
    if (response.type === "opaqueredirect") return { trouble: gettext("You are signed out. Reload the page to sign in.") };
    const text = await response.text();
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* an error page: its status is said below */ }
    if (answer && (response.ok || answer.exchanges)) return answer;
    const reference = response.headers.get("X-Request-ID");
    const said = answer?.message || answer?.error?.message || (response.headers.get("Content-Type") || "").startsWith("text/plain") && text.slice(0, 300) || "";
    return { trouble: `${gettext("The server answered %(status)s.", { status: response.status })} ${said}${reference ? ` ${gettext("Reference")} ${reference}.` : ""}`.trim() };
  }

  async function turn(path, payload, shown) {
    if (busy) return;
    if (turns >= MOST_TURNS) return system(gettext("This page stops a test call after 200 turns."));
    busy = true;
    turns += 1;
    phone.setAttribute("aria-busy", "true");
    if (shown) bubble("caller", shown);
    const answer = await ask(path, payload);
    busy = false;
    phone.removeAttribute("aria-busy");
    take(answer);
  }

  function take(answer) {
    if (answer.trouble) return system(answer.trouble, true);
    if (answer.call) call = answer.call;
    for (const exchange of answer.exchanges || []) show_exchange(exchange);
    for (const sentence of answer.heard || []) bubble("assistant", sentence);
    read_aloud(answer.heard || []);
    listening = answer.listening || {};
    made(answer.created || []);
    show_understood(answer.understood);
    byId("hood-status").textContent = gettext("Status: %(status)s", { status: answer.status || gettext("unknown") });
    if (answer.over) { system(gettext("The call is over.")); call = ""; }
    paint();
  }

  // --- what was said ------------------------------------------------------------------------------------------------
  const WHO = { caller: gettext("You"), assistant: gettext("Assistant"), system: "" };

  function bubble(who, words) {
    byId("talk-empty")?.remove();
    const node = make("div", { class: "bubble", "data-who": who });
    if (WHO[who]) node.append(make("span", { class: "who" }, WHO[who]));
    node.append(words);
    const talk = byId("talk");
    const follows = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
    byId("bubbles").append(node);
    if (follows) talk.scrollTop = talk.scrollHeight;
  }

  function system(words, bad = false) {
    bubble("system", words);
    if (bad) byId("bubbles").lastChild.setAttribute("data-finding", "failure");
    paint();
  }

  function read_aloud(sentences) {
    if (!byId("aloud").checked || !("speechSynthesis" in window)) return;
    for (const sentence of sentences) {
      const speech = new SpeechSynthesisUtterance(sentence);
      if (language) speech.lang = language;
      speech.rate = Number(byId("rate").value);
      speechSynthesis.speak(speech);
    }
  }

  function paint() {
    const on = Boolean(call);
    byId("ring").setAttribute("aria-disabled", String(on));
    for (const id of ["hang-up", "silence", "send", "next-line"]) byId(id).setAttribute("aria-disabled", String(!on));
    const keys = listening.keypad ? (listening.digits ? " " + ngettext("or %(count)s key", "or %(count)s keys", listening.digits) : " " + gettext("or keys, then #")) : "";
    const ears = listening.speech ? gettext("Listening for words") + keys : listening.keypad ? gettext("Listening for keys") : gettext("Not listening");
    byId("phone-state").textContent = on ? gettext("In a call. %(ears)s.", { ears }) : gettext("No call.");
    byId("pressed").textContent = pressed || "–";
    const next = byId("next-line");
    next.hidden = !lines.length;
    if (lines.length) next.textContent = next_words(lines[0]);
  }

  const keys_of = (line) => (line.match(/^\[press ([0-9*#]+)\]$/) || [])[1];

  function next_words(line) {
    if (keys_of(line)) return gettext("Press %(digits)s", { digits: keys_of(line) });
    return line === "[silence]" ? gettext("Say nothing") : gettext("Say “%(words)s”", { words: line.length > 28 ? line.slice(0, 27) + "…" : line });
  }

  // --- under the hood -----------------------------------------------------------------------------------------------
  function show_exchange(exchange) {
    const good = exchange.status && exchange.status < 400 && !exchange.fault;
    const summary = make("summary", {}, `${exchange.method} ${exchange.path} `,
      make("span", { class: "tag", "data-tone": good ? "good" : "bad" }, exchange.status ? String(exchange.status) : gettext("no answer")), ` ${exchange.took_ms} ms `,
      exchange.signed ? gettext("signed ✓") : gettext("not signed ✗"));
    const box = make("details", { class: "exchange" }, summary);
    if (exchange.reference) box.append(make("p", { class: "muted" }, gettext("Reference"), " ", make("span", { class: "mono" }, exchange.reference)));
    if (exchange.fault) box.append(make("p", { class: "notice", "data-tone": "bad" }, exchange.fault));
    if (exchange.twiml) box.append(...code(exchange.twiml));
    if (exchange.fields?.length) {
      const facts = make("dl", { class: "facts" });
      for (const [name, value] of exchange.fields) facts.append(make("div", {}, make("dt", {}, name), make("dd", { class: "mono" }, String(value))));
      box.append(make("details", {}, make("summary", {}, gettext("Form fields (%(count)s)", { count: exchange.fields.length })), facts));
    }
    for (const old of byId("exchanges").querySelectorAll(":scope > details[open]")) old.open = false;
    box.open = true;
    byId("exchanges").prepend(box);
  }

  // Cut at the tags by hand: the browser's own XML parser answers broken TwiML with a styled page.
  const TOKENS = /<\?[^>]*\?>|<!--[^]*?-->|<\/?[^>]*>|[^<]+/g;

  function code(source) {
    const pre = make("pre", { class: "code", tabindex: "0", role: "region", "aria-label": "TwiML" });
    const open = [];
    let fault = "", inline = false; // inline: the last thing written is a start tag, so its text or its end stays beside it
    for (const token of source.match(TOKENS) || []) {
      if (!token.trim() || token.startsWith("<?")) continue;
      const name = (token.match(/^<\/?([\w:.-]+)/) || [])[1];
      if (!token.startsWith("<")) { pre.append(inline ? "" : newline(pre, open), make("span", { class: "tx" }, token.trim())); inline = inline && "text"; continue; }
      if (token.startsWith("</")) {
        const opened = open.pop();
        if (opened !== name) fault = fault || gettext("%(tag)s ends %(opened)s.", { tag: `</${name}>`, opened: opened ? `<${opened}>` : gettext("nothing") });
        pre.append(inline ? "" : newline(pre, open), make("span", { class: "el" }, token));
        inline = false;
        continue;
      }
      pre.append(newline(pre, open), ...start_tag(token, name));
      inline = !token.endsWith("/>");
      if (inline) open.push(name);
    }
    if (open.length) fault = fault || gettext("%(tag)s has no end.", { tag: `<${open.pop()}>` });
    language = (source.match(/\slanguage="([\w-]+)"/) || [])[1] || language;
    const copy = make("button", { class: "button small", type: "button" }, gettext("Copy"));
    copy.addEventListener("click", () => navigator.clipboard.writeText(source).then(() => { copy.textContent = gettext("Copied"); }, () => { copy.textContent = gettext("Copying is blocked"); }));
    const parts = [pre, make("div", { class: "button-row" }, copy)];
    return fault ? [make("p", { class: "notice", "data-tone": "bad" }, gettext("This is not well-formed: %(fault)s", { fault })), ...parts] : parts;
  }

  const newline = (pre, open) => (pre.childNodes.length ? "\n" : "") + "  ".repeat(open.length);

  function start_tag(token, name) {
    const parts = [make("span", { class: "el" }, "<" + name)];
    for (const attribute of token.match(/[\w:.-]+="[^"]*"/g) || []) parts.push(" ", make("span", { class: "at" }, attribute));
    return [...parts, make("span", { class: "el" }, token.endsWith("/>") ? "/>" : ">")];
  }

  // What the telephone made of the last thing that was said: intent, fields, findings, how sure the recogniser was.
  function show_understood(told) {
    byId("understood-box").hidden = !told;
    if (!told) return;
    const rows = [[gettext("Heard"), told.confidence ? `${told.words} (${told.confidence})` : told.words || gettext("nothing")],
      [gettext("Wanted"), told.intent || gettext("not clear yet")], [gettext("Language"), told.language], ...told.filled,
      ...told.findings.map(([kind, reason, rule]) => [kind, `${reason} (${rule})`]), [gettext("Thought"), `${told.took_ms} ms`]];
    byId("understood").replaceChildren(...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(value)))));
  }

  const KINDS = { task: gettext("task"), escalation: gettext("escalation") };

  function made(items) {
    const list = byId("created");
    for (const { kind, label, url } of items) {
      const path = /^\/(?![/\\])/.test(url || "") ? url : "";
      const id = `${kind} ${path || label}`;
      const words = make("span", { class: "tag tag-test" }, gettext("TEST"));
      const item = make("li", { "data-made": id }, words, ` ${KINDS[kind] || kind}: `, path ? make("a", { href: path }, label) : label);
      const old = [...list.children].find((shown) => shown.dataset.made === id);
      if (old) old.replaceWith(item); else list.append(item);
    }
    byId("created-box").hidden = !list.children.length;
  }

  // --- the handset --------------------------------------------------------------------------------------------------
  const says = (payload, shown) => (call ? turn(call + "/say/", payload, shown) : system(gettext("Press Call first.")));

  byId("ring").addEventListener("click", async () => {
    if (call || busy) return;
    byId("bubbles").replaceChildren();
    byId("exchanges").replaceChildren();
    byId("created").replaceChildren();
    show_understood(null);
    turns = 0; pressed = ""; listening = {};
    pick();
    await turn("", { from: byId("caller-id").value, level: byId("level").value, duty: Boolean(byId("duty")?.checked) }, "");
    if (call) byId("words").focus();
  });

  byId("hang-up").addEventListener("click", async () => {
    if (!call) return;
    window.speechSynthesis?.cancel();
    const ending = call;
    await turn(ending + "/hangup/", {}, gettext("(hangs up)"));
  });

  byId("silence").addEventListener("click", () => call && says({ silence: true }, gettext("(silence)")));

  byId("say-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = byId("words").value.trim();
    if (!words || busy) return;
    if (!call) return system(gettext("Press Call first."));
    byId("words").value = "";
    says({ words }, words);
  });

  function digit(key) {
    if (!call) return system(gettext("Press Call first."));
    if (busy) return;
    if (!listening.keypad) return system(gettext("The phone is not listening for keys now."));
    const whole = listening.digits ? (pressed + key).length >= listening.digits : key === "#";
    pressed += key;
    paint();
    if (!whole) return;
    const digits = pressed.replace(/#$/, "") || "#";
    pressed = "";
    says({ digits }, gettext("(presses %(digits)s)", { digits }));
  }
  byId("pad").addEventListener("click", (event) => { if (event.target.dataset.digit) digit(event.target.dataset.digit); });
  byId("pad").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[0-9*#]$/.test(event.key)) return;
    event.preventDefault();
    digit(event.key);
  });

  function pick() {
    const chosen = byId("scenario").selectedOptions[0];
    lines = (chosen.dataset.lines || "").split("\n").filter(Boolean);
    paint();
  }
  byId("scenario").addEventListener("change", pick);
  byId("next-line").addEventListener("click", () => {
    if (!call || busy || !lines.length) return;
    const words = lines.shift(), digits = keys_of(words);
    paint();
    if (digits) return says({ digits }, gettext("(presses %(digits)s)", { digits }));
    if (words === "[silence]") return says({ silence: true }, gettext("(silence)"));
    says({ words }, words);
  });

  if (window.matchMedia("(max-width: 47.99rem)").matches) byId("hood").open = false;
  paint();
})();
