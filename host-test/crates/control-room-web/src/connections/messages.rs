//! Messages of the pages of OAuth connections, in addition to those of all pages.

pub(super) use crate::messages::*;

bot_engine::messages! {
    search_connections { en: "Search connections by name", de: "Verbindungen nach Namen suchen" }
    create { en: "Create connection", de: "Verbindung erstellen" }
    none {
        en: "There are no OAuth connections yet. With one, the Control Room signs in to Genesys and keeps the token valid for bots.",
        de: "Es gibt noch keine OAuth-Verbindungen. Über eine Verbindung meldet sich der Control Room bei Genesys an und hält das Token für Bots aktuell.",
    }
    none_for_you {
        en: "There is no OAuth connection that you may use. Ask an administrator for one.",
        de: "Es gibt keine OAuth-Verbindung, die Sie verwenden dürfen. Bitten Sie einen Administrator darum.",
    }
    connection { en: "Connection", de: "Verbindung" }
    shared { en: "Shared token", de: "Gemeinsames Token" }
    own { en: "Your own token", de: "Ihr eigenes Token" }

    fetched { en: "Requested when a bot needs it", de: "Wird angefordert, wenn ein Bot es braucht" }
    not_signed_in { en: "Not signed in", de: "Nicht angemeldet" }
    signed_in { en: "Signed in", de: "Angemeldet" }
    expires(moment) { en: "until {moment}", de: "bis {moment}" }
    refreshable { en: "refreshed automatically", de: "wird automatisch erneuert" }
    not_refreshable { en: "then somebody has to sign in again", de: "dann muss sich jemand neu anmelden" }
    sign_in_needed { en: "Sign-in needed", de: "Anmeldung nötig" }
    not_kept { en: "not stored", de: "wird nicht gespeichert" }
    granted(scopes) { en: "Granted: {scopes}", de: "Gewährt: {scopes}" }

    callback_url { en: "Callback URL", de: "Callback-URL" }
    callback_hint {
        en: "Add it as an authorized redirect URI to the OAuth client at Genesys, before you sign in.",
        de: "Fügen Sie diese Adresse beim OAuth-Client in Genesys als autorisierte Umleitungs-URI hinzu, bevor Sie sich anmelden.",
    }
    new { en: "Create a custom connection", de: "Benutzerdefinierte Verbindung erstellen" }
    edit(name) { en: "Edit the connection “{name}”", de: "Verbindung „{name}“ bearbeiten" }
    connection_name { en: "Connection name", de: "Name der Verbindung" }
    rename_hint {
        en: "Bots that use the connection must be changed to the new name.",
        de: "Bots, die die Verbindung verwenden, müssen auf den neuen Namen umgestellt werden.",
    }
    provider { en: "Provider type", de: "Anbietertyp" }
    genesys { en: "Genesys Cloud", de: "Genesys Cloud" }
    other_provider { en: "Another provider", de: "Anderer Anbieter" }
    other_provider_hint {
        en: "Genesys’ actions cannot use a connection to another provider, and do not offer it.",
        de: "Die Aktionen von Genesys können eine Verbindung zu einem anderen Anbieter nicht verwenden und bieten sie nicht an.",
    }
    environment { en: "Genesys Cloud environment", de: "Genesys-Cloud-Umgebung" }
    environment_hint {
        en: "Such as mypurecloud.de or https://apps.mypurecloud.de.",
        de: "Etwa mypurecloud.de oder https://apps.mypurecloud.de.",
    }
    authorization_url { en: "Authorization URL", de: "Autorisierungs-URL" }
    token_url { en: "Token URL", de: "Token-URL" }
    token_url_hint {
        en: "If the provider needs an audience or a resource, add it as ?audience=… or ?resource=…; it is sent in the form.",
        de: "Braucht der Anbieter eine „audience“ oder eine „resource“, hängen Sie sie als ?audience=… oder ?resource=… an; sie wird im Formular gesendet.",
    }
    secret_in_form {
        en: "Send client ID and secret in the form",
        de: "Client-ID und geheimen Clientschlüssel im Formular senden",
    }
    secret_in_form_hint {
        en: "For providers that do not accept them in a header (client_secret_post).",
        de: "Für Anbieter, die sie nicht in einem Header annehmen (client_secret_post).",
    }
    issuer { en: "Issuer", de: "Aussteller" }
    issuer_hint {
        en: "The identifier of the provider (iss), if it is known.",
        de: "Die Kennung des Anbieters (iss), falls bekannt.",
    }
    grant { en: "Grant type", de: "Gewährungstyp" }
    code { en: "Code Authorization", de: "Code-Autorisierung" }
    code_pkce { en: "Code Authorization with PKCE", de: "Code-Autorisierung mit PKCE" }
    client_credentials { en: "Client Credentials", de: "Client-Anmeldedaten" }
    client_id { en: "Client ID", de: "Client-ID" }
    client_secret { en: "Client secret", de: "Geheimer Clientschlüssel" }
    secret_kept {
        en: "A secret is stored and never shown. Leave the field empty to keep it.",
        de: "Ein Schlüssel ist gespeichert und wird nie angezeigt. Lassen Sie das Feld leer, um ihn zu behalten.",
    }
    secret_typed {
        en: "The secret that you have entered is kept. Leave the field empty to use it.",
        de: "Der Schlüssel, den Sie eingegeben haben, ist noch da. Lassen Sie das Feld leer, um ihn zu verwenden.",
    }
    secret_hint {
        en: "It is never shown again. Only a client with PKCE can do without a secret.",
        de: "Er wird nie wieder angezeigt. Nur mit PKCE kommt ein Client ohne aus.",
    }
    no_secret { en: "The client no longer has a secret", de: "Der Client hat keinen geheimen Schlüssel mehr" }
    scopes { en: "Scope", de: "Bereich" }
    scopes_hint {
        en: "Separated by commas or spaces. If empty, all scopes of the client are requested.",
        de: "Durch Kommas oder Leerzeichen getrennt. Ohne Angabe werden alle Bereiche des Clients angefordert.",
    }
    save_login { en: "Save login credentials", de: "Anmeldedaten speichern" }
    save_login_hint {
        en: "Stores a token that all users of the connection share. Unattended bots need it.",
        de: "Speichert ein Token, das sich alle teilen, die die Verbindung verwenden dürfen. Unbeaufsichtigte Bots brauchen es.",
    }
    save_and_test { en: "Save and test", de: "Speichern und testen" }

    allowed { en: "Roles whose users may use it", de: "Rollen, deren Benutzer sie verwenden dürfen" }
    save_roles { en: "Save roles", de: "Rollen speichern" }
    no_roles {
        en: "There are no roles yet. Create them under Users > Roles.",
        de: "Es gibt noch keine Rollen. Erstellen Sie sie unter Benutzer > Rollen.",
    }
    no_role_chosen {
        en: "No role may use it yet, so no bot can use it. Choose the roles that may.",
        de: "Noch darf keine Rolle sie verwenden, daher kann es auch kein Bot. Wählen Sie die Rollen, die sie verwenden dürfen.",
    }
    needs_role {
        en: "To sign in for yourself, you need a role that may use it.",
        de: "Um sich für sich selbst anzumelden, brauchen Sie eine Rolle, die die Verbindung verwenden darf.",
    }
    edit_link { en: "Edit", de: "Bearbeiten" }
    sign_in_again { en: "Sign in again", de: "Neu anmelden" }
    test { en: "Test", de: "Testen" }
    others { en: "Users who have signed in for themselves", de: "Benutzer, die sich für sich selbst angemeldet haben" }
    remove_question(name) { en: "Remove the connection “{name}”?", de: "Die Verbindung „{name}“ entfernen?" }
    remove_advice {
        en: "Its tokens are removed as well, and bots that use it will fail.",
        de: "Ihre Tokens werden ebenfalls entfernt, und Bots, die sie verwenden, schlagen fehl.",
    }
    is_removed(name) { en: "The connection “{name}” is removed", de: "Die Verbindung „{name}“ ist entfernt" }
    tokens_alive(alive, all) {
        en: "{alive} of its {all} tokens may remain valid until they expire.",
        de: "{alive} von {all} Tokens können gültig bleiben, bis sie ablaufen.",
    }
    tokens_were { en: "It had:", de: "Die Verbindung hatte:" }
    token_of(user) { en: "Own token of {user}", de: "Eigenes Token von {user}" }
    tokens_alive_advice {
        en: "To revoke them, disable or remove the OAuth client at the provider.",
        de: "Um sie zu widerrufen, deaktivieren oder entfernen Sie den OAuth-Client beim Anbieter.",
    }
    removal_goes_on {
        en: "Revoking its tokens takes longer than usual and continues in the background. The server's log says whether any of them remains valid.",
        de: "Das Widerrufen der Tokens dauert länger als sonst und läuft im Hintergrund weiter. Im Protokoll des Servers steht, ob eines davon gültig bleibt.",
    }
    saved { en: "Saved.", de: "Gespeichert." }
    not_tested {
        en: "Saved, but not tested: without “Save login credentials”, the test needs a token of your own, and none of your roles may use the connection. Choose one of them below, then sign in.",
        de: "Gespeichert, aber nicht getestet: Ohne „Anmeldedaten speichern“ braucht der Test ein eigenes Token von Ihnen, und keine Ihrer Rollen darf die Verbindung verwenden. Wählen Sie unten eine davon aus, und melden Sie sich dann an.",
    }
    test_needs_sign_in {
        en: "Saved. A test needs a token: sign in first.",
        de: "Gespeichert. Für einen Test fehlt noch das Token: Melden Sie sich zuerst an.",
    }
    last_use_failed { en: "The last use failed", de: "Die letzte Verwendung ist fehlgeschlagen" }
    tested { en: "The connection got a new token.", de: "Die Verbindung hat ein neues Token bekommen." }
    tested_without_refresh {
        en: "The connection has a token, but no refresh token.",
        de: "Die Verbindung hat ein Token, aber kein Refresh-Token.",
    }
    test_failed { en: "The connection got no token.", de: "Die Verbindung hat kein Token bekommen." }
    lives(time) { en: "It is valid for {time}.", de: "Es ist {time} gültig." }

    signing_in(name) { en: "Sign in to “{name}”", de: "Bei „{name}“ anmelden" }
    for_all {
        en: "The token is shared by all users of the connection.",
        de: "Alle Benutzer der Verbindung teilen sich das Token.",
    }
    for_you { en: "The token is for you alone.", de: "Das Token ist nur für Sie." }
    open_page { en: "Open the provider's sign-in page", de: "Anmeldeseite des Anbieters öffnen" }
    open_advice {
        en: "It opens in a new tab. Sign in there, then come back: this page shows the result.",
        de: "Die Seite öffnet sich in einem neuen Tab. Melden Sie sich dort an, und kommen Sie dann zurück: Diese Seite zeigt das Ergebnis.",
    }
    waiting { en: "Waiting for you to sign in …", de: "Warten auf Ihre Anmeldung …" }
    look_again { en: "Check again", de: "Noch einmal prüfen" }
    paste { en: "No page in the browser after signing in?", de: "Keine Seite im Browser nach der Anmeldung?" }
    paste_advice {
        en: "If the Control Room runs on another machine, copy the address that the browser was redirected to, and paste it here.",
        de: "Läuft der Control Room auf einem anderen Rechner, kopieren Sie die Adresse, zu der der Browser weitergeleitet wurde, und fügen Sie sie hier ein.",
    }
    pasted { en: "Address that the browser was redirected to", de: "Adresse, zu der der Browser weitergeleitet wurde" }
    take { en: "Finish sign-in", de: "Anmeldung abschließen" }
    store_question(name) { en: "Finish the sign-in to “{name}”?", de: "Die Anmeldung bei „{name}“ abschließen?" }
    store_for_you(user) {
        en: "The token will be stored for {user} alone.",
        de: "Das Token wird nur für {user} gespeichert.",
    }
    store_for_all(user) {
        en: "You are {user}. The token will be stored for all users of the connection.",
        de: "Sie sind {user}. Das Token wird für alle Benutzer der Verbindung gespeichert.",
    }
    store_only_yours {
        en: "Continue only if you have just signed in at the provider yourself: bots will act as the person who signed in there.",
        de: "Fahren Sie nur fort, wenn Sie sich gerade selbst beim Anbieter angemeldet haben: Bots handeln als die Person, die sich dort angemeldet hat.",
    }
    store { en: "Store the token", de: "Token speichern" }
    discard { en: "Discard it", de: "Verwerfen" }
    not_waiting { en: "Use the page that was opened last", de: "Verwenden Sie die zuletzt geöffnete Seite" }
    not_waiting_advice {
        en: "This sign-in was replaced by another one, or it ended a while ago. Nothing was stored. If no other page is open, start the sign-in again.",
        de: "Diese Anmeldung wurde durch eine andere ersetzt oder ist seit einer Weile zu Ende. Es wurde nichts gespeichert. Ist keine andere Seite offen, beginnen Sie die Anmeldung noch einmal.",
    }
    other_browser { en: "This sign-in was started elsewhere", de: "Diese Anmeldung wurde anderswo begonnen" }
    other_browser_advice {
        en: "It goes on only in the browser in which it was started, while its user is signed in there. Nothing was stored.",
        de: "Sie lässt sich nur in dem Browser fortsetzen, in dem sie begonnen wurde, und nur, solange der Benutzer, der sie begonnen hat, dort angemeldet ist. Es wurde nichts gespeichert.",
    }
    other_browser_warning {
        en: "If somebody gave you the link to the provider’s page, tell an administrator: with your sign-in, they would have acted as you.",
        de: "Hat Ihnen jemand den Link zur Seite des Anbieters gegeben, sagen Sie es einem Administrator: Mit Ihrer Anmeldung hätte diese Person in Ihrem Namen gehandelt.",
    }
    token_of_person(person) { en: "The token is that of {person}.", de: "Das Token gehört {person}." }
    person_unknown {
        en: "Genesys Cloud did not say whose token it is.",
        de: "Genesys Cloud hat nicht angegeben, wem das Token gehört.",
    }
    is_signed_in(name) { en: "Signed in to “{name}”", de: "Bei „{name}“ angemeldet" }
    is_failed { en: "The sign-in did not succeed", de: "Die Anmeldung ist nicht gelungen" }
    no_refresh_token {
        en: "The provider issued no refresh token: somebody has to sign in again when the token expires.",
        de: "Der Anbieter hat kein Refresh-Token ausgestellt: Wenn das Token abläuft, muss sich jemand neu anmelden.",
    }
    other_scopes(scopes) {
        en: "The provider granted other scopes than requested: {scopes}",
        de: "Der Anbieter hat andere Bereiche als die angeforderten gewährt: {scopes}",
    }
    to_connection { en: "To the connection", de: "Zur Verbindung" }
    try_again { en: "Try again", de: "Noch einmal versuchen" }

    no_environment { en: "This is not a Genesys Cloud environment.", de: "Das ist keine Genesys-Cloud-Umgebung." }
    not_url {
        en: "Enter a full address that begins with https://.",
        de: "Geben Sie eine vollständige Adresse ein, die mit https:// beginnt.",
    }
    url_user { en: "The address must not contain a user name.", de: "Die Adresse darf keinen Benutzernamen enthalten." }
    url_fragment { en: "Leave out the # and what follows it.", de: "Lassen Sie das # und alles danach weg." }
    url_parameter(name) {
        en: "Leave out the parameter {name}: it is added automatically.",
        de: "Lassen Sie den Parameter {name} weg: Er wird automatisch ergänzt.",
    }
    no_client_id { en: "The client ID is empty.", de: "Die Client-ID ist leer." }
    no_client_secret {
        en: "The client secret is empty; only a client with PKCE can do without one.",
        de: "Der geheime Clientschlüssel ist leer; nur mit PKCE kommt ein Client ohne aus.",
    }
    invisible_character(code_point) {
        en: "The client ID or the client secret contains an invisible character ({code_point}). Enter both again.",
        de: "Client-ID oder geheimer Clientschlüssel enthält ein unsichtbares Zeichen ({code_point}). Geben Sie beide neu ein.",
    }
    too_long { en: "This is too long.", de: "Das ist zu lang." }
    bad_scopes {
        en: "A scope consists of ASCII characters, without quotes and backslashes.",
        de: "Ein Bereich besteht aus ASCII-Zeichen, ohne Anführungszeichen und Backslashs.",
    }
}
