//! What `worker` and `submit` say.

bot_engine::messages! {
    worker_ready(name, pool, slots) {
        en: "The worker {name} runs what is queued for the pool {pool}, {slots} at a time.",
        de: "Der Worker {name} führt aus, was für den Pool {pool} eingereiht ist, {slots} gleichzeitig.",
    }
    draining {
        en: "No new runs are started; waiting for the current ones to end.",
        de: "Es beginnen keine neuen Läufe; das Ende der laufenden wird abgewartet.",
    }
    submitted(run, pool) {
        en: "queued run {run} for the pool {pool}",
        de: "Lauf {run} für den Pool {pool} eingereiht",
    }
    waiting(run) {
        en: "Run {run} is queued; waiting for its end.",
        de: "Lauf {run} ist eingereiht; sein Ende wird abgewartet.",
    }
    run_done(run, worker) {
        en: "Run {run} is done (worker {worker}).",
        de: "Lauf {run} ist fertig (Worker {worker}).",
    }
    run_failed(run) {
        en: "run {run} failed; its page says why",
        de: "Lauf {run} ist fehlgeschlagen; seine Seite nennt den Grund",
    }
    run_stopped(run) { en: "run {run} was stopped", de: "Lauf {run} wurde angehalten" }
    run_lost(run, step) {
        en: "run {run} is lost: its worker died after step {step} had begun, which may have changed something",
        de: "Lauf {run} ist verloren: Sein Worker ist ausgefallen, nachdem Schritt {step} begonnen hatte, der etwas geändert haben kann",
    }
    run_lost_again(run) {
        en: "run {run} is lost: its workers kept dying before a step that changes something, or a backup was restored that was made before it ended",
        de: "Lauf {run} ist verloren: Seine Worker sind immer wieder vor einem Schritt ausgefallen, der etwas ändert, oder es wurde eine Sicherung wiederhergestellt, die vor seinem Ende erstellt wurde",
    }
    run_removed(run) {
        en: "run {run} was taken out of the queue before it had ended",
        de: "Lauf {run} wurde vor seinem Ende aus der Warteschlange entfernt",
    }
    which_user {
        en: "--user NAME is needed unless there is exactly one user",
        de: "--user NAME ist nötig, wenn es nicht genau einen Benutzer gibt",
    }
    no_bots(user) {
        en: "{user} cannot sign in to the pages, and so has no bots there; `bot-runner password` sets a password",
        de: "{user} kann sich nicht bei den Seiten anmelden und hat dort daher keine Bots; `bot-runner password` setzt ein Kennwort",
    }
    no_bot(user, bot) {
        en: "{user} has no bot with the name “{bot}”",
        de: "{user} hat keinen Bot mit dem Namen „{bot}“",
    }
    several_bots(user, bot) {
        en: "{user} has several bots with the name “{bot}”; give them different names",
        de: "{user} hat mehrere Bots mit dem Namen „{bot}“; geben Sie ihnen verschiedene Namen",
    }
}
