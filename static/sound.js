// The sound of emergencies: 3 + 2 and 3 + 2 pulses every 8 seconds, in one tab only, until the last alarm is acknowledged.
// Nothing else makes a noise but one low tone when alerts have been lost for 30 seconds.
(() => {
  "use strict";
  const box = byId("alarms"), bar = byId("sound-bar");
  if (!box || !window.AudioContext) return;

  const BURST_EVERY = 8000;
  const PULSES = [0, 0.25, 0.5, 0.95, 1.2, 2.0, 2.25, 2.5, 2.95, 3.2]; // seconds from the start of a burst
  const LENGTH = 0.15, PITCH = 784;

  // Made without a gesture, it starts running only where the browser already allows sound: after a click on the page
  // that linked here, say. A reload and a new tab start silent.
  const audio = new AudioContext();
  let holds = false, queued = false, alarming = false, timer = 0, playing = null;
  const armed = () => audio.state === "running";

  function paint() {
    bar.hidden = armed();
    box.dataset.sound = armed() ? "on" : "off";
    const state = byId("sound-state");
    if (state) state.textContent = box.dataset.sound === "on" ? gettext("Sound: on") : gettext("Sound: off");
    if (armed() && !queued) queue();
    sound();
  }

  function queue() { // ten armed tabs make one sound: the one that holds the lock
    queued = true;
    const hold = () => { holds = true; sound(); return new Promise(() => {}); };
    if (navigator.locks) navigator.locks.request("portal-sound", hold); else hold();
  }

  function play(offsets, pitch, length) {
    const gain = audio.createGain(), start = audio.currentTime + 0.02;
    gain.gain.value = 0;
    gain.connect(audio.destination);
    offsets.forEach((offset, index) => {
      const tone = audio.createOscillator(), from = start + offset, to = from + length;
      tone.frequency.value = index % 5 < 3 ? pitch : pitch * 1.25;
      tone.connect(gain);
      tone.start(from);
      tone.stop(to);
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(0.35, from + 0.02);
      gain.gain.setValueAtTime(0.35, to - 0.03);
      gain.gain.linearRampToValueAtTime(0, to);
    });
    return gain;
  }

  function burst() {
    playing = play(PULSES, PITCH, LENGTH);
    box.dataset.bursts = String(Number(box.dataset.bursts || 0) + 1);
  }

  function sound() {
    if (alarming && armed() && holds) {
      if (timer) return; // one sound, however many emergencies
      timer = setInterval(burst, BURST_EVERY);
      return burst();
    }
    clearInterval(timer);
    timer = 0;
    if (playing) playing.disconnect();
    playing = null;
  }

  const arm = () => { if (!armed()) audio.resume().then(paint, paint); };
  for (const name of ["pointerdown", "keydown", "click"]) document.addEventListener(name, arm, { capture: true, passive: true });
  audio.onstatechange = paint;
  on("alarms:shown", ({ detail }) => {
    alarming = detail.alarms.some((alarm) => alarm.level === "emergency");
    sound();
  });
  on("alarms:lost", () => { if (armed() && holds) play([0], 330, 0.6); });
  for (const button of all("#sound-test, [data-sound-test]")) {
    button.addEventListener("click", () => audio.resume().then(() => play(PULSES, PITCH, LENGTH), paint));
  }
  setTimeout(paint, 250); // a context that may run needs a moment to say so
})();
