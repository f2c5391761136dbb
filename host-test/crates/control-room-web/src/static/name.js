// Names are compared as the server does: trimmed, normalized and without regard to capitals.

export const comparable = (name) => name.trim().normalize("NFC").toLowerCase().normalize("NFC");

export const isSameName = (one, other) => comparable(one) === comparable(other);

/** The longest name of what the Control Room stores, in characters. */
export const MAX_NAME = 50;

/** A text as such a name: of that length, and without slashes. */
export const asName = (text) => [...text.replaceAll("/", "-").trim()].slice(0, MAX_NAME).join("").trim();
