//! What the store says to operators, and the one sentence for designers.

bot_engine::messages! {
    unreadable {
        en: "The Control Room cannot be read right now. Try again; if the problem persists, ask your operator.",
        de: "Der Control Room lässt sich gerade nicht lesen. Versuchen Sie es noch einmal; besteht das Problem weiter, fragen Sie Ihren Betreiber.",
    }
    not_a_folder(path) {
        en: "{path} is a file; name a folder for the data",
        de: "{path} ist eine Datei; geben Sie einen Ordner für die Daten an",
    }
    no_data_folder {
        en: "this platform has no folder for data; specify one",
        de: "diese Plattform hat keinen Ordner für Daten; geben Sie einen an",
    }
    read_only {
        en: "the data folder is not writable; grant write access, or choose another folder",
        de: "der Datenordner ist schreibgeschützt; erlauben Sie das Schreiben, oder wählen Sie einen anderen Ordner",
    }
    full {
        en: "the disk is full; free some space, and try again",
        de: "der Datenträger ist voll; schaffen Sie Platz, und versuchen Sie es noch einmal",
    }
    not_a_control_room(path) {
        en: "{path} is not the database of a Control Room; choose another folder or file",
        de: "{path} ist keine Datenbank eines Control Rooms; wählen Sie einen anderen Ordner oder eine andere Datei",
    }
    newer_version(found, known) {
        en: "the Control Room was last used by a newer version of this program (its tables have version {found}, this program knows {known}); use the newer one",
        de: "den Control Room hat zuletzt eine neuere Version dieses Programms verwendet (seine Tabellen haben Version {found}, dieses Programm kennt {known}); verwenden Sie die neuere",
    }
    missing_key(path) {
        en: "the key file {path} is missing, and nothing can be read without it; put it back, or name it with CONTROL_ROOM_KEY_FILE",
        de: "die Schlüsseldatei {path} fehlt, und ohne sie lässt sich nichts lesen; legen Sie sie zurück, oder nennen Sie sie mit CONTROL_ROOM_KEY_FILE",
    }
    wrong_key(path, expected, advice) {
        en: "the key in {path} is not the one that is needed, which has the ID {expected}; {advice}",
        de: "der Schlüssel in {path} ist nicht der benötigte, der die ID {expected} hat; {advice}",
    }
    key_found(file) {
        en: "that key is in {file}, so the data is from before the key was rotated; if you want to go back to it, including the rights that have been revoked since, set CONTROL_ROOM_KEY_FILE={file}",
        de: "der benötigte liegt in {file}, die Daten stammen also aus der Zeit vor dem Schlüsselwechsel; wenn Sie zu diesem Stand zurückkehren wollen, samt allen Rechten, die seither entzogen wurden, setzen Sie CONTROL_ROOM_KEY_FILE={file}",
    }
    name_the_key {
        en: "name its file with CONTROL_ROOM_KEY_FILE",
        de: "nennen Sie mit CONTROL_ROOM_KEY_FILE die Datei des benötigten",
    }
    malformed_key(path) {
        en: "{path} does not contain a key; a key is 32 bytes in base64, on one line",
        de: "{path} enthält keinen Schlüssel; ein Schlüssel hat 32 Bytes, in Base64 auf einer Zeile",
    }
    readable_key(path) {
        en: "others can read or change the key file {path}; run `chmod 600 {path}`, and rotate the key if somebody may have read it",
        de: "andere können die Schlüsseldatei {path} lesen oder ändern; führen Sie `chmod 600 {path}` aus, und wechseln Sie den Schlüssel, falls ihn jemand gelesen haben kann",
    }
    owned_by_another(path) {
        en: "{path} belongs to another user; whoever uses the Control Room has to own it",
        de: "{path} gehört einem anderen Benutzer; wer den Control Room verwendet, muss der Besitzer sein",
    }
    writable_folder(path) {
        en: "others can write to the data folder {path}; run `chmod go-w {path}`, and check that nobody has changed anything in it",
        de: "andere können in den Datenordner {path} schreiben; führen Sie `chmod go-w {path}` aus, und prüfen Sie, dass niemand darin etwas geändert hat",
    }
    already_there(path) {
        en: "{path} exists already; move it away first",
        de: "die Datei {path} gibt es schon; verschieben Sie sie zuerst",
    }
    in_use {
        en: "another process uses this Control Room; stop it first",
        de: "ein anderer Prozess verwendet diesen Control Room; beenden Sie ihn zuerst",
    }
    busy {
        en: "another process keeps this Control Room busy; try again",
        de: "ein anderer Prozess nimmt diesen Control Room in Anspruch; versuchen Sie es noch einmal",
    }
    lease_lost {
        en: "this program was suspended for a while, so another process may have taken over its work; the last change was not stored; try again",
        de: "dieses Programm war eine Weile angehalten, sodass ein anderer Prozess seine Arbeit übernommen haben kann; die letzte Änderung wurde nicht gespeichert; versuchen Sie es noch einmal",
    }
    in_memory {
        en: "this Control Room is in memory: there is nothing on disk to save or restore, and no key to rotate",
        de: "dieser Control Room ist im Arbeitsspeicher: es gibt nichts auf dem Datenträger zu sichern oder wiederherzustellen und keinen Schlüssel zu wechseln",
    }
    on_server {
        en: "this Control Room is on a database server: back it up and restore it with PostgreSQL's own tools (pg_dump, pg_restore), and keep a copy of the key file",
        de: "dieser Control Room liegt auf einem Datenbankserver: sichern Sie ihn mit den Werkzeugen von PostgreSQL (pg_dump, pg_restore), und bewahren Sie eine Kopie der Schlüsseldatei auf",
    }
    no_postgres {
        en: "this program was built without support for PostgreSQL; use one that was built with the feature `postgres`, or a data folder",
        de: "dieses Programm wurde ohne Unterstützung für PostgreSQL gebaut; verwenden Sie eines, das mit dem Feature `postgres` gebaut wurde, oder einen Datenordner",
    }
    invalid_database_url {
        en: "this is not a valid database URL; it must have the form postgres://USER@HOST/DATABASE, or sqlite:DIR for a data folder",
        de: "das ist keine gültige Datenbank-URL; sie muss die Form postgres://BENUTZER@HOST/DATENBANK haben, oder sqlite:ORDNER für einen Datenordner",
    }
    password_in_url {
        en: "the URL of the database contains a password, which everybody on this machine can see; change the password, put the new one, as a line HOST:PORT:DATABASE:USER:PASSWORD, into a file that only you can read, and name that file in PGPASSFILE",
        de: "die URL der Datenbank enthält ein Kennwort, das jeder auf diesem Rechner sehen kann; ändern Sie das Kennwort, schreiben Sie das neue als Zeile HOST:PORT:DATENBANK:BENUTZER:KENNWORT in eine Datei, die nur Sie lesen können, und geben Sie diese Datei in PGPASSFILE an",
    }
    unknown_url_parameter(known) {
        en: "the URL of the database has a parameter that is not supported; supported are {known}; the password of a key (sslpassword) is not supported: use a key without one that only you can read",
        de: "die URL der Datenbank hat einen Parameter, der nicht unterstützt wird; möglich sind {known}; das Kennwort eines Schlüssels (sslpassword) wird nicht unterstützt: verwenden Sie einen Schlüssel ohne Kennwort, den nur Sie lesen können",
    }
    key_file_needed {
        en: "a Control Room on a database server needs a key file; create one (`head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE`), and pass it with --key-file or CONTROL_ROOM_KEY_FILE",
        de: "ein Control Room auf einem Datenbankserver braucht eine Schlüsseldatei; erzeugen Sie eine (`head -c 32 /dev/urandom | base64 > DATEI; chmod 600 DATEI`), und geben Sie sie mit --key-file oder CONTROL_ROOM_KEY_FILE an",
    }
    too_large(most) {
        en: "the value has more than {most} bytes",
        de: "der Wert hat mehr als {most} Bytes",
    }
    sealed(place) {
        en: "a value in {place} cannot be decrypted: the file was changed from outside; restore a backup",
        de: "ein Wert in {place} lässt sich nicht entschlüsseln: die Datei wurde von außen geändert; stellen Sie eine Sicherung wieder her",
    }
    changed(row, table) {
        en: "\"{row}\" in the table {table} was changed from outside, and is not used; restore a backup",
        de: "„{row}“ in der Tabelle {table} wurde von außen geändert und wird nicht verwendet; stellen Sie eine Sicherung wieder her",
    }
    schema_changed(what) {
        en: "the structure of the database was changed from outside ({what}), and it is not used; restore a backup",
        de: "der Aufbau der Datenbank wurde von außen geändert ({what}), und sie wird nicht verwendet; stellen Sie eine Sicherung wieder her",
    }
    stripped(path) {
        en: "{path} was stripped of its protection, or was made before there was any, by a version of this program that could not tell whether somebody without the key had changed it; if you know that nobody has, name a copy of the key file without the line \"sealed\" with CONTROL_ROOM_KEY_FILE",
        de: "{path} hat keinen Schutz mehr oder stammt von einer Version dieses Programms, die noch nicht erkennen konnte, ob jemand ohne den Schlüssel etwas geändert hat; wenn Sie wissen, dass das niemand getan hat, nennen Sie mit CONTROL_ROOM_KEY_FILE eine Kopie der Schlüsseldatei ohne die Zeile „sealed“",
    }
    missing_database(database, key) {
        en: "there is no database {database}, but the key in {key} belongs to one; put a backup in its place with `control-room restore`, or move the key file away to begin anew",
        de: "es gibt keine Datenbank {database}, aber der Schlüssel in {key} gehört zu einer; stellen Sie mit `control-room restore` eine Sicherung wieder her, oder verschieben Sie die Schlüsseldatei, um neu zu beginnen",
    }
    not_renamed(error) {
        en: "the move is complete, but the database in the data folder still has its name ({error}); rename or remove it before anything uses the folder: otherwise there are two Control Rooms, and what is queued runs twice",
        de: "der Umzug ist abgeschlossen, aber die Datenbank im Datenordner hat noch ihren Namen ({error}); benennen Sie sie um oder löschen Sie sie, bevor etwas den Ordner verwendet: sonst gibt es zwei Control Rooms, und was eingereiht ist, läuft zweimal",
    }
    not_scrubbed(error) {
        en: "it is done, but what was removed may still be in the file, encrypted: {error}; `control-room rotate-key` tries again",
        de: "es ist erledigt, aber was entfernt wurde, kann verschlüsselt noch in der Datei stehen: {error}; `control-room rotate-key` versucht es noch einmal",
    }
    invalid_column(column) {
        en: "the database was changed from outside (column {column}); restore a backup",
        de: "die Datenbank wurde von außen geändert (Spalte {column}); stellen Sie eine Sicherung wieder her",
    }
    damaged(path) {
        en: "the file {path} is damaged; restore a backup",
        de: "die Datei {path} ist beschädigt; stellen Sie eine Sicherung wieder her",
    }
    unusable(error) {
        en: "the database cannot be used: {error}",
        de: "die Datenbank lässt sich nicht verwenden: {error}",
    }
    first_sealing {
        en: "this Control Room is from an earlier version, which could not tell whether somebody without the key had changed it; from now on it can. Check once that its users, roles, lockers and connections are as they should be",
        de: "dieser Control Room stammt von einer früheren Version, die nicht erkennen konnte, ob jemand ohne den Schlüssel etwas geändert hat; ab jetzt ist das zu erkennen. Prüfen Sie einmal, ob seine Benutzer, Rollen, Locker und Verbindungen so sind, wie sie sein sollen",
    }
    key_not_marked(file) {
        en: "the key file {file} cannot be changed; add a second line with the word \"sealed\" to it, so that no database is accepted that was stripped of its protection",
        de: "die Schlüsseldatei {file} lässt sich nicht ändern; fügen Sie ihr eine zweite Zeile mit dem Wort „sealed“ an, damit keine Datenbank angenommen wird, die keinen Schutz mehr hat",
    }
}
