// Drag and drop into the flow with a mouse or a pen. Touch scrolls; for touch and keyboard there are buttons.

import { element } from "./element.js";

/** The distance from which a pointer drags, in CSS pixels. */
const BEGINNING = 5;

/** The distance from the upper and lower edge of what scrolls within which dragging scrolls, in CSS pixels. */
const EDGE = 60;

/** Makes `handle` draggable into `list`; `drop` is called with the index. A click stays a click. */
export function makeDraggable(handle, label, list, drop) {
  handle.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || down.pointerType === "touch") {
      return;
    }
    let ghost = null;
    let index = null;
    let at = down;
    let frame = 0;

    const scroll = () => {
      if (scrollAt(list, at.clientY)) {
        index = place(list, at.clientX, at.clientY);
        mark(list, index);
      }
      frame = requestAnimationFrame(scroll);
    };

    const move = (event) => {
      if (!ghost) {
        if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < BEGINNING) {
          return;
        }
        ghost = element("div", { class: "ghost", "aria-hidden": "true" }, label);
        document.body.append(ghost);
        document.body.classList.add("dragging");
        frame = requestAnimationFrame(scroll);
      }
      at = event;
      event.preventDefault();
      ghost.style.left = `${event.clientX + 10}px`;
      ghost.style.top = `${event.clientY + 10}px`;
      index = place(list, event.clientX, event.clientY);
      mark(list, index);
    };

    const end = (event) => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", end);
      document.removeEventListener("pointercancel", end);
      document.removeEventListener("keydown", escape, true);
      if (!ghost) {
        return;
      }
      cancelAnimationFrame(frame);
      ghost.remove();
      document.body.classList.remove("dragging");
      mark(list, null);
      // Suppresses the click at the end of a drag.
      const swallow = (click) => click.stopImmediatePropagation();
      window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, true));
      if (event.type === "pointerup" && index !== null) {
        drop(index);
      }
    };

    const escape = (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        end(event);
      }
    };

    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
    document.addEventListener("keydown", escape, true);
  });
}

/** Scrolls the flow if a point is near its upper or lower edge. Returns whether it did. */
function scrollAt(list, y) {
  const pane = list.parentElement;
  const scrolls = pane.scrollHeight > pane.clientHeight && getComputedStyle(pane).overflowY === "auto";
  const place = scrolls ? pane : document.scrollingElement;
  const { top, bottom } = scrolls ? pane.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const by = y < top + EDGE ? y - top - EDGE : y > bottom - EDGE ? y - bottom + EDGE : 0;
  const before = place.scrollTop;
  place.scrollTop += by / 4;
  return place.scrollTop !== before;
}

/** The index between items at a point; null if it is not over the flow. */
function place(list, x, y) {
  const around = list.closest("section").getBoundingClientRect();
  if (x < around.left || x > around.right || y < around.top || y > around.bottom) {
    return null;
  }
  const steps = [...list.querySelectorAll(".step")];
  const before = steps.findIndex((step) => {
    const { top, bottom } = step.getBoundingClientRect();
    return y < (top + bottom) / 2;
  });
  return before < 0 ? steps.length : before;
}

function mark(list, index) {
  const isEmpty = list.querySelector(".step") === null;
  const last = list.children.length - 1;
  [...list.children].forEach((item, at) => {
    item.classList.toggle("drop", !isEmpty && at === index);
    item.classList.toggle("drop-after", !isEmpty && at === last && index > last);
    item.classList.toggle("drop-here", isEmpty && index !== null);
  });
}
