// "Show password": the field is read as it is typed, for as long as the box is ticked.
for (const tick of all("[data-shows]")) {
  tick.addEventListener("change", () => { byId(tick.dataset.shows).type = tick.checked ? "text" : "password"; });
}
