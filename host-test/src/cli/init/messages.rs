//! What `init` asks and says.

bot_engine::messages! {
    name { en: "The name of the bot:", de: "Der Name des Bots:" }
    region(regions) {
        en: "The region of Genesys Cloud, or the address at which you use it ({regions}):",
        de: "Die Region von Genesys Cloud oder die Adresse, unter der Sie Genesys Cloud verwenden ({regions}):",
    }
    client_id {
        en: "The client ID, from Genesys Cloud, Admin > Integrations > OAuth (grant type Client Credentials):",
        de: "Die Client-ID, aus Genesys Cloud, Admin > Integrationen > OAuth (Gewährungstyp Client-Anmeldedaten):",
    }
    form {
        en: "Where the credentials are kept: control-room (this machine's Control Room) or environment (environment variables, or files) [control-room]:",
        de: "Wo die Anmeldedaten liegen: control-room (im Control Room dieses Rechners) oder environment (in Umgebungsvariablen oder Dateien) [control-room]:",
    }
    form_of_two {
        en: "expected control-room or environment",
        de: "erwartet wird control-room oder environment",
    }
    session_name {
        en: "The name of the session, for later steps [Default]:",
        de: "Der Name der Sitzung, für spätere Schritte [Default]:",
    }
    missing(option) {
        en: "{option} is missing; without a terminal, pass --name, --region, --client-id and --form (and --secret-file with --form control-room)",
        de: "{option} fehlt; geben Sie ohne Terminal --name, --region, --client-id und --form an, bei --form control-room auch --secret-file",
    }
    no_secret_file {
        en: "--secret-file is for --form control-room; with --form environment, the secret is in the environment",
        de: "--secret-file gehört zu --form control-room; mit --form environment steht das Geheimnis in der Umgebung",
    }
    file_exists(path) {
        en: "{path} exists already; choose another name or folder",
        de: "{path} gibt es schon; wählen Sie einen anderen Namen oder Ordner",
    }
    locker_exists(name) {
        en: "the Control Room has a locker \"{name}\" already; choose another name for the bot",
        de: "der Control Room hat schon einen Locker „{name}“; wählen Sie einen anderen Namen für den Bot",
    }
    role_exists(name) {
        en: "the Control Room has a role \"{name}\" already; choose another name for the bot",
        de: "der Control Room hat schon eine Rolle „{name}“; wählen Sie einen anderen Namen für den Bot",
    }
    made_file(path) { en: "created the bot {path}", de: "Bot {path} erstellt" }
    made_locker(name, credential) {
        en: "created the locker {name} with the credential {credential}",
        de: "Locker {name} mit den Anmeldedaten {credential} erstellt",
    }
    made_role(role, user) {
        en: "created the role {role}, which may use the locker, and granted it to {user}",
        de: "Rolle {role} mit Zugriff auf den Locker erstellt und {user} zugewiesen",
    }
    made_user(user) { en: "created the user {user}", de: "Benutzer {user} erstellt" }
    made_administrator(user) {
        en: "created the user {user}, who is an administrator, as the first user",
        de: "Benutzer {user} erstellt; als erster Benutzer ist er Administrator",
    }
    greeting { en: "Hello", de: "Hallo" }
    set_variables {
        en: "Set these environment variables, the second one to the client secret:",
        de: "Setzen Sie diese Umgebungsvariablen, die zweite auf den geheimen Clientschlüssel:",
    }
    or_files(id, secret) {
        en: "Or write the values to the files {id} and {secret} in a folder, and pass --credentials FOLDER instead.",
        de: "Oder schreiben Sie die Werte in die Dateien {id} und {secret} in einem Ordner, und geben Sie stattdessen --credentials ORDNER an.",
    }
    run_it { en: "To run it:", de: "So führen Sie ihn aus:" }
}
