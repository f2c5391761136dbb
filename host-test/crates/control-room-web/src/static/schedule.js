// The time zones of the form of a schedule: suggestions, and that of the reader to begin with.

import { element } from "./element.js";

const zone = document.getElementById("zone");
if (!zone.value && !zone.ariaInvalid) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
const names = Intl.supportedValuesOf?.("timeZone") ?? [];
document.getElementById("zones").append(...names.map((name) => element("option", { value: name })));
