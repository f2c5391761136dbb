//! Messages about errors of OAuth connections and their providers.

bot_engine::messages! {
    not_offered {
        en: "The provider has no known way to end a token.",
        de: "Beim Anbieter ist kein Weg bekannt, ein Token zu beenden.",
    }
    unreadable {
        en: "What is stored of a token cannot be read.",
        de: "Was von einem Token gespeichert ist, lässt sich nicht lesen.",
    }
    in_use { en: "A new token was being asked for just then.", de: "Gerade wurde ein neues Token geholt." }
    not_refreshed(reason) {
        en: "The refresh token gave no token to end it with. {reason}",
        de: "Das Refresh-Token gab kein Token, mit dem es sich beenden ließe. {reason}",
    }
    token_unknown {
        en: "The API does not know the token that the refresh token gave.",
        de: "Die API kennt das Token nicht, das das Refresh-Token gab.",
    }
    not_ended(reason) {
        en: "The provider did not end it: {reason}.",
        de: "Der Anbieter hat es nicht beendet: {reason}.",
    }
    other_sign_in_waits {
        en: "Another sign-in waits for its callback just now, so that yours has to be pasted.",
        de: "Gerade wartet eine andere Anmeldung auf ihren Callback, daher müssen Sie Ihren einfügen.",
    }
    exists { en: "There is a connection of this name already.", de: "Es gibt schon eine Verbindung mit diesem Namen." }
    secret_needed {
        en: "The stored secret was given for another token host. Enter it again.",
        de: "Der gespeicherte Schlüssel galt für einen anderen Token-Host. Geben Sie ihn noch einmal ein.",
    }
    keeps_no_shared_token {
        en: "It keeps no shared token. Switch on “Save login credentials”, or sign in for yourself.",
        de: "Die Verbindung bewahrt kein gemeinsames Token auf. Schalten Sie „Anmeldedaten speichern“ ein, oder melden Sie sich für sich selbst an.",
    }
    nobody_signs_in {
        en: "Nobody signs in to it: it gets its tokens by itself.",
        de: "Bei dieser Verbindung meldet sich niemand an: Ihre Tokens holt der Control Room selbst.",
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
        en: "There was no token in time. Try again later.",
        de: "Es gab nicht rechtzeitig ein Token. Versuchen Sie es später noch einmal.",
    }
    changed_meanwhile {
        en: "It was changed meanwhile. Start again.",
        de: "Die Verbindung wurde inzwischen geändert. Beginnen Sie noch einmal.",
    }
    expired {
        en: "Nobody signed in in time. Start again.",
        de: "Es hat sich niemand rechtzeitig angemeldet. Beginnen Sie noch einmal.",
    }
    refused_sign_in(reason) {
        en: "It was refused at the provider's page: {reason}",
        de: "Auf der Seite des Anbieters wurde abgelehnt: {reason}",
    }
    not_a_callback {
        en: "This is not the address that the browser was led to after the sign-in.",
        de: "Das ist nicht die Adresse, zu der der Browser nach der Anmeldung geleitet wurde.",
    }
    other_sign_in {
        en: "This address belongs to another sign-in.",
        de: "Diese Adresse gehört zu einer anderen Anmeldung.",
    }
    untrusted(host) {
        en: "{host} could not prove with its certificate that it is what its name says. Nothing was sent. Ask your operator.",
        de: "{host} konnte mit seinem Zertifikat nicht nachweisen, dass er ist, was sein Name sagt. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.",
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
        en: "{host} answered with what is no token. Check the token URL. ({reason})",
        de: "{host} antwortete mit etwas, das kein Token ist. Prüfen Sie die Token-URL. ({reason})",
    }
    answer_too_large { en: "too large", de: "zu groß" }
    answer_not_http { en: "no valid HTTP", de: "kein gültiges HTTP" }
    answer_redirect(status) { en: "a redirect, status {status}", de: "eine Umleitung, Status {status}" }
    answer_status(status) { en: "status {status}", de: "Status {status}" }
    answer_not_json { en: "no JSON", de: "kein JSON" }
    answer_malformed {
        en: "no access token, or not as RFC 6749 asks for",
        de: "kein Access-Token, oder nicht wie in RFC 6749",
    }
    answer_unusable { en: "an access token that cannot be used", de: "ein unbrauchbares Access-Token" }
    answer_token_type { en: "a token that is not of the type Bearer", de: "ein Token, das nicht vom Typ Bearer ist" }
    failed(reason) { en: "It did not succeed: {reason}", de: "Es ist nicht gelungen: {reason}" }
}
