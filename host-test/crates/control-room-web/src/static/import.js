// Reads the chosen bot file into the form, so that the user sees it before sending it.

const choose = document.getElementById("choose");
const field = document.getElementById("file");

choose.addEventListener("change", async () => {
  const [file] = choose.files;
  if (file) {
    field.value = await file.text();
    document.getElementById("import").focus();
  }
});
