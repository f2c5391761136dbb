//! What `connection` says.

bot_engine::messages! {
    removal(connection, sign_ins) {
        en: "This removes the OAuth connection {connection} with {sign_ins}, and revokes its tokens; bots that use it fail.",
        de: "Das entfernt die OAuth-Verbindung {connection} mit {sign_ins} und widerruft ihre Tokens; Bots, die sie verwenden, schlagen fehl.",
    }
    removed(connection) {
        en: "removed the connection {connection}",
        de: "Verbindung {connection} entfernt",
    }
    tokens_alive(count, reason) {
        en: "{count} of the connection's tokens may remain valid until they expire: {reason}",
        de: "Tokens der Verbindung, die bis zu ihrem Ablauf gültig bleiben können: {count}. {reason}",
    }
    allowed(role, connection) {
        en: "users with the role {role} may use {connection}",
        de: "Benutzer mit der Rolle {role} dürfen {connection} verwenden",
    }
    forbidden(role, connection) {
        en: "users with the role {role} may no longer use {connection}",
        de: "Benutzer mit der Rolle {role} dürfen {connection} nicht mehr verwenden",
    }
    keeping_alive {
        en: "Tokens are refreshed before they expire; -v logs each refresh. Press Ctrl-C to stop.",
        de: "Tokens werden erneuert, bevor sie ablaufen; -v protokolliert jede Erneuerung. Strg+C beendet den Befehl.",
    }
    interrupted {
        en: "interrupted; waiting for requests in progress; interrupt again to stop at once",
        de: "unterbrochen; laufende Anfragen werden abgewartet; eine weitere Unterbrechung beendet den Befehl sofort",
    }
    interrupted_again {
        en: "interrupted again; a token that was just issued may be lost",
        de: "noch einmal unterbrochen; ein eben ausgestelltes Token kann verloren sein",
    }
    new_token(connection) {
        en: "{connection} has a new token",
        de: "{connection} hat ein neues Token",
    }
    no_refresh_token(connection) {
        en: "{connection} has a token, but no refresh token",
        de: "{connection} hat ein Token, aber kein Refresh-Token",
    }
    expires_in(seconds) { en: ", which expires in {seconds} s", de: ", gültig für {seconds} s" }
    with_scopes(scopes) { en: "; granted: {scopes}", de: "; gewährt: {scopes}" }

    created(connection) {
        en: "created the connection {connection}",
        de: "Verbindung {connection} erstellt",
    }
    then_allow {
        en: "; `connection allow` lets a role use it",
        de: "; `connection allow` gibt sie für eine Rolle frei",
    }
    register(url) {
        en: "Register this callback URL with the provider: {url}",
        de: "Tragen Sie diese Callback-URL beim Anbieter ein: {url}",
    }
    other_provider {
        en: "Genesys' actions cannot use a connection to another provider, and do not offer it.",
        de: "Die Aktionen von Genesys können eine Verbindung zu einem anderen Anbieter nicht verwenden und bieten sie nicht an.",
    }
    then_sign_in {
        en: "Then get its token with `connection sign-in`.",
        de: "Holen Sie danach ihr Token mit `connection sign-in`.",
    }
    changed(connection) {
        en: "changed the connection {connection}",
        de: "Verbindung {connection} geändert",
    }

    in_list(name, token, roles) {
        en: "{name}  shared token: {token}  roles: {roles}",
        de: "{name}  gemeinsames Token: {token}  Rollen: {roles}",
    }
    provider { en: "provider", de: "Anbieter" }
    custom { en: "another one", de: "anderer" }
    authorization_url { en: "authorization URL", de: "Autorisierungs-URL" }
    token_url { en: "token URL", de: "Token-URL" }
    grant { en: "grant", de: "Gewährungstyp" }
    client_id { en: "client id", de: "Client-ID" }
    client_secret { en: "client secret", de: "Geheimer Clientschlüssel" }
    client_authentication { en: "client authentication", de: "Client-Authentifizierung" }
    set { en: "set", de: "gesetzt" }
    no_secret { en: "none", de: "keiner" }
    scopes { en: "scopes", de: "Bereiche" }
    roles { en: "roles", de: "Rollen" }
    shared_token { en: "shared token", de: "Gemeinsames Token" }
    no_token { en: "none", de: "keines" }
    token_of(user) { en: "token of {user}", de: "Token von {user}" }
    fetched { en: "requested when needed", de: "wird bei Bedarf angefordert" }
    not_signed_in { en: "not signed in", de: "nicht angemeldet" }
    last_use_failed(reason) {
        en: "the last use failed: {reason}",
        de: "die letzte Verwendung ist fehlgeschlagen: {reason}",
    }
    sign_in_needed(reason) { en: "sign-in needed: {reason}", de: "Anmeldung nötig: {reason}" }
    signed_in { en: "signed in", de: "angemeldet" }
    until(date) { en: ", until {date}", de: ", bis {date}" }
    refreshed { en: ", refreshed automatically", de: ", wird automatisch erneuert" }
    not_refreshed {
        en: ", not refreshed: sign in again when it expires",
        de: ", wird nicht erneuert: melden Sie sich neu an, wenn es abläuft",
    }
    granted(scopes) { en: ", granted: {scopes}", de: ", gewährt: {scopes}" }

    browser_opens {
        en: "The browser opens the page to sign in. If it does not, open it yourself:",
        de: "Der Browser öffnet die Seite für die Anmeldung. Wenn nicht, öffnen Sie sie selbst:",
    }
    open_page { en: "Open this page to sign in:", de: "Öffnen Sie für die Anmeldung diese Seite:" }
    paste {
        en: "If the browser runs on another machine, it ends up at a page that it cannot load: paste that page's address here.",
        de: "Läuft der Browser auf einem anderen Rechner, landet er auf einer Seite, die er nicht laden kann: Fügen Sie deren Adresse hier ein.",
    }
    signed_in_alone(connection, user) {
        en: "signed in to {connection}, for {user} alone",
        de: "bei {connection} angemeldet, nur für {user}",
    }
    signed_in_for_all(connection) {
        en: "signed in to {connection}, for all of its users",
        de: "bei {connection} angemeldet, für alle Benutzer der Verbindung",
    }
    token_of_person(person) { en: "The token is that of {person}.", de: "Das Token gehört {person}." }
    person_unknown(reason) {
        en: "It could not be determined whose token it is: {reason}",
        de: "Wem das Token gehört, ließ sich nicht feststellen: {reason}",
    }
    other_scopes(scopes) {
        en: "The provider granted other scopes than requested: {scopes}",
        de: "Der Anbieter hat andere Bereiche als die angeforderten gewährt: {scopes}",
    }
    not_refreshable {
        en: "The provider returned no refresh token: sign in again when the token expires.",
        de: "Der Anbieter hat kein Refresh-Token ausgestellt: Melden Sie sich neu an, wenn das Token abläuft.",
    }
}
