// Conflict of two changes to the same bot: shows both versions and lets the user choose.

import { byId, element } from "./element.js";

/** Shows both files; `choices` are the handlers of the buttons: `mine`, `theirs`, `copy`, and `later` for no choice. */
export function showConflict(texts, mine, theirs, choices) {
  const dialog = byId("conflict");
  const [left, right] = marked(mine.split("\n"), theirs.split("\n"));
  let chosen = choices.later;
  const choose = (choice) => {
    chosen = choice;
    dialog.close();
  };
  const end = () => {
    dialog.replaceChildren();
    chosen();
  };
  dialog.addEventListener("close", end, { once: true });
  const choice = (id, text, chosen, name) =>
    element("button", { type: "button", id, class: name, onclick: () => choose(chosen) }, text);
  const version = (title, lines) =>
    element("div", {}, element("h3", {}, title), element("pre", { tabindex: "0", role: "region", "aria-label": title }, ...lines));
  dialog.replaceChildren(
    element("h2", { id: "conflict-title" }, texts.conflict),
    element("p", {}, texts.conflictAdvice),
    element("div", { class: "versions" }, version(texts.mine, left), version(texts.theirs, right)),
    element(
      "div",
      { class: "row" },
      choice("as-copy", texts.asCopy, choices.copy, "primary"),
      choice("keep-mine", texts.keepMine, choices.mine),
      choice("take-theirs", texts.takeTheirs, choices.theirs),
      choice("go-on", texts.goOn, choices.later, "quiet"),
    ),
  );
  dialog.showModal();
  dialog.querySelectorAll("mark").forEach((mark) => mark.scrollIntoView({ block: "center" }));
}

/** Both files, with the lines marked between their common beginning and end. */
function marked(one, other) {
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) {
    start += 1;
  }
  let end = 0;
  const most = Math.min(one.length, other.length) - start;
  while (end < most && one.at(-1 - end) === other.at(-1 - end)) {
    end += 1;
  }
  return [one, other].map((lines) => {
    const [before, differing, after] = [
      lines.slice(0, start), lines.slice(start, lines.length - end), lines.slice(lines.length - end),
    ];
    const parts = [before.length > 0 ? `${before.join("\n")}\n` : ""];
    if (differing.length > 0) {
      parts.push(element("mark", {}, differing.join("\n")));
    }
    parts.push(after.join("\n"));
    return parts;
  });
}
