// A JSON value as a tree that opens with the mouse and the keyboard.

import { element, filled } from "./element.js";
import { isPlaceable } from "./references.js";

/** How many members are shown at once. */
const MOST = 20;

/** The longest text that is shown, in characters. */
const LONGEST = 1000;

const isNested = (value) => typeof value === "object" && value !== null;

/**
 * A value. If `pick` is given, it is called with the path of the text that the user chooses, in the notation of
 * placeholders; `path` is that of the value.
 */
export function tree(texts, name, value, path = null, pick = null) {
  return branch(texts, isNested(value) ? members(value, path) : [[name, value, path]], pick);
}

/** The members of a value, each with its name and its path. */
function members(value, path) {
  if (Array.isArray(value)) {
    return value.map((item, at) => [`[${at}]`, item, path && `${path}[${at}]`]);
  }
  return Object.entries(value).map(([name, member]) => [name, member, path && isPlaceable(name) ? `${path}.${name}` : null]);
}

/** A list of values, each with its name and its path. */
export function branch(texts, values, pick = null) {
  const list = element("ul", { class: "tree" });
  const show = (from) => {
    const shown = values.slice(from, from + MOST).map((value) => item(texts, value, pick));
    list.append(...shown);
    const left = values.length - from - MOST;
    if (left > 0) {
      const more = () => {
        rest.remove();
        const [first] = show(from + MOST);
        first.tabIndex = -1;
        first.focus();
      };
      const rest = element("li", {}, element("button", { type: "button", class: "quiet", onclick: more }, filled(texts.more, { n: left })));
      list.append(rest);
    }
    return shown;
  };
  show(0);
  return list;
}

function item(texts, [name, value, path], pick) {
  if (isNested(value) && Object.keys(value).length > 0) {
    const open = ({ target }) => {
      if (target.open && target.children.length === 1) {
        target.append(branch(texts, members(value, path), pick));
      }
    };
    const size = element("span", { class: "soft" }, Array.isArray(value) ? ` [${value.length}]` : " {…}");
    return element("li", {}, element("details", { ontoggle: open }, element("summary", {}, name, size)));
  }
  const text = isNested(value) ? JSON.stringify(value) : String(value);
  const parts = [
    element("span", { class: "name" }, name),
    element("span", { class: "soft" }, ": "),
    text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
  ];
  // A placeholder stands for a text.
  if (pick === null || !path || isNested(value)) {
    return element("li", {}, ...parts);
  }
  return element("li", {}, element("button", { type: "button", class: "quiet", onclick: () => pick(path) }, ...parts));
}
