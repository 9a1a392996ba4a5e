"use strict";
// Keys of the second pass: a letter presses its button or leads to its field, Escape leaves a field. The page works
// without this too, by its buttons and access keys.
{
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const focus = (id) => {
    const field = document.getElementById(id);
    field.focus();
    field.scrollIntoView({ block: "center" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.activeElement.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const pressed = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!pressed || event.repeat) return;
    event.preventDefault();
    pressed.click();
  });
  for (const button of document.querySelectorAll("[data-focus]")) {
    button.addEventListener("click", () => focus(button.dataset.focus));
  }
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault(); // a key that is pressed twice sends once
      form.dataset.sent = "yes";
    });
  }

  const search = document.getElementById("mend-search");
  const rows = [...document.querySelectorAll("#mend-tags li")];
  // With the search at hand, Tab need not stop at each of five hundred tags: the list is one stop, and scrolls.
  for (const row of rows) row.querySelector("input").tabIndex = -1;
  document.getElementById("mend-tags")?.setAttribute("tabindex", "0");
  const narrow = () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  };
  search?.addEventListener("input", narrow);
  search?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // Enter in the search ticks; it sends from the other fields
    const first = rows.find((row) => !row.hidden)?.querySelector("input");
    if (!first || !search.value.trim()) return;
    first.click();
    document.getElementById("mend-ticked").textContent = `${first.checked ? "+" : "−"} ${first.value}`;
    search.value = "";
    narrow();
  });
}
