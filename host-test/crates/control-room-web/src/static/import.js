// Reads a bot file that is chosen into the form, where it can be looked at before it is sent.

const choose = document.getElementById("choose");
const field = document.getElementById("file");

choose.addEventListener("change", async () => {
  const [file] = choose.files;
  if (file) {
    field.value = await file.text();
    document.getElementById("import").focus();
  }
});
