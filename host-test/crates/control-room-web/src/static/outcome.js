// Waits for the end of a sign-in and then shows its outcome.

async function isOver() {
  try {
    const answer = await fetch("/connections/sign-in/outcome", { redirect: "manual" });
    if (answer.status === 503) throw new Error("the server is busy or shutting down");
    return answer.ok ? (await answer.json()).over : true;
  } catch {
    return new Promise((later) => setTimeout(() => later(false), 2000));
  }
}

const open = document.getElementById("open");
// The callback reaches the Control Room only if the browser runs on the same machine.
if ("follow" in open.dataset && ["127.0.0.1", "[::1]", "localhost"].includes(location.hostname)) {
  // *Back* leads here, to paste the callback, without going on again.
  const url = new URL(location.href);
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
  location.assign(open.href);
}

while (!(await isOver())) {
  // Long polling: the server answers when the sign-in has ended.
}
// A reload would send the form of this page again.
location.replace(location.href);
