// Copy buttons beside fields, also of those that come later.

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without TLS, the clipboard works on loopback only; otherwise the field is selected for copying by hand.
    if (!document.execCommand("copy")) {
      return;
    }
  }
  const label = button.textContent;
  if (label === button.dataset.copied) {
    return;
  }
  const name = button.getAttribute("aria-label");
  button.textContent = button.dataset.copied;
  button.setAttribute("aria-label", button.dataset.copied);
  setTimeout(() => {
    button.textContent = label;
    button.setAttribute("aria-label", name);
  }, 2000);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (button) {
    copy(button);
  }
});
