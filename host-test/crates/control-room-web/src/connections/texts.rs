//! What the pages of OAuth connections say.

use crate::language::Language;
use crate::texts::texts;

texts! {
    /// Of these pages.
    Texts, ENGLISH, GERMAN;

    search: "Search connections by name", "Verbindungen nach Namen suchen";
    create: "Create connection", "Verbindung erstellen";
    none: "There are no OAuth connections yet. With one, the Control Room signs in to Genesys and keeps the token fresh for bots.", "Es gibt noch keine OAuth-Verbindungen. Mit einer meldet sich der Control Room bei Genesys an und hält das Token für Bots frisch.";
    none_for_you: "There is no OAuth connection that you may use. Ask an administrator for one.", "Es gibt keine OAuth-Verbindung, die Sie verwenden dürfen. Bitten Sie einen Administrator darum.";
    connection: "Connection", "Verbindung";
    shared: "Shared token", "Gemeinsames Token";
    own: "Your own token", "Ihr eigenes Token";

    fetched: "Fetched when a bot needs it", "Wird geholt, wenn ein Bot es braucht";
    not_signed_in: "Not signed in", "Nicht angemeldet";
    signed_in: "Signed in", "Angemeldet";
    expires: "until {when} UTC", "bis {when} UTC";
    renewed: "renewed by itself", "wird von selbst erneuert";
    not_renewed: "then somebody has to sign in again", "dann muss sich jemand neu anmelden";
    sign_in_needed: "Sign-in needed", "Anmeldung nötig";
    not_kept: "none is kept", "wird nicht aufbewahrt";
    granted: "Granted: {scopes}", "Gewährt: {scopes}";

    callback_url: "Callback URL", "Callback-URL";
    callback_hint: "Add it as an authorized redirect URI to the OAuth client at Genesys, before you sign in.", "Fügen Sie diese Adresse beim OAuth-Client in Genesys als autorisierte Umleitungs-URI hinzu, bevor Sie sich anmelden.";
    new: "Create an OAuth connection", "OAuth-Verbindung erstellen";
    edit: "Edit the connection “{name}”", "Verbindung „{name}“ bearbeiten";
    name: "Connection name", "Name der Verbindung";
    rename_hint: "Bots that use the connection by its name must be changed with it.", "Bots, die die Verbindung mit ihrem Namen verwenden, müssen mit geändert werden.";
    provider: "Provider type", "Anbietertyp";
    genesys: "Genesys Cloud", "Genesys Cloud";
    custom: "Custom", "Benutzerdefiniert";
    environment: "Genesys Cloud environment", "Genesys-Cloud-Umgebung";
    environment_hint: "Such as mypurecloud.de or https://apps.mypurecloud.de.", "Etwa mypurecloud.de oder https://apps.mypurecloud.de.";
    authorization_url: "Authorization URL", "Autorisierungs-URL";
    token_url: "Token URL", "Token-URL";
    issuer: "Issuer", "Aussteller";
    issuer_hint: "What the provider calls itself (iss), where that is known.", "Wie der Anbieter sich nennt (iss), wo das bekannt ist.";
    grant: "Grant type", "Gewährungstyp";
    code: "Code Authorization", "Code-Autorisierung";
    code_pkce: "Code Authorization with PKCE", "Code-Autorisierung mit PKCE";
    client_credentials: "Client Credentials", "Client-Anmeldedaten";
    client_id: "Client ID", "Client-ID";
    client_secret: "Client secret", "Geheimer Clientschlüssel";
    secret_kept: "One is stored. Leave it empty to keep it; it is never shown.", "Einer ist gespeichert. Leer lassen, um ihn zu behalten; er wird nie angezeigt.";
    secret_hint: "It is never shown again. Only with PKCE can a client do without.", "Er wird nie wieder angezeigt. Nur mit PKCE geht es ohne.";
    no_secret: "The client has no secret any more", "Der Client hat keinen geheimen Schlüssel mehr";
    scopes: "Scope", "Bereich";
    scopes_hint: "Separated by commas or spaces. Empty asks for all that the client has.", "Durch Kommas oder Leerzeichen getrennt. Leer verlangt alles, was der Client hat.";
    save_login: "Save login credentials", "Anmeldedaten speichern";
    save_login_hint: "Keeps a token that all share who may use the connection. Bots that nobody attends need it.", "Bewahrt ein Token auf, das sich alle teilen, die die Verbindung verwenden dürfen. Unbeaufsichtigte Bots brauchen es.";
    save: "Save", "Speichern";
    save_and_test: "Save and test", "Speichern und testen";

    allowed: "Roles whose users may use it", "Rollen, deren Benutzer sie verwenden dürfen";
    save_roles: "Save roles", "Rollen speichern";
    no_roles: "There are no roles yet. They are made under Users > Roles.", "Es gibt noch keine Rollen. Sie werden unter Benutzer > Rollen erstellt.";
    needs_role: "To sign in for yourself, you need a role that may use it.", "Um sich für sich selbst anzumelden, brauchen Sie eine Rolle, die die Verbindung verwenden darf.";
    edit_link: "Edit", "Bearbeiten";
    sign_in: "Sign in", "Anmelden";
    sign_in_again: "Sign in again", "Neu anmelden";
    test: "Test", "Testen";
    others: "Users who have signed in for themselves", "Benutzer, die sich für sich selbst angemeldet haben";
    remove: "Remove the connection “{name}”?", "Die Verbindung „{name}“ entfernen?";
    remove_advice: "Its tokens go with it, and bots that use it fail.", "Ihre Tokens werden mit entfernt, und Bots, die sie verwenden, schlagen fehl.";
    is_removed: "The connection “{name}” is removed", "Die Verbindung „{name}“ ist entfernt";
    tokens_alive: "{n} of its {all} tokens may live on until they expire.", "{n} von {all} Tokens können noch gelten, bis sie ablaufen.";
    tokens_were: "It had:", "Die Verbindung hatte:";
    token_of: "The own token of {user}", "Eigenes Token von {user}";
    tokens_alive_advice: "To end them, disable or remove the OAuth client at the provider.", "Um Tokens zu beenden, deaktivieren oder entfernen Sie den OAuth-Client beim Anbieter.";
    removal_goes_on: "Ending its tokens takes longer than usual, and goes on. The log says if any of them lives on.", "Ihre Tokens zu beenden dauert länger als sonst und geht weiter. Das Protokoll des Servers sagt, wenn eines davon weiter gilt.";
    not_offered: "The provider has no known way to end a token.", "Beim Anbieter ist kein Weg bekannt, ein Token zu beenden.";
    unreadable: "What is stored of a token cannot be read.", "Was von einem Token gespeichert ist, lässt sich nicht lesen.";
    in_use: "A new token was being asked for just then.", "Gerade wurde ein neues Token geholt.";
    not_refreshed: "The refresh token gave no token to end it with. {reason}", "Das Refresh-Token gab kein Token, mit dem es sich beenden ließe. {reason}";
    token_unknown: "The API does not know the token that the refresh token gave.", "Die API kennt das Token nicht, das das Refresh-Token gab.";
    not_ended: "The provider did not end it: {reason}.", "Der Anbieter hat es nicht beendet: {reason}.";
    saved: "Saved.", "Gespeichert.";
    tested: "The connection got a new token.", "Die Verbindung hat ein neues Token bekommen.";
    tested_not_renewed: "The connection has a token, and none to refresh it with.", "Die Verbindung hat ein Token, aber keines, um es zu erneuern.";
    test_failed: "The connection got no token.", "Die Verbindung hat kein Token bekommen.";
    lives: "It lives for {n} s.", "Es gilt {n} s.";

    signing_in: "Sign in to “{name}”", "Bei „{name}“ anmelden";
    for_all: "The token is for all who share the connection.", "Das Token ist für alle, die sich die Verbindung teilen.";
    for_you: "The token is for you alone.", "Das Token ist nur für Sie.";
    open_page: "Open the provider's sign-in page", "Anmeldeseite des Anbieters öffnen";
    open_advice: "It opens in a new tab. Sign in there, then come back: this page shows what came of it.", "Die Seite öffnet sich in einem neuen Tab. Melden Sie sich dort an, und kommen Sie zurück: Diese Seite zeigt, was daraus geworden ist.";
    waiting: "Waiting for you to sign in …", "Wartet darauf, dass Sie sich anmelden …";
    look_again: "Look again", "Noch einmal nachsehen";
    paste: "The browser showed no page at the end?", "Der Browser hat am Ende keine Seite gezeigt?";
    paste_advice: "Where the Control Room runs on another machine, copy the address that the browser was led to, and paste it here.", "Läuft der Control Room auf einem anderen Rechner, kopieren Sie die Adresse, zu der der Browser geleitet wurde, und fügen Sie sie hier ein.";
    other_sign_in_waits: "Another sign-in waits for its callback just now, so that yours has to be pasted.", "Gerade wartet eine andere Anmeldung auf ihren Callback, daher müssen Sie Ihren einfügen.";
    pasted: "Address that the browser was led to", "Adresse, zu der der Browser geleitet wurde";
    take: "Finish sign-in", "Anmeldung abschließen";
    is_signed_in: "Signed in to “{name}”", "Bei „{name}“ angemeldet";
    is_failed: "The sign-in did not succeed", "Die Anmeldung ist nicht gelungen";
    not_renewable: "The provider gave no refresh token: somebody has to sign in again when the token ends.", "Der Anbieter gab kein Refresh-Token: Wenn das Token endet, muss sich jemand neu anmelden.";
    other_scopes: "The provider granted other scopes than were asked for: {scopes}", "Der Anbieter gewährte andere Bereiche als verlangt: {scopes}";
    to_connection: "To the connection", "Zur Verbindung";
    try_again: "Try again", "Noch einmal versuchen";

    exists: "There is a connection of this name already.", "Es gibt schon eine Verbindung mit diesem Namen.";
    no_environment: "This is no Genesys Cloud environment.", "Das ist keine Genesys-Cloud-Umgebung.";
    not_url: "Give a full address that begins with https://.", "Geben Sie eine vollständige Adresse an, die mit https:// beginnt.";
    url_user: "The address has a user name in it.", "In der Adresse steht ein Benutzername.";
    url_fragment: "Leave out the # and what follows it.", "Lassen Sie das # weg und was darauf folgt.";
    url_parameter: "Leave out the parameter {name}: it is added where it is needed.", "Lassen Sie den Parameter {name} weg: Er wird ergänzt, wo er gebraucht wird.";
    no_client_id: "The client ID is empty.", "Die Client-ID ist leer.";
    no_client_secret: "The client secret is empty; only with PKCE can a client do without.", "Der geheime Clientschlüssel ist leer; nur mit PKCE geht es ohne.";
    too_long: "This is longer than any.", "Das ist länger, als es sein kann.";
    secret_needed: "The stored secret was given for another token host. Enter it again.", "Der gespeicherte Schlüssel galt für einen anderen Token-Host. Geben Sie ihn noch einmal ein.";
    bad_scopes: "A scope has neither quotes nor backslashes, and letters of ASCII alone.", "Ein Bereich hat weder Anführungszeichen noch Backslashs und nur ASCII-Zeichen.";

    not_shared: "It keeps no shared token. Switch on “Save login credentials”, or sign in for yourself.", "Die Verbindung bewahrt kein gemeinsames Token auf. Schalten Sie „Anmeldedaten speichern“ ein, oder melden Sie sich für sich selbst an.";
    nobody_signs_in: "Nobody signs in to it: it gets its tokens by itself.", "Bei dieser Verbindung meldet sich niemand an: Ihre Tokens holt der Control Room selbst.";
    nobody_signed_in: "Nobody has signed in yet.", "Es hat sich noch niemand angemeldet.";
    sign_in_again_because: "Somebody has to sign in again: {reason}", "Jemand muss sich neu anmelden: {reason}";
    refused_client: "The provider refused: {reason}. Correct the connection, or the OAuth client at the provider.", "Der Anbieter hat abgelehnt: {reason}. Korrigieren Sie die Verbindung oder den OAuth-Client beim Anbieter.";
    passing: "The provider cannot be reached or does not answer: {reason}. Try again later.", "Der Anbieter ist nicht zu erreichen oder antwortet nicht: {reason}. Versuchen Sie es später noch einmal.";
    network: "The network of this machine cannot be used: {reason}. Ask its operator.", "Das Netzwerk dieses Rechners ist nicht zu verwenden: {reason}. Fragen Sie seinen Betreiber.";
    out_of_time: "There was no token in time. Try again later.", "Es gab nicht rechtzeitig ein Token. Versuchen Sie es später noch einmal.";
    changed: "It was changed meanwhile. Start again.", "Die Verbindung wurde inzwischen geändert. Beginnen Sie noch einmal.";
    expired: "Nobody signed in in time. Start again.", "Es hat sich niemand rechtzeitig angemeldet. Beginnen Sie noch einmal.";
    refused_sign_in: "It was refused at the provider's page: {reason}", "Auf der Seite des Anbieters wurde abgelehnt: {reason}";
    not_a_callback: "This is not the address that the browser was led to after the sign-in.", "Das ist nicht die Adresse, zu der der Browser nach der Anmeldung geleitet wurde.";
    other_sign_in: "This address belongs to another sign-in.", "Diese Adresse gehört zu einer anderen Anmeldung.";
    untrusted: "{host} could not prove with its certificate that it is what its name says. Nothing was sent. Ask your operator.", "{host} konnte mit seinem Zertifikat nicht nachweisen, dass er ist, was sein Name sagt. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.";
    refused: "{host} answered “{code}”", "{host} antwortete mit „{code}“";
    correlation: "correlation id {id}", "Correlation-ID {id}";
    throttled: "{host} limits the number of requests", "{host} begrenzt die Zahl der Anfragen";
    server: "{host} is not available, status {status}", "{host} ist nicht verfügbar, Status {status}";
    too_slow: "{host} took too long", "{host} hat zu lange gebraucht";
    no_token: "{host} answered with what is no token. Check the token URL. ({reason})", "{host} antwortete mit etwas, das kein Token ist. Prüfen Sie die Token-URL. ({reason})";
    answer_too_large: "too large", "zu groß";
    answer_not_http: "no valid HTTP", "kein gültiges HTTP";
    answer_redirect: "a redirect, status {status}", "eine Umleitung, Status {status}";
    answer_status: "status {status}", "Status {status}";
    answer_not_json: "no JSON", "kein JSON";
    answer_malformed: "no access token, or not as RFC 6749 asks for", "kein Access-Token, oder nicht wie in RFC 6749";
    answer_unusable: "an access token that cannot be used", "ein unbrauchbares Access-Token";
    answer_token_type: "a token that is not of the type Bearer", "ein Token, das nicht vom Typ Bearer ist";
    failed: "It did not succeed: {reason}", "Es ist nicht gelungen: {reason}";
}

pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}
