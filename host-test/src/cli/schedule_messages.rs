//! What `schedule` says.

bot_engine::messages! {
    added(id, bot) {
        en: "added schedule {id} for the bot “{bot}”",
        de: "Zeitplan {id} für den Bot „{bot}“ angelegt",
    }
    next_times(times) { en: "next: {times}", de: "als Nächstes: {times}" }
    next(time, pool) { en: "  next: {time} (pool {pool})", de: "  als Nächstes: {time} (Pool {pool})" }
    last(time, what) { en: "  last: {time}: {what}", de: "  zuletzt: {time}: {what}" }
    is_paused { en: "paused", de: "pausiert" }
    to_calculate {
        en: "is calculated when `serve` or a worker runs",
        de: "wird berechnet, wenn `serve` oder ein Worker läuft",
    }
    queued(run) { en: "queued run {run}", de: "Lauf {run} eingereiht" }
    overlapped {
        en: "skipped, as the run before had not ended",
        de: "übersprungen, da der Lauf davor noch nicht beendet war",
    }
    missed {
        en: "skipped, as the bot could not be started within 5 minutes",
        de: "übersprungen, da der Bot nicht innerhalb von 5 Minuten gestartet werden konnte",
    }
    refused {
        en: "skipped, as there were too many runs of the user in the queue, or the bot file was too large",
        de: "übersprungen, da zu viele Läufe des Benutzers in der Warteschlange waren oder die Bot-Datei zu groß war",
    }
    unreadable {
        en: "skipped, as the bot could not be read; the log of `serve` and of the workers says why",
        de: "übersprungen, da der Bot nicht gelesen werden konnte; das Protokoll von `serve` und den Workern nennt den Grund",
    }
    invalid {
        en: "never: this version does not know the expression or the time zone any more",
        de: "nie: Diese Version kennt den Ausdruck oder die Zeitzone nicht mehr",
    }
    paused(id) { en: "paused schedule {id}", de: "Zeitplan {id} pausiert" }
    resumed(id) { en: "resumed schedule {id}", de: "Zeitplan {id} fortgesetzt" }
    removed(id) { en: "removed schedule {id}", de: "Zeitplan {id} entfernt" }
}
