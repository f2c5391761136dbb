//! Messages about errors of OAuth connections and their providers.

bot_engine::messages! {
    not_offered {
        en: "The provider has no known way to revoke a token.",
        de: "Für diesen Anbieter ist kein Weg bekannt, ein Token zu widerrufen.",
    }
    unreadable {
        en: "A stored token cannot be read.",
        de: "Ein gespeichertes Token lässt sich nicht lesen.",
    }
    in_use { en: "A new token was being requested at that moment.", de: "In diesem Moment wurde ein neues Token angefordert." }
    not_refreshed(reason) {
        en: "The refresh token could not be exchanged for a token to revoke. {reason}",
        de: "Das Refresh-Token ließ sich nicht gegen ein Token tauschen, mit dem es sich widerrufen ließe. {reason}",
    }
    token_unknown {
        en: "The API does not know the token that the refresh token was exchanged for.",
        de: "Die API kennt das Token nicht, gegen das das Refresh-Token getauscht wurde.",
    }
    not_ended(reason) {
        en: "The provider did not revoke it: {reason}.",
        de: "Der Anbieter hat es nicht widerrufen: {reason}.",
    }
    port_in_use {
        en: "Another program is using the port of the callback. Until it stops, paste the callback's address.",
        de: "Ein anderes Programm verwendet gerade den Port des Callbacks. Bis es beendet ist, müssen Sie die Adresse des Callbacks einfügen.",
    }
    exists { en: "A connection of this name already exists.", de: "Es gibt bereits eine Verbindung mit diesem Namen." }
    secret_needed {
        en: "The stored secret belongs to another token host. Enter it again.",
        de: "Der gespeicherte Schlüssel gehört zu einem anderen Token-Host. Geben Sie ihn noch einmal ein.",
    }
    keeps_no_shared_token {
        en: "The connection has no shared token. Turn on “Save login credentials”, or sign in for yourself.",
        de: "Die Verbindung hat kein gemeinsames Token. Schalten Sie „Anmeldedaten speichern“ ein, oder melden Sie sich für sich selbst an.",
    }
    nobody_signs_in {
        en: "The connection needs no sign-in: it uses client credentials.",
        de: "Die Verbindung braucht keine Anmeldung: Sie verwendet Client-Anmeldedaten.",
    }
    nobody_signed_in { en: "Nobody has signed in yet.", de: "Es hat sich noch niemand angemeldet." }
    sign_in_again_because(reason) {
        en: "Somebody has to sign in again: {reason}",
        de: "Jemand muss sich neu anmelden: {reason}",
    }
    refused_client(reason) {
        en: "The provider refused: {reason}. Correct the connection, or the OAuth client at the provider.",
        de: "Der Anbieter hat abgelehnt: {reason}. Korrigieren Sie die Verbindung oder den OAuth-Client beim Anbieter.",
    }
    passing(reason) {
        en: "The provider cannot be reached or does not answer: {reason}. Try again later.",
        de: "Der Anbieter ist nicht zu erreichen oder antwortet nicht: {reason}. Versuchen Sie es später noch einmal.",
    }
    network(reason) {
        en: "The network of this machine cannot be used: {reason}. Ask its operator.",
        de: "Das Netzwerk dieses Rechners ist nicht zu verwenden: {reason}. Fragen Sie seinen Betreiber.",
    }
    out_of_time {
        en: "No token arrived in time. Try again later.",
        de: "Das Token kam nicht rechtzeitig. Versuchen Sie es später noch einmal.",
    }
    changed_meanwhile {
        en: "It was changed meanwhile. Start again.",
        de: "Die Verbindung wurde inzwischen geändert. Beginnen Sie noch einmal.",
    }
    expired {
        en: "Nobody signed in in time. Start again.",
        de: "Es hat sich niemand rechtzeitig angemeldet. Beginnen Sie noch einmal.",
    }
    already_ended {
        en: "The sign-in has ended already, or its callback has arrived already. Load this page again.",
        de: "Die Anmeldung ist schon zu Ende, oder ihr Callback ist schon angekommen. Laden Sie diese Seite neu.",
    }
    not_confirmed {
        en: "The token was discarded, and nothing was stored.",
        de: "Das Token wurde verworfen, und es wurde nichts gespeichert.",
    }
    refused_sign_in(reason) {
        en: "The sign-in was refused on the provider's page: {reason}",
        de: "Die Anmeldung wurde auf der Seite des Anbieters abgelehnt: {reason}",
    }
    not_a_callback {
        en: "This is not the address that the browser was redirected to after the sign-in.",
        de: "Das ist nicht die Adresse, zu der der Browser nach der Anmeldung weitergeleitet wurde.",
    }
    other_sign_in {
        en: "This address belongs to another sign-in.",
        de: "Diese Adresse gehört zu einer anderen Anmeldung.",
    }
    untrusted(host) {
        en: "The certificate of {host} is not trusted. Nothing was sent. Ask your operator.",
        de: "Dem Zertifikat von {host} wird nicht vertraut. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.",
    }
    refused(host, code) { en: "{host} answered “{code}”", de: "{host} antwortete mit „{code}“" }
    correlation(id) { en: "correlation id {id}", de: "Correlation-ID {id}" }
    throttled(host) { en: "{host} limits the number of requests", de: "{host} begrenzt die Zahl der Anfragen" }
    server(host, status) {
        en: "{host} is not available, status {status}",
        de: "{host} ist nicht verfügbar, Status {status}",
    }
    provider_too_slow(host) { en: "{host} took too long", de: "{host} hat zu lange gebraucht" }
    no_token(host, reason) {
        en: "The response of {host} is not a token. Check the token URL. ({reason})",
        de: "Die Antwort von {host} ist kein Token. Prüfen Sie die Token-URL. ({reason})",
    }
    answer_too_large { en: "too large", de: "zu groß" }
    answer_not_http { en: "not valid HTTP", de: "kein gültiges HTTP" }
    answer_redirect(status) { en: "a redirect, status {status}", de: "eine Umleitung, Status {status}" }
    answer_status(status) { en: "status {status}", de: "Status {status}" }
    answer_not_json { en: "not JSON", de: "kein JSON" }
    answer_malformed {
        en: "no access token, or not as RFC 6749 requires",
        de: "kein Access-Token, oder nicht wie in RFC 6749",
    }
    answer_unusable { en: "an access token that cannot be used", de: "ein unbrauchbares Access-Token" }
    answer_token_type { en: "a token that is not of the type Bearer", de: "ein Token, das nicht vom Typ Bearer ist" }
    not_valid {
        en: "The connection is not valid. An administrator has to correct it.",
        de: "Die Verbindung ist nicht gültig. Ein Administrator muss sie korrigieren.",
    }
    ca_malformed { en: "a CA certificate is malformed", de: "ein CA-Zertifikat ist nicht lesbar" }
    no_ca { en: "no CA certificate is trusted", de: "es wird keinem CA-Zertifikat vertraut" }
    no_tls { en: "TLS cannot be set up", de: "TLS lässt sich nicht einrichten" }
}
