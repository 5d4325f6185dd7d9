// Selects of the administration that search as one types have no name of their own: they take their label's.
function nameSelects() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const shown = select.parentElement.querySelector(".select2-selection[aria-labelledby]");
    if (!label || !shown) continue;
    const name = label.textContent.replace("*", "").trim();
    shown.removeAttribute("aria-labelledby");
    for (const each of [shown, ...shown.querySelectorAll("[role=textbox]")]) each.setAttribute("aria-label", name);
  }
}
// They are made after the page was read, and again where a row is added to a form.
new MutationObserver(nameSelects).observe(document, { childList: true, subtree: true });
