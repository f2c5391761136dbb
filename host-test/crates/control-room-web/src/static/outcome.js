// Waits until a sign-in is over, and then shows what came of it.

async function isOver() {
  try {
    const answer = await fetch("/connections/sign-in/outcome", { redirect: "manual" });
    return answer.ok ? (await answer.json()).over : true;
  } catch {
    return new Promise((later) => setTimeout(() => later(false), 2000));
  }
}

while (!(await isOver())) {
  // The server waits, and answers when there is something to tell.
}
// A page that was made by a form would be sent again.
location.replace(location.href);
