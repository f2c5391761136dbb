//! Messages of the pages about schedules.

bot_engine::messages! {
    schedules { en: "Schedules", de: "Zeitpläne" }
    schedule { en: "Schedule", de: "Zeitplan" }
    schedule_of(bot) { en: "Schedule for “{bot}”", de: "Zeitplan für „{bot}“" }
    schedule_advice {
        en: "The bot starts by itself at these times, as it is saved then.",
        de: "Der Bot startet zu diesen Zeiten von selbst, so wie er dann gespeichert ist.",
    }
    schedule_days { en: "Days", de: "Tage" }
    schedule_each_day { en: "Every day", de: "Jeden Tag" }
    schedule_workdays { en: "Monday to Friday", de: "Montag bis Freitag" }
    schedule_monday { en: "Mondays", de: "Montags" }
    schedule_tuesday { en: "Tuesdays", de: "Dienstags" }
    schedule_wednesday { en: "Wednesdays", de: "Mittwochs" }
    schedule_thursday { en: "Thursdays", de: "Donnerstags" }
    schedule_friday { en: "Fridays", de: "Freitags" }
    schedule_saturday { en: "Saturdays", de: "Samstags" }
    schedule_sunday { en: "Sundays", de: "Sonntags" }
    schedule_first_of_month { en: "The first day of the month", de: "Am ersten Tag des Monats" }
    schedule_last_of_month { en: "The last day of the month", de: "Am letzten Tag des Monats" }
    schedule_time { en: "Time", de: "Uhrzeit" }
    schedule_no_time { en: "Enter a time.", de: "Geben Sie eine Uhrzeit ein." }
    schedule_zone { en: "Time zone", de: "Zeitzone" }
    schedule_zone_hint {
        en: "Such as Europe/Berlin. Daylight saving time is taken into account.",
        de: "Zum Beispiel Europe/Berlin. Die Sommerzeit wird berücksichtigt.",
    }
    schedule_other_times { en: "Other times", de: "Andere Zeiten" }
    schedule_cron { en: "Cron expression, instead of days and time", de: "Cron-Ausdruck, statt Tagen und Uhrzeit" }
    schedule_cron_hint {
        en: "Minute, hour, day of month, month, and day of week. “*/15 8-17 * * 1-5” is every 15 minutes from 8:00 to 17:45, Monday to Friday.",
        de: "Minute, Stunde, Tag des Monats, Monat und Wochentag. „*/15 8-17 * * 1-5“ ist alle 15 Minuten von 8:00 bis 17:45 Uhr, Montag bis Freitag.",
    }
    schedule_inputs {
        en: "The inputs of the bot, each time it starts:",
        de: "Die Eingaben des Bots, bei jedem Start:",
    }
    schedule_overlap { en: "If the run before has not ended", de: "Wenn der Lauf davor noch nicht beendet ist" }
    schedule_overlap_skip { en: "Skip this time", de: "Diese Zeit überspringen" }
    schedule_overlap_queue { en: "Start the bot nevertheless", de: "Den Bot trotzdem starten" }
    schedule_missed {
        en: "If the bot could not be started at a time",
        de: "Wenn der Bot zu einer Zeit nicht gestartet werden konnte",
    }
    schedule_missed_hint {
        en: "For example, because the Control Room was not running.",
        de: "Zum Beispiel, weil der Control Room nicht lief.",
    }
    schedule_missed_skip { en: "Skip this time", de: "Diese Zeit überspringen" }
    schedule_missed_once { en: "Start it once as soon as possible", de: "Ihn einmal starten, sobald es möglich ist" }
    schedule_save { en: "Save schedule", de: "Zeitplan speichern" }
    schedule_saved { en: "The schedule was saved.", de: "Der Zeitplan wurde gespeichert." }
    schedule_no_worker(pool) {
        en: "No worker for the pool “{pool}” is running, so bots that start now wait until there is one. Ask your operator.",
        de: "Für den Pool „{pool}“ läuft kein Worker. Bots, die jetzt starten, warten, bis es einen gibt. Fragen Sie Ihren Betreiber.",
    }
    no_schedules {
        en: "There are no schedules yet. Create one from the list of bots.",
        de: "Es sind noch keine Zeitpläne vorhanden. In der Liste der Bots legen Sie einen an.",
    }
    schedule_bot { en: "Bot", de: "Bot" }
    schedule_when { en: "Times", de: "Zeiten" }
    schedule_next { en: "Next start", de: "Nächster Start" }
    schedule_last { en: "Last start", de: "Letzter Start" }
    schedule_paused { en: "Paused", de: "Pausiert" }
    schedule_soon { en: "Soon", de: "In Kürze" }
    schedule_none_yet { en: "None yet", de: "Noch keiner" }
    schedule_pause { en: "Pause", de: "Pausieren" }
    schedule_resume { en: "Resume", de: "Fortsetzen" }
    schedule_remove { en: "Remove", de: "Entfernen" }
    schedule_overlapped {
        en: "Skipped: the run before had not ended.",
        de: "Übersprungen: Der Lauf davor war noch nicht beendet.",
    }
    schedule_was_missed {
        en: "Skipped: the bot could not be started within 5 minutes.",
        de: "Übersprungen: Der Bot konnte nicht innerhalb von 5 Minuten gestartet werden.",
    }
    schedule_unreadable {
        en: "Skipped: the bot could not be read. Ask your operator.",
        de: "Übersprungen: Der Bot konnte nicht gelesen werden. Fragen Sie Ihren Betreiber.",
    }
    schedule_invalid {
        en: "These times are no longer valid. Remove the schedule, and create another one.",
        de: "Diese Zeiten sind nicht mehr gültig. Entfernen Sie den Zeitplan, und legen Sie einen neuen an.",
    }
    schedule_refused {
        en: "Skipped: you had too many runs in the queue, or the bot was too large.",
        de: "Übersprungen: Sie hatten zu viele Läufe in der Warteschlange, oder der Bot war zu groß.",
    }
}
