// One event stream per browser. The tab that holds the Web Lock "portal-stream" opens GET /events/ and repeats each
// message to the others over a BroadcastChannel; when it closes, the next tab in line takes over.
//
// A message {"kind": "task.opened"} becomes the event "stream:task" on <body> in every tab. "stream:resync" says that
// messages may have been missed: after each (re)connection, and on a timer while there is no stream.
// The stream is a hint. What is true is read again from the server.
(() => {
  "use strict";
  const url = body.dataset.stream;
  if (!url) return;

  const FIRST_WAIT = 1000, LONGEST_WAIT = 30000; // between two tries, doubling, with up to 30 % of chance added
  const SILENCE = 25000; // the server speaks every 10 s: after this the line is dead even if TCP has not noticed
  const LEADER_SILENCE = 100000; // a hidden leader's timers may run only once a minute
  const POLL_SHOWN = 15000, POLL_HIDDEN = 60000;

  const channel = new BroadcastChannel("portal-stream");
  const post = (message) => channel.postMessage(message);

  let leader = false, source = null, wait = FIRST_WAIT, retry = 0, watchdog = 0, steady = 0;
  let release = null; // resolves the promise that holds the lock
  let leaderSeen = 0;
  let state = "connecting";

  function become(next, at = Date.now()) {
    const changed = next !== state;
    state = next;
    tell("link:stream", { state, at });
    if (leader) post({ state, at });
    if (changed && next === "live") resync();
  }

  function resync() { tell("stream:resync"); }

  function pass(kind) {
    const family = String(kind).split(".")[0];
    if (kind === "system.signed_out" || family === "resync") return resync(); // asking finds out
    if (family === "system" || family === "beat") return;
    tell("stream:" + family, { kind });
  }

  // --- the leader ---------------------------------------------------------------------------------------------
  function alive() {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, SILENCE);
  }

  function open() {
    clearTimeout(retry);
    close();
    source = new EventSource(url);
    source.onopen = () => {
      clearTimeout(steady);
      steady = setTimeout(() => { wait = FIRST_WAIT; }, 5000);
      become("live");
    };
    source.onmessage = (event) => {
      beat();
      let message;
      try { message = JSON.parse(event.data); } catch { return resync(); } // cut or garbled: ask instead of guessing
      pass(message.kind);
      post({ kind: message.kind });
    };
    source.addEventListener("beat", beat);
    source.onerror = lost;
  }

  function beat() {
    alive(); // armed only by a server that beats
    become("live");
  }

  function close() {
    clearTimeout(watchdog);
    clearTimeout(steady);
    source?.close();
    source = null;
  }

  function lost() {
    close();
    become("lost");
    retry = setTimeout(open, wait * (1 + Math.random() * 0.3));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function lead() {
    leader = true;
    body.dataset.streamLeader = "";
    open();
    return new Promise((resolve) => { release = resolve; });
  }

  function stand() {
    // Without locks (an insecure origin) no tab may hold a stream for ever: six of them block the seventh page.
    if (!navigator.locks) return become("lost");
    navigator.locks.request("portal-stream", lead).catch(() => become("lost"));
    post({ ask: "state" });
  }

  function step_down() {
    clearTimeout(retry);
    close();
    leader = false;
    delete body.dataset.streamLeader;
    release?.();
    release = null;
  }

  // --- the followers ------------------------------------------------------------------------------------------
  channel.onmessage = ({ data }) => {
    if (data.kind) return pass(data.kind);
    if (data.ask) return leader && post({ state, at: Date.now() });
    if (leader) return;
    leaderSeen = Date.now();
    become(data.state, data.at);
  };
  // What a deed of this tab says with HX-Trigger concerns the others too; such an event names the element it came from.
  on("stream:notification", ({ detail }) => { if (detail.elt) post({ kind: "notification.read" }); });
  setInterval(() => {
    if (leader) post({ state, at: Date.now() });
    else if (leaderSeen && Date.now() - leaderSeen > LEADER_SILENCE) become("lost");
  }, 10000);

  // --- without a stream: ask on a timer -----------------------------------------------------------------------
  (function poll() {
    setTimeout(() => {
      if (state !== "live") resync();
      poll();
    }, document.hidden ? POLL_HIDDEN : POLL_SHOWN);
  })();

  const hurry = () => { if (leader && state !== "live") { wait = FIRST_WAIT; open(); } };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) hurry(); });
  addEventListener("pagehide", step_down);
  addEventListener("pageshow", (event) => { if (event.persisted) { stand(); resync(); } });
  stand();
})();
