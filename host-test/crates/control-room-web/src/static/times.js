// Shows moments in the time zone and the words of the reader. Without this script, they are in UTC.

import { element } from "./element.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The language of the page, as the reader's region writes it. */
const language = document.documentElement.lang;
const locale = navigator.languages.find((it) => it.split("-")[0] === language) ?? language;

const shapes = {
  date: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  clock: new Intl.DateTimeFormat(locale, { timeStyle: "medium" }),
};
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** A moment seen from now: "in 24 hours", "3 days ago". */
function words(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) {
    return relative.format(0, "second"); // "now"
  }
  const [unit, length] =
    distance < 45 * MINUTE ? ["minute", MINUTE] : distance < 36 * HOUR ? ["hour", HOUR] : ["day", DAY];
  return relative.format(Math.round(seconds / length), unit);
}

function show(time) {
  const moment = new Date(time.dateTime);
  const shape = time.dataset.show;
  time.replaceChildren(shapes[shape].format(moment));
  if (shape === "date") {
    time.append(" ", element("span", { class: "words" }, `(${words(moment)})`));
  }
}

/** Shows all moments within an element. */
export function showTimes(within, selector = "time[data-show]") {
  within.querySelectorAll(selector).forEach(show);
}

function shown(moment, shape) {
  const time = element("time", { datetime: moment, "data-show": shape });
  show(time);
  return time;
}

/** A moment to the second, for entries that come later. */
export const timeOfDay = (moment) => shown(moment, "clock");

/** A moment to the minute, with words. */
export const dateAndTime = (moment) => shown(moment, "date");

showTimes(document);
// The words change.
setInterval(() => showTimes(document, "time[data-show=date]"), MINUTE * 1000);
