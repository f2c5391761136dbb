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
        en: "as soon as `serve` or a worker runs",
        de: "sobald `serve` oder ein Worker läuft",
    }
    queued(run) { en: "queued run {run}", de: "Lauf {run} eingereiht" }
    overlapped {
        en: "left out, as the run before had not ended",
        de: "ausgelassen, da der Lauf davor noch nicht beendet war",
    }
    missed {
        en: "left out, as neither `serve` nor a worker was running",
        de: "ausgelassen, da weder `serve` noch ein Worker lief",
    }
    refused {
        en: "left out, as there were too many runs of the user in the queue, or the bot file was too large",
        de: "ausgelassen, da zu viele Läufe des Benutzers in der Warteschlange waren oder die Bot-Datei zu groß war",
    }
    paused(id) { en: "paused schedule {id}", de: "Zeitplan {id} pausiert" }
    resumed(id) { en: "resumed schedule {id}", de: "Zeitplan {id} fortgesetzt" }
    removed(id) { en: "removed schedule {id}", de: "Zeitplan {id} entfernt" }
}
