// Names are compared as the server does: trimmed, normalized and without regard to capitals.

export const comparable = (name) => name.trim().normalize("NFC").toLowerCase().normalize("NFC");

export const isSameName = (one, other) => comparable(one) === comparable(other);
