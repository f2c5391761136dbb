// Copies what a field shows, by the button beside it.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  const name = button.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without TLS, other machines than this one have no clipboard; the field is selected to be copied by hand.
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
