//! Messages for designers, of real errors.

use action_host::oauth::OauthError;
use genesys_sim::Options;
use secrecy::ExposeSecret;
use test_support::scripted::answers;

use crate::component::{Build, test_both_builds};
use crate::embedded::{Embedded, connection};
use crate::outcome::error_of;
use crate::scripted::{Scripted, credentials};

test_both_builds![
    the_message_for_a_refused_client_names_the_region,
    the_message_for_a_refused_token_says_what_to_do,
    the_message_for_throttling_has_the_time_to_wait,
    messages_name_a_field_by_its_label,
    the_message_for_a_failure_has_host_reason_status_and_correlation_id,
    an_unsupported_language_falls_back_to_english,
];

const REFUSED_EN: &str = "Genesys Cloud refused the client ID or the client secret. The request \
    went to the region us-east-1 (mypurecloud.com); in the wrong region, the right secret is \
    refused like a wrong one. Check the URL, the client ID and the secret. Genesys Cloud says: \
    “authentication failed”.";
const REFUSED_DE: &str = "Genesys Cloud hat Client-ID oder geheimen Clientschlüssel abgelehnt. \
    Die Anfrage ging an die Region us-east-1 (mypurecloud.com); in der falschen Region wird auch \
    das richtige Geheimnis abgelehnt. Prüfen Sie URL, Client-ID und Geheimnis. Genesys Cloud sagt: \
    „authentication failed“.";

async fn message(fixture: &Embedded, error: &OauthError, locale: &str) -> String {
    fixture.action.explain(error, locale).await.unwrap()
}

/// The error if a client of the region Frankfurt authenticates in Virginia.
async fn wrong_region(fixture: &Embedded) -> (OauthError, String) {
    let client = fixture.add_client();
    let error = error_of(fixture.open_at("us-east-1", &client).await);
    let OauthError::Rejected(rejection) = &error else {
        panic!("{error:?}");
    };
    let id = rejection.correlation_id.clone().unwrap();
    (error, id)
}

async fn the_message_for_a_refused_client_names_the_region(build: Build) {
    let fixture = Embedded::start(build).await;
    let (error, id) = wrong_region(&fixture).await;
    assert_eq!(
        message(&fixture, &error, "en").await,
        format!("{REFUSED_EN} Correlation id for Genesys' support: {id}.")
    );
    assert_eq!(
        message(&fixture, &error, "de").await,
        format!("{REFUSED_DE} Correlation-ID für den Support von Genesys: {id}.")
    );
}

async fn the_message_for_a_refused_token_says_what_to_do(build: Build) {
    let fixture = Embedded::start(build).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    fixture.action.disconnect(&session).await.unwrap();
    let dead = connection("eu-central-1", &session);
    let error = error_of(fixture.authenticate(&dead).await);
    let english = message(&fixture, &error, "en").await;
    let german = message(&fixture, &error, "de").await;
    assert!(
        english.contains("sign in to the connection again"),
        "{english}"
    );
    assert!(german.contains("melden Sie sich dort neu an"), "{german}");
    for text in [english, german] {
        assert!(text.contains("eu-central-1 (mypurecloud.de)"), "{text}");
        assert!(!text.contains(session.token.expose_secret()), "{text}");
    }
}

async fn the_message_for_throttling_has_the_time_to_wait(build: Build) {
    let options = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let fixture = Embedded::start_with(build, options).await;
    let session = fixture.open(&fixture.add_client()).await.unwrap();
    let connection = connection("eu-central-1", &session);
    fixture.authenticate(&connection).await.unwrap();
    let error = error_of(fixture.authenticate(&connection).await);
    let english = message(&fixture, &error, "en").await;
    let german = message(&fixture, &error, "de").await;
    assert!(english.contains("Try again in 60 s"), "{english}");
    assert!(
        german.contains("Versuchen Sie es in 60 s noch einmal"),
        "{german}"
    );
}

async fn messages_name_a_field_by_its_label(build: Build) {
    let fixture = Embedded::start(build).await;
    for (url, secret, english, german) in [
        (
            "https://login.mypurecloud.de:443",
            "secret",
            "URL of the Genesys Cloud environment: the address must not contain a port.",
            "URL für die Genesys-Cloud-Umgebung: die Adresse darf keinen Port enthalten.",
        ),
        (
            "eu-central-1",
            "",
            "Client secret: the field is empty.",
            "Geheimer Clientschlüssel: das Feld ist leer.",
        ),
    ] {
        let authentication = credentials(url, "id", secret);
        let error = fixture.refused_unsent(&authentication, "Default").await;
        assert_eq!(message(&fixture, &error, "en").await, english);
        assert_eq!(message(&fixture, &error, "de").await, german);
    }
}

async fn the_message_for_a_failure_has_host_reason_status_and_correlation_id(build: Build) {
    let script = answers("502 Bad Gateway", "", "");
    let fixture = Scripted::start(build, script).await;
    let error = error_of(fixture.authenticate().await);
    for (locale, text) in [
        (
            "en",
            "No usable answer from login.mypurecloud.de: the server reported a fault of its own. \
             Try again later, or ask your operator. HTTP status 502. Correlation id for Genesys' \
             support: c-1.",
        ),
        (
            "de",
            "Keine brauchbare Antwort von login.mypurecloud.de: der Server meldet einen eigenen \
             Fehler. Versuchen Sie es später, oder fragen Sie Ihren Betreiber. HTTP-Status 502. \
             Correlation-ID für den Support von Genesys: c-1.",
        ),
    ] {
        assert_eq!(fixture.action.explain(&error, locale).await.unwrap(), text);
    }
}

async fn an_unsupported_language_falls_back_to_english(build: Build) {
    let fixture = Embedded::start(build).await;
    let (error, _) = wrong_region(&fixture).await;
    let english = message(&fixture, &error, "en").await;
    let german = message(&fixture, &error, "de").await;
    assert_ne!(english, german);
    for locale in ["en-GB", "fr", "nds", "", "\u{1b}[31m"] {
        assert_eq!(message(&fixture, &error, locale).await, english, "{locale}");
    }
    for locale in ["de-AT", "DE"] {
        assert_eq!(message(&fixture, &error, locale).await, german, "{locale}");
    }
}
