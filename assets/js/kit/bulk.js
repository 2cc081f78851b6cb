// Bulk selection: <form data-bulk> around a table; a head box selects the page, buttons show how many are chosen.
function refresh(form) {
  const boxes = [...form.querySelectorAll("input[data-bulk-row]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const head = form.querySelector("input[data-bulk-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === boxes.length;
    head.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  for (const row of boxes) row.closest("tr")?.classList.toggle("table-active", row.checked);
  const owned = [...document.querySelectorAll("[data-bulk-action]")].filter((button) => button.form === form);
  for (const button of owned) button.disabled = chosen === 0;
  for (const count of document.querySelectorAll(`[data-bulk-count="${form.id}"]`)) count.textContent = String(chosen);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  const form = box.closest("form[data-bulk]") || box.form;
  if (!form || !form.matches("[data-bulk]")) return;
  if (box.matches("[data-bulk-all]")) {
    for (const row of form.querySelectorAll("input[data-bulk-row]")) row.checked = box.checked;
  }
  refresh(form);
});

function refreshAll() {
  document.querySelectorAll("form[data-bulk]").forEach(refresh);
}
document.addEventListener("htmx:afterSettle", refreshAll);
window.addEventListener("pageshow", refreshAll);
refreshAll();
