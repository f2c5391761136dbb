//! What `doctor` says.

bot_engine::messages! {
    ok { en: "ok", de: "ok" }
    data { en: "data", de: "Datenordner" }
    key { en: "key", de: "Schlüssel" }
    database { en: "database", de: "Datenbank" }
    clock { en: "clock", de: "Uhr" }

    not_checked { en: "not checked", de: "nicht geprüft" }
    name_your_region(variable) {
        en: "name your region with --url or {variable}; `bot-runner regions` lists all",
        de: "nennen Sie Ihre Region mit --url oder {variable}; `bot-runner regions` zeigt alle",
    }
    list_regions {
        en: "`bot-runner regions` lists what it can be",
        de: "`bot-runner regions` zeigt, was möglich ist",
    }
    correct_ca_file { en: "correct --ca-file first", de: "korrigieren Sie zuerst --ca-file" }

    name_a_ca_file {
        en: "name a PEM file with the CA's certificate",
        de: "nennen Sie eine PEM-Datei mit dem Zertifikat der CA",
    }
    unreadable_validity {
        en: "the validity of a certificate cannot be read",
        de: "die Gültigkeit eines Zertifikats lässt sich nicht lesen",
    }
    look_with_openssl {
        en: "inspect it with `openssl x509 -text`",
        de: "prüfen Sie es mit `openssl x509 -text`",
    }
    one_certificate { en: "1 certificate, valid", de: "1 Zertifikat, gültig" }
    certificates(count) {
        en: "{count} certificates, all valid",
        de: "{count} Zertifikate, alle gültig",
    }
    expired(date) {
        en: "a certificate expired on {date}",
        de: "ein Zertifikat ist am {date} abgelaufen",
    }
    ask_for_new {
        en: "ask those who run the CA for the new one",
        de: "fragen Sie die Betreiber der CA nach dem neuen",
    }
    not_yet_valid(date) {
        en: "a certificate is not valid until {date}",
        de: "ein Zertifikat gilt erst ab dem {date}",
    }
    check_clock { en: "check the clock of this machine", de: "prüfen Sie die Uhr dieses Rechners" }
    expires(date) {
        en: "a certificate expires on {date}",
        de: "ein Zertifikat läuft am {date} ab",
    }
    ask_for_next {
        en: "ask those who run the CA for the next one",
        de: "fragen Sie die Betreiber der CA nach dem nächsten",
    }

    no_control_room {
        en: "no Control Room yet; the first command that creates something makes it",
        de: "noch kein Control Room; der erste Befehl, der etwas erstellt, legt ihn an",
    }
    folder_is_yours {
        en: "yours, and others cannot write to it",
        de: "gehört Ihnen, und andere können nicht hineinschreiben",
    }
    opens { en: "opens", de: "lässt sich öffnen" }
    not_marked { en: "present, without the line \"sealed\"", de: "vorhanden, ohne die Zeile „sealed“" }
    marked { en: "present, with the line \"sealed\"", de: "vorhanden, mit der Zeile „sealed“" }

    direct {
        en: "none; connections are direct",
        de: "keiner; Verbindungen gehen direkt",
    }
    reached_for(error, host) { en: "{error} (for {host})", de: "{error} (für {host})" }
    connected { en: "connected", de: "verbunden" }
    found { en: "found", de: "gefunden" }
    answered(milliseconds) {
        en: "connected and trusted, answered in {milliseconds} ms",
        de: "verbunden, Zertifikat vertrauenswürdig, Antwort nach {milliseconds} ms",
    }
    no_time {
        en: "not checked, as no server has said what time it is",
        de: "nicht geprüft, da kein Server die Zeit genannt hat",
    }
    compare { en: "compare it with another clock", de: "vergleichen Sie sie mit einer anderen Uhr" }
    right_time {
        en: "within a minute of the server's",
        de: "weicht höchstens eine Minute von der des Servers ab",
    }
    ahead(seconds) {
        en: "{seconds} s ahead of the server's",
        de: "geht gegenüber der des Servers {seconds} s vor",
    }
    behind(seconds) {
        en: "{seconds} s behind the server's",
        de: "geht gegenüber der des Servers {seconds} s nach",
    }
    set_clock {
        en: "set it, for example by NTP: tokens expire by it",
        de: "stellen Sie sie richtig, etwa mit NTP: von ihr hängt ab, wann Tokens ablaufen",
    }

    correct(setting) { en: "correct {setting}", de: "korrigieren Sie {setting}" }
    name_http_proxy {
        en: "name an http:// proxy in HTTPS_PROXY",
        de: "nennen Sie in HTTPS_PROXY einen Proxy mit http://",
    }
    correct_proxy {
        en: "correct HTTPS_PROXY, or ask those who run the proxy",
        de: "korrigieren Sie HTTPS_PROXY, oder fragen Sie die Betreiber des Proxys",
    }
    proxy_password {
        en: "put user and password into HTTPS_PROXY, percent-encoded",
        de: "tragen Sie Benutzer und Kennwort prozentkodiert in HTTPS_PROXY ein",
    }
    allow_hosts {
        en: "ask those who run the proxy to allow the hosts of your region",
        de: "bitten Sie die Betreiber des Proxys, die Hosts Ihrer Region freizugeben",
    }
    check_name_server_of(host) {
        en: "check the name server of this machine; if it reaches {host} through a proxy only, set HTTPS_PROXY",
        de: "prüfen Sie den Nameserver dieses Rechners; erreicht er {host} nur über einen Proxy, setzen Sie HTTPS_PROXY",
    }
    correct_name_server {
        en: "correct the name server, or if a private address is meant, name it with --gateway",
        de: "korrigieren Sie den Nameserver, oder nennen Sie die Adresse mit --gateway, wenn eine private gemeint ist",
    }
    let_connect(host) {
        en: "let this machine connect to {host} port 443, or set HTTPS_PROXY",
        de: "erlauben Sie diesem Rechner Verbindungen zu {host} Port 443, oder setzen Sie HTTPS_PROXY",
    }
    name_ca_of_firewall {
        en: "if a firewall inspects TLS, name its CA with --ca-file",
        de: "wenn eine Firewall TLS mitliest, nennen Sie ihre CA mit --ca-file",
    }
    ask_who_answers {
        en: "ask those who run your network what answers in the server's place",
        de: "fragen Sie die Betreiber Ihres Netzes, was anstelle des Servers antwortet",
    }
    something_answers {
        en: "something on the way answers in the server's place: ask those who run your network",
        de: "auf dem Weg antwortet etwas anstelle des Servers: fragen Sie die Betreiber Ihres Netzes",
    }
    check_name_server {
        en: "check the name server of this machine",
        de: "prüfen Sie den Nameserver dieses Rechners",
    }
    ask_proxy { en: "ask those who run the proxy", de: "fragen Sie die Betreiber des Proxys" }
    let_connect_there {
        en: "let this machine connect to port 443 there, or set HTTPS_PROXY",
        de: "erlauben Sie diesem Rechner dort Verbindungen zu Port 443, oder setzen Sie HTTPS_PROXY",
    }
    try_again {
        en: "try again; if it persists, ask those who run your network",
        de: "versuchen Sie es noch einmal; bleibt es so, fragen Sie die Betreiber Ihres Netzes",
    }
}
