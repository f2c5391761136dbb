// Waits for the end of a sign-in and then shows its outcome.

async function isOver() {
  try {
    const answer = await fetch("/connections/sign-in/outcome", { redirect: "manual" });
    return answer.ok ? (await answer.json()).over : true;
  } catch {
    return new Promise((later) => setTimeout(() => later(false), 2000));
  }
}

while (!(await isOver())) {
  // Long polling: the server answers when the sign-in has ended.
}
// A reload would send the form of this page again.
location.replace(location.href);
