//! What the pages of OAuth connections say, beside what all pages do.

pub(super) use crate::messages::*;

bot_engine::messages! {
    search_connections { en: "Search connections by name", de: "Verbindungen nach Namen suchen" }
    create { en: "Create connection", de: "Verbindung erstellen" }
    none {
        en: "There are no OAuth connections yet. With one, the Control Room signs in to Genesys and keeps the token fresh for bots.",
        de: "Es gibt noch keine OAuth-Verbindungen. Mit einer meldet sich der Control Room bei Genesys an und hält das Token für Bots frisch.",
    }
    none_for_you {
        en: "There is no OAuth connection that you may use. Ask an administrator for one.",
        de: "Es gibt keine OAuth-Verbindung, die Sie verwenden dürfen. Bitten Sie einen Administrator darum.",
    }
    connection { en: "Connection", de: "Verbindung" }
    shared { en: "Shared token", de: "Gemeinsames Token" }
    own { en: "Your own token", de: "Ihr eigenes Token" }

    fetched { en: "Fetched when a bot needs it", de: "Wird geholt, wenn ein Bot es braucht" }
    not_signed_in { en: "Not signed in", de: "Nicht angemeldet" }
    signed_in { en: "Signed in", de: "Angemeldet" }
    expires(moment) { en: "until {moment} UTC", de: "bis {moment} UTC" }
    renewed { en: "renewed by itself", de: "wird von selbst erneuert" }
    not_renewed { en: "then somebody has to sign in again", de: "dann muss sich jemand neu anmelden" }
    sign_in_needed { en: "Sign-in needed", de: "Anmeldung nötig" }
    not_kept { en: "none is kept", de: "wird nicht aufbewahrt" }
    granted(scopes) { en: "Granted: {scopes}", de: "Gewährt: {scopes}" }

    callback_url { en: "Callback URL", de: "Callback-URL" }
    callback_hint {
        en: "Add it as an authorized redirect URI to the OAuth client at Genesys, before you sign in.",
        de: "Fügen Sie diese Adresse beim OAuth-Client in Genesys als autorisierte Umleitungs-URI hinzu, bevor Sie sich anmelden.",
    }
    new { en: "Create an OAuth connection", de: "OAuth-Verbindung erstellen" }
    edit(name) { en: "Edit the connection “{name}”", de: "Verbindung „{name}“ bearbeiten" }
    connection_name { en: "Connection name", de: "Name der Verbindung" }
    rename_hint {
        en: "Bots that use the connection by its name must be changed with it.",
        de: "Bots, die die Verbindung mit ihrem Namen verwenden, müssen mit geändert werden.",
    }
    provider { en: "Provider type", de: "Anbietertyp" }
    genesys { en: "Genesys Cloud", de: "Genesys Cloud" }
    custom { en: "Custom", de: "Benutzerdefiniert" }
    environment { en: "Genesys Cloud environment", de: "Genesys-Cloud-Umgebung" }
    environment_hint {
        en: "Such as mypurecloud.de or https://apps.mypurecloud.de.",
        de: "Etwa mypurecloud.de oder https://apps.mypurecloud.de.",
    }
    authorization_url { en: "Authorization URL", de: "Autorisierungs-URL" }
    token_url { en: "Token URL", de: "Token-URL" }
    issuer { en: "Issuer", de: "Aussteller" }
    issuer_hint {
        en: "What the provider calls itself (iss), where that is known.",
        de: "Wie der Anbieter sich nennt (iss), wo das bekannt ist.",
    }
    grant { en: "Grant type", de: "Gewährungstyp" }
    code { en: "Code Authorization", de: "Code-Autorisierung" }
    code_pkce { en: "Code Authorization with PKCE", de: "Code-Autorisierung mit PKCE" }
    client_credentials { en: "Client Credentials", de: "Client-Anmeldedaten" }
    client_id { en: "Client ID", de: "Client-ID" }
    client_secret { en: "Client secret", de: "Geheimer Clientschlüssel" }
    secret_kept {
        en: "One is stored. Leave it empty to keep it; it is never shown.",
        de: "Einer ist gespeichert. Leer lassen, um ihn zu behalten; er wird nie angezeigt.",
    }
    secret_hint {
        en: "It is never shown again. Only with PKCE can a client do without.",
        de: "Er wird nie wieder angezeigt. Nur mit PKCE geht es ohne.",
    }
    no_secret { en: "The client has no secret any more", de: "Der Client hat keinen geheimen Schlüssel mehr" }
    scopes { en: "Scope", de: "Bereich" }
    scopes_hint {
        en: "Separated by commas or spaces. Empty asks for all that the client has.",
        de: "Durch Kommas oder Leerzeichen getrennt. Leer verlangt alles, was der Client hat.",
    }
    save_login { en: "Save login credentials", de: "Anmeldedaten speichern" }
    save_login_hint {
        en: "Keeps a token that all share who may use the connection. Bots that nobody attends need it.",
        de: "Bewahrt ein Token auf, das sich alle teilen, die die Verbindung verwenden dürfen. Unbeaufsichtigte Bots brauchen es.",
    }
    save_and_test { en: "Save and test", de: "Speichern und testen" }

    allowed { en: "Roles whose users may use it", de: "Rollen, deren Benutzer sie verwenden dürfen" }
    save_roles { en: "Save roles", de: "Rollen speichern" }
    no_roles {
        en: "There are no roles yet. They are made under Users > Roles.",
        de: "Es gibt noch keine Rollen. Sie werden unter Benutzer > Rollen erstellt.",
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
        en: "Its tokens go with it, and bots that use it fail.",
        de: "Ihre Tokens werden mit entfernt, und Bots, die sie verwenden, schlagen fehl.",
    }
    is_removed(name) { en: "The connection “{name}” is removed", de: "Die Verbindung „{name}“ ist entfernt" }
    tokens_alive(alive, all) {
        en: "{alive} of its {all} tokens may live on until they expire.",
        de: "{alive} von {all} Tokens können noch gelten, bis sie ablaufen.",
    }
    tokens_were { en: "It had:", de: "Die Verbindung hatte:" }
    token_of(user) { en: "The own token of {user}", de: "Eigenes Token von {user}" }
    tokens_alive_advice {
        en: "To end them, disable or remove the OAuth client at the provider.",
        de: "Um Tokens zu beenden, deaktivieren oder entfernen Sie den OAuth-Client beim Anbieter.",
    }
    removal_goes_on {
        en: "Ending its tokens takes longer than usual, and goes on. The log says if any of them lives on.",
        de: "Ihre Tokens zu beenden dauert länger als sonst und geht weiter. Das Protokoll des Servers sagt, wenn eines davon weiter gilt.",
    }
    saved { en: "Saved.", de: "Gespeichert." }
    tested { en: "The connection got a new token.", de: "Die Verbindung hat ein neues Token bekommen." }
    tested_not_renewed {
        en: "The connection has a token, and none to refresh it with.",
        de: "Die Verbindung hat ein Token, aber keines, um es zu erneuern.",
    }
    test_failed { en: "The connection got no token.", de: "Die Verbindung hat kein Token bekommen." }
    lives(seconds) { en: "It lives for {seconds} s.", de: "Es gilt {seconds} s." }

    signing_in(name) { en: "Sign in to “{name}”", de: "Bei „{name}“ anmelden" }
    for_all {
        en: "The token is for all who share the connection.",
        de: "Das Token ist für alle, die sich die Verbindung teilen.",
    }
    for_you { en: "The token is for you alone.", de: "Das Token ist nur für Sie." }
    open_page { en: "Open the provider's sign-in page", de: "Anmeldeseite des Anbieters öffnen" }
    open_advice {
        en: "It opens in a new tab. Sign in there, then come back: this page shows what came of it.",
        de: "Die Seite öffnet sich in einem neuen Tab. Melden Sie sich dort an, und kommen Sie zurück: Diese Seite zeigt, was daraus geworden ist.",
    }
    waiting { en: "Waiting for you to sign in …", de: "Wartet darauf, dass Sie sich anmelden …" }
    look_again { en: "Look again", de: "Noch einmal nachsehen" }
    paste { en: "The browser showed no page at the end?", de: "Der Browser hat am Ende keine Seite gezeigt?" }
    paste_advice {
        en: "Where the Control Room runs on another machine, copy the address that the browser was led to, and paste it here.",
        de: "Läuft der Control Room auf einem anderen Rechner, kopieren Sie die Adresse, zu der der Browser geleitet wurde, und fügen Sie sie hier ein.",
    }
    pasted { en: "Address that the browser was led to", de: "Adresse, zu der der Browser geleitet wurde" }
    take { en: "Finish sign-in", de: "Anmeldung abschließen" }
    is_signed_in(name) { en: "Signed in to “{name}”", de: "Bei „{name}“ angemeldet" }
    is_failed { en: "The sign-in did not succeed", de: "Die Anmeldung ist nicht gelungen" }
    not_renewable {
        en: "The provider gave no refresh token: somebody has to sign in again when the token ends.",
        de: "Der Anbieter gab kein Refresh-Token: Wenn das Token endet, muss sich jemand neu anmelden.",
    }
    other_scopes(scopes) {
        en: "The provider granted other scopes than were asked for: {scopes}",
        de: "Der Anbieter gewährte andere Bereiche als verlangt: {scopes}",
    }
    to_connection { en: "To the connection", de: "Zur Verbindung" }
    try_again { en: "Try again", de: "Noch einmal versuchen" }

    no_environment { en: "This is no Genesys Cloud environment.", de: "Das ist keine Genesys-Cloud-Umgebung." }
    not_url {
        en: "Give a full address that begins with https://.",
        de: "Geben Sie eine vollständige Adresse an, die mit https:// beginnt.",
    }
    url_user { en: "The address has a user name in it.", de: "In der Adresse steht ein Benutzername." }
    url_fragment { en: "Leave out the # and what follows it.", de: "Lassen Sie das # weg und was darauf folgt." }
    url_parameter(name) {
        en: "Leave out the parameter {name}: it is added where it is needed.",
        de: "Lassen Sie den Parameter {name} weg: Er wird ergänzt, wo er gebraucht wird.",
    }
    no_client_id { en: "The client ID is empty.", de: "Die Client-ID ist leer." }
    no_client_secret {
        en: "The client secret is empty; only with PKCE can a client do without.",
        de: "Der geheime Clientschlüssel ist leer; nur mit PKCE geht es ohne.",
    }
    too_long { en: "This is longer than any.", de: "Das ist länger, als es sein kann." }
    bad_scopes {
        en: "A scope has neither quotes nor backslashes, and letters of ASCII alone.",
        de: "Ein Bereich hat weder Anführungszeichen noch Backslashs und nur ASCII-Zeichen.",
    }
}
