//! What the command says about components and their grants.

bot_engine::messages! {
    component(name) { en: "the component {name}", de: "die Komponente {name}" }
    components_in(folder) { en: "the components in {folder}", de: "die Komponenten in {folder}" }
    no_valid_name(path) { en: "{path} has no valid name", de: "{path} hat keinen gültigen Namen" }
    name_of_built_in(path, name) {
        en: "{path}: {name} is the name of the built-in component; give the file another one",
        de: "{path}: {name} ist der Name der eingebauten Komponente; geben Sie der Datei einen anderen",
    }
    replacement_without_grant(name, file) {
        en: "{file} is not the built-in component, and has no grant; grant it with `bot-runner component grant {name} --component {name}={file} --components DIR`",
        de: "{file} ist nicht die eingebaute Komponente und hat keine Freigabe; geben Sie sie frei mit `bot-runner component grant {name} --component {name}={file} --components DIR`",
    }
    grants_in(path) { en: "the grants in {path}", de: "die Freigaben in {path}" }
    not_json(grants, fault) {
        en: "{grants}: this is not JSON: {fault}",
        de: "{grants}: das ist kein JSON: {fault}",
    }
    no_grants_member(grants) {
        en: "{grants}: expected an object \"grants\"",
        de: "{grants}: erwartet wird ein Objekt „grants“",
    }
    invalid_grant(grants, digest) {
        en: "{grants}: the grant of {digest} is not valid",
        de: "{grants}: die Freigabe für {digest} ist ungültig",
    }
    cannot_lock(path) { en: "{path} cannot be locked", de: "{path} lässt sich nicht sperren" }
    owned_by_another(path) {
        en: "{path} belongs to another user, who could grant a component anything; it must belong to you or to root",
        de: "{path} gehört einem anderen Benutzer, der einer Komponente alles freigeben könnte; der Eigentümer muss Ihr Benutzer oder root sein",
    }
    writable_by_others(path) {
        en: "others can write to {path}, so they could grant a component anything; run `chmod go-w {path}`, and check the grants with `bot-runner component list`",
        de: "andere haben Schreibzugriff auf {path} und könnten damit einer Komponente alles freigeben; führen Sie `chmod go-w {path}` aus, und prüfen Sie die Freigaben mit `bot-runner component list`",
    }
    too_many_grants(mib) {
        en: "the grants would be larger than {mib} MiB",
        de: "die Freigaben wären größer als {mib} MiB",
    }
    cannot_write_grants(path) {
        en: "the grants cannot be written to {path}",
        de: "die Freigaben lassen sich nicht in {path} schreiben",
    }
    no_process_for_compiling {
        en: "the component cannot be compiled in a process of its own",
        de: "die Komponente lässt sich nicht in einem eigenen Prozess übersetzen",
    }
    too_complex(seconds, mib) {
        en: "the component is too complex: compiling it takes more than {seconds} s or {mib} MiB",
        de: "die Komponente ist zu umfangreich: ihre Übersetzung braucht mehr als {seconds} s oder {mib} MiB",
    }
    no_limits {
        en: "the limits of the process cannot be set",
        de: "die Grenzen des Prozesses lassen sich nicht setzen",
    }
    no_wit { en: "the component has no WIT", de: "die Komponente hat kein WIT" }
    wrong_form(name, fault) {
        en: "the component {name} describes its actions wrongly: {fault}",
        de: "die Komponente {name} beschreibt ihre Aktionen falsch: {fault}",
    }
    unprintable_requests(name) {
        en: "the component {name} asks for requests with control characters",
        de: "die Komponente {name} verlangt Anfragen mit Steuerzeichen",
    }
    expected_command {
        en: "expected a command, such as `bot-runner component list`",
        de: "erwartet wird ein Befehl wie `bot-runner component list`",
    }
    nothing_granted(name) {
        en: "the component {name} has no grant",
        de: "die Komponente {name} hat keine Freigabe",
    }
    other_digest(name, digest) {
        en: "the component {name} is sha256:{digest}, not the one that was to be granted",
        de: "die Komponente {name} ist sha256:{digest} und damit nicht die, die freigegeben werden sollte",
    }
    cannot_grant {
        en: "what the component asks for cannot be granted",
        de: "was die Komponente verlangt, lässt sich nicht freigeben",
    }
    name_the_components {
        en: "name the folder with the components: --components DIR, or BOT_RUNNER_COMPONENTS",
        de: "nennen Sie den Ordner mit den Komponenten: --components ORDNER oder BOT_RUNNER_COMPONENTS",
    }
    no_component_in(name, folder) {
        en: "there is no component {name} in {folder}",
        de: "es gibt keine Komponente {name} in {folder}",
    }
    no_component(name) {
        en: "there is no component {name}; name its folder with --components DIR, or its file with --component",
        de: "es gibt keine Komponente {name}; nennen Sie ihren Ordner mit --components ORDNER oder ihre Datei mit --component",
    }
    granted { en: "granted", de: "freigegeben" }
    not_granted { en: "not granted", de: "nicht freigegeben" }
    no_longer_granted(name) {
        en: "{name} may no longer send requests; restart a running Control Room for this to take effect",
        de: "{name} darf keine Anfragen mehr senden; starten Sie einen laufenden Control Room neu, damit das gilt",
    }
    may_now_send(name, digest) {
        en: "{name} (sha256:{digest}) may now send",
        de: "{name} (sha256:{digest}) darf jetzt senden:",
    }
    its_actions { en: "Its actions:", de: "Ihre Aktionen:" }
    it_asks_for { en: "It asks for:", de: "Sie verlangt:" }
    it_is_granted { en: "It is granted:", de: "Freigegeben sind:" }
    it_has_no_grant { en: "It has no grant.", de: "Sie hat keine Freigabe." }
    no_requests { en: "no requests", de: "keine Anfragen" }
    requests_to(methods, paths) { en: "{methods} to {paths}", de: "{methods} an {paths}" }
    with_headers(headers) {
        en: ", with headers: {headers}",
        de: ", mit Headern: {headers}",
    }
    at_hosts(hosts) { en: "at {hosts}", de: "bei {hosts}" }
    name { en: "name", de: "Name" }
    version { en: "version", de: "Version" }
    license { en: "license", de: "Lizenz" }
    source { en: "source", de: "Quelle" }
    revision { en: "revision", de: "Revision" }
    digest { en: "digest", de: "Digest" }
    size { en: "size", de: "Größe" }
    bytes(count) { en: "{count} bytes", de: "{count} Bytes" }
    imports { en: "imports", de: "Import" }
    exports { en: "exports", de: "Export" }
    shown_when(field, value) { en: "when {field} is {value}", de: "wenn {field} = {value}" }
    default(value) { en: "default {value}", de: "Vorgabe {value}" }
}
