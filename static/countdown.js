// A step that is to come counts down; what happens at nought is the server's.
setInterval(() => {
  for (const at of all("[data-countdown]")) {
    const left = Math.max(0, Math.round((new Date(at.dataset.countdown) - Date.now()) / 1000));
    at.textContent = minutes(left);
  }
}, 1000);
