// What is pressed must not move between press and release: a click would be lost.

let isDown = false;
const waiting = [];

function released() {
  isDown = false;
  // After the click, which follows the release.
  setTimeout(() => waiting.splice(0).forEach((act) => act()));
}

addEventListener("pointerdown", ({ button }) => (isDown = button === 0), true);
for (const event of ["pointerup", "pointercancel", "keydown"]) {
  addEventListener(event, released, true);
}
// A menu of the system, or another window, may get the release. Fields lose the focus too, but that does not bubble.
addEventListener("blur", released);

/** Does something that can move what is on the page: at once, or when the pointer is released. */
export function whenReleased(act) {
  isDown ? waiting.push(act) : act();
}
