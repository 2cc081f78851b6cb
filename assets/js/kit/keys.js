// Keyboard paging on lists: Alt+PageDown goes on, Alt+PageUp goes back, "/" goes to the search field.
function typing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (typing(event.target)) return;
  if (event.altKey && event.key === "PageDown") document.querySelector("a[rel=next]")?.click();
  if (event.altKey && event.key === "PageUp") document.querySelector("a[rel=prev]")?.click();
  if (event.key === "/" && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});
