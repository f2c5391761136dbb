// Copy buttons beside fields.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  const name = button.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without TLS, the clipboard works on loopback only; otherwise the field is selected for copying by hand.
      if (!document.execCommand("copy")) {
        return;
      }
    }
    button.textContent = button.dataset.copied;
    button.setAttribute("aria-label", button.dataset.copied);
    setTimeout(() => {
      button.textContent = label;
      button.setAttribute("aria-label", name);
    }, 2000);
  });
}
