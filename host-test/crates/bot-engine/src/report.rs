//! What a running bot reports: as data, and as messages in English and German. `Display` is the message in English.

use std::fmt;
use std::time::Duration;

use action_types::is_unprintable;
use http::{Method, StatusCode};
use serde_json::Value as Json;

use super::api_error::ApiError;
use crate::action::{ActionForm, Output};
use crate::messages::{Language, one_decimal};

/// What a successful step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// The step opened a session.
    SessionOpened {
        /// The session's name.
        session: String,
        /// The base URL of the API for later steps.
        base_url: String,
        /// Remaining lifetime in seconds, if known.
        expires_in: Option<u32>,
    },
    /// The step closed a session.
    SessionClosed {
        /// The session's name.
        session: String,
        /// What happened to its token.
        outcome: SessionOutcome,
    },
    /// The action of a component succeeded.
    ActionRan {
        /// What it returned, without secrets.
        outputs: Vec<OutputSummary>,
    },
    /// The API responded to a request.
    ApiResponse {
        /// The method.
        method: Method,
        /// The path, with its placeholders filled in.
        path: String,
        /// The status of the response.
        status: StatusCode,
        /// How many pages of a listing were requested.
        pages: usize,
    },
    /// The step logged this message, with its placeholders filled in.
    Logged(String),
    /// The step ran another bot.
    BotRan {
        /// Its name.
        bot: String,
        /// The number of its steps.
        steps: usize,
    },
    /// The step is disabled, and was left out.
    Disabled,
}

/// An output of an action, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSummary {
    /// Its name in the form, by which its label is found in other languages.
    pub name: String,
    /// Its label, in English.
    pub label: String,
    /// The beginning of its value.
    pub value: String,
}

/// The most characters of a value that are shown.
const MAX_SUMMARY: usize = 100;

impl OutputSummary {
    pub(crate) fn of(output: &Output, json: &Json) -> Self {
        Self {
            name: output.name.clone(),
            label: output.label.clone(),
            value: summary(json),
        }
    }
}

/// A value for people: of a list, its length; of an object, that it is one; of other values, the beginning.
pub fn summary(json: &Json) -> String {
    match json {
        Json::Array(items) => format!("[{}]", items.len()),
        Json::Object(_) => "{…}".into(),
        Json::String(text) => beginning(text),
        other => beginning(&other.to_string()),
    }
}

/// At most 100 characters of a text, on one line.
fn beginning(text: &str) -> String {
    let plain = |c: char| if is_unprintable(c) { ' ' } else { c };
    let mut beginning: String = text.chars().map(plain).take(MAX_SUMMARY).collect();
    if text.chars().nth(MAX_SUMMARY).is_some() {
        beginning.push('…');
    }
    beginning
}

/// What happened to the token of a session that a bot no longer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOutcome {
    /// The token was revoked.
    Revoked,
    /// Other bots use the token, or may use it later.
    StillShared,
    /// The token belongs to an OAuth connection, which keeps it.
    KeptByConnection,
    /// The token could not be revoked, and is valid until it expires.
    NotRevoked,
}

/// An event that concerns the bot as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The bot ended without closing the session.
    LeftOpen {
        /// The session's name.
        session: String,
        /// What happened to its token.
        outcome: SessionOutcome,
    },
    /// A session replaced another one with the same name.
    Replaced {
        /// The name.
        session: String,
        /// What happened to the token of the replaced one.
        outcome: SessionOutcome,
    },
    /// The server rejected the session's token, so the session was opened again.
    Reopened {
        /// The session's name.
        session: String,
    },
    /// A step of another bot succeeded, which this bot runs.
    InBot {
        /// The name of that bot.
        bot: String,
        /// The number of its step.
        step: usize,
        /// What the step did, in the language of the run.
        text: String,
    },
    /// The bot was interrupted during a token request. Genesys Cloud may have issued a token that nobody can revoke.
    TokenMayRemain,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy)]
pub enum RetryReason<'a> {
    /// The action's message.
    Action(&'a str),
    /// The failure of an API request.
    Api(&'a ApiError),
}

impl StepOutcome {
    /// The message for people. The labels of outputs are those of the form, which should be in the same language; without
    /// it, they are in English.
    pub fn message(&self, form: Option<&ActionForm>, language: Language) -> String {
        match self {
            Self::SessionOpened {
                session,
                base_url,
                expires_in,
            } => {
                let expiry = match expires_in {
                    Some(left) => texts::expires(language, duration_in_words(*left, language)),
                    None => texts::expiry_unknown(language).into(),
                };
                format!("{} {expiry}", texts::opened(language, session, base_url))
            }
            Self::SessionClosed { session, outcome } => match outcome {
                SessionOutcome::KeptByConnection => texts::closed_connection(language, session),
                SessionOutcome::StillShared => texts::closed_shared(language, session),
                SessionOutcome::Revoked | SessionOutcome::NotRevoked => {
                    texts::closed(language, session)
                }
            },
            Self::ActionRan { outputs } if outputs.is_empty() => texts::ran(language).into(),
            Self::ActionRan { outputs } => {
                let declared = form.map_or(&[][..], |form| &form.outputs);
                let label = |shown: &OutputSummary| {
                    let output = declared.iter().find(|it| it.name == shown.name);
                    output.map_or_else(|| shown.label.clone(), |it| it.label.clone())
                };
                let outputs = outputs
                    .iter()
                    .map(|it| format!("{}: {}", label(it), it.value));
                outputs.collect::<Vec<_>>().join(", ")
            }
            Self::ApiResponse {
                method,
                path,
                status,
                pages: 1,
            } => format!("{method} {path}: {status}"),
            Self::ApiResponse {
                method,
                path,
                status,
                pages,
            } => texts::paged(language, method, path, status, pages),
            Self::Logged(message) => message.clone(),
            Self::BotRan { bot, steps: 1 } => texts::bot_ran_one(language, bot),
            Self::BotRan { bot, steps } => texts::bot_ran(language, bot, steps),
            Self::Disabled => texts::disabled(language).into(),
        }
    }
}

impl Note {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::LeftOpen { session, outcome } => match outcome {
                SessionOutcome::Revoked => texts::left_open(language, session),
                SessionOutcome::StillShared => texts::left_open_shared(language, session),
                SessionOutcome::KeptByConnection => texts::left_open_connection(language, session),
                SessionOutcome::NotRevoked => texts::left_open_not_revoked(language, session),
            },
            Self::Replaced { session, outcome } => match outcome {
                SessionOutcome::NotRevoked => texts::replaced_not_revoked(language, session),
                _ => texts::replaced(language, session),
            },
            Self::Reopened { session } => texts::reopened(language, session),
            Self::InBot { bot, step, text } => texts::in_bot(language, bot, step, text),
            Self::TokenMayRemain => texts::token_may_remain(language).into(),
        }
    }
}

impl RetryReason<'_> {
    /// The message for people. A refusal of the API comes without advice, as waiting is all that can be done. An action's is in
    /// the language of the run.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Action(message) => (*message).to_owned(),
            Self::Api(ApiError::Refused(refusal)) => refusal.answer(language),
            Self::Api(error) => error.message(language),
        }
    }

    /// The message for people while the step waits for the next attempt.
    pub fn waiting(&self, tries: u32, length: Duration, language: Language) -> String {
        let seconds = one_decimal(length.as_secs_f64(), language);
        texts::waiting(language, tries, seconds, self.message(language))
    }
}

impl fmt::Display for StepOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(None, Language::English))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl fmt::Display for RetryReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

/// A duration in hours and minutes, in minutes, or in seconds, rounded down. Its German forms
/// are the same in the dative ("in …") and the accusative ("… gültig").
#[must_use]
pub fn duration_in_words(seconds: u32, language: Language) -> String {
    let in_hours = |hours| match hours {
        1 => texts::one_hour(language).into(),
        _ => texts::hours(language, hours),
    };
    let in_minutes = |minutes| match minutes {
        1 => texts::one_minute(language).into(),
        _ => texts::minutes(language, minutes),
    };
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0 | 1) if seconds == 1 => texts::one_second(language).into(),
        (0, 0 | 1) => texts::seconds(language, seconds),
        (0, minutes) => in_minutes(minutes),
        (hours, 0) => in_hours(hours),
        (hours, minutes) => format!("{} {}", in_hours(hours), in_minutes(minutes)),
    }
}

mod texts {
    crate::messages! {
        opened(session, url) {
            en: "Session “{session}” is open at {url}.",
            de: "Sitzung „{session}“ ist bei {url} geöffnet.",
        }
        expires(time) { en: "It expires in {time}.", de: "Sie läuft in {time} ab." }
        expiry_unknown { en: "When it expires is not known.", de: "Wann sie abläuft, ist nicht bekannt." }
        one_hour { en: "1 hour", de: "1 Stunde" }
        hours(count) { en: "{count} hours", de: "{count} Stunden" }
        one_minute { en: "1 minute", de: "1 Minute" }
        minutes(count) { en: "{count} minutes", de: "{count} Minuten" }
        one_second { en: "1 second", de: "1 Sekunde" }
        seconds(count) { en: "{count} seconds", de: "{count} Sekunden" }
        closed(session) {
            en: "Session “{session}” was closed.",
            de: "Sitzung „{session}“ wurde geschlossen.",
        }
        closed_shared(session) {
            en: "Session “{session}” was closed; other bots still use its token.",
            de: "Sitzung „{session}“ wurde geschlossen; andere Bots verwenden ihr Token noch.",
        }
        closed_connection(session) {
            en: "Session “{session}” was closed; its token stays with the connection.",
            de: "Sitzung „{session}“ wurde geschlossen; ihr Token bleibt bei der Verbindung.",
        }
        ran { en: "Done.", de: "Fertig." }
        paged(method, path, status, pages) {
            en: "{method} {path}: {status}, {pages} pages",
            de: "{method} {path}: {status}, {pages} Seiten",
        }
        bot_ran(bot, steps) {
            en: "Bot “{bot}” has run: {steps} steps.",
            de: "Bot „{bot}“ ist gelaufen: {steps} Schritte.",
        }
        bot_ran_one(bot) { en: "Bot “{bot}” has run: 1 step.", de: "Bot „{bot}“ ist gelaufen: 1 Schritt." }
        in_bot(bot, step, text) {
            en: "Bot “{bot}”, step {step}: {text}",
            de: "Bot „{bot}“, Schritt {step}: {text}",
        }
        disabled { en: "Skipped: the step is disabled.", de: "Übersprungen: Der Schritt ist deaktiviert." }
        waiting(tries, seconds, reason) {
            en: "Attempt {tries} failed; the next one follows in {seconds} s. {reason}",
            de: "Versuch {tries} ist fehlgeschlagen; der nächste folgt in {seconds} s. {reason}",
        }
        left_open(session) {
            en: "Session “{session}” was left open and has been closed.",
            de: "Sitzung „{session}“ blieb offen und wurde geschlossen.",
        }
        left_open_shared(session) {
            en: "Session “{session}” was left open, and stays open for other bots.",
            de: "Sitzung „{session}“ blieb offen und steht anderen Bots weiter zur Verfügung.",
        }
        left_open_connection(session) {
            en: "Session “{session}” was left open, and has been closed; its token stays with the connection.",
            de: "Sitzung „{session}“ blieb offen und wurde geschlossen; ihr Token bleibt bei der Verbindung.",
        }
        left_open_not_revoked(session) {
            en: "Session “{session}” was left open and could not be closed; its token remains valid until it expires.",
            de: "Sitzung „{session}“ blieb offen und ließ sich nicht schließen; ihr Token bleibt gültig, bis es abläuft.",
        }
        replaced(session) {
            en: "Session “{session}” replaces the one of that name.",
            de: "Sitzung „{session}“ ersetzt die bisherige dieses Namens.",
        }
        replaced_not_revoked(session) {
            en: "Session “{session}” replaces the one of that name, whose token remains valid until it expires.",
            de: "Sitzung „{session}“ ersetzt die bisherige dieses Namens, deren Token gilt, bis es abläuft.",
        }
        reopened(session) {
            en: "The server no longer accepted session “{session}”; it was opened again.",
            de: "Der Server nahm die Sitzung „{session}“ nicht mehr an; sie wurde erneut geöffnet.",
        }
        token_may_remain {
            en: "A token may have been issued whose response did not arrive in time. It cannot be revoked and remains valid until it expires.",
            de: "Vielleicht wurde noch ein Token ausgestellt, das nicht rechtzeitig ankam. Es lässt sich nicht widerrufen und bleibt gültig, bis es abläuft.",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const OUTCOMES: [SessionOutcome; 4] = [
        SessionOutcome::Revoked,
        SessionOutcome::StillShared,
        SessionOutcome::KeptByConnection,
        SessionOutcome::NotRevoked,
    ];

    #[test]
    fn a_duration_is_rounded_down_to_units_that_people_use() {
        for (seconds, english, german) in [
            (0, "0 seconds", "0 Sekunden"),
            (1, "1 second", "1 Sekunde"),
            (119, "119 seconds", "119 Sekunden"),
            (120, "2 minutes", "2 Minuten"),
            (3599, "59 minutes", "59 Minuten"),
            (3600, "1 hour", "1 Stunde"),
            (3660, "1 hour 1 minute", "1 Stunde 1 Minute"),
            (5400, "1 hour 30 minutes", "1 Stunde 30 Minuten"),
            (86_399, "23 hours 59 minutes", "23 Stunden 59 Minuten"),
            (86_400, "24 hours", "24 Stunden"),
        ] {
            assert_eq!(duration_in_words(seconds, Language::English), english);
            assert_eq!(duration_in_words(seconds, Language::German), german);
        }
    }

    #[test]
    fn each_outcome_of_a_step_is_said_in_both_languages() {
        let opened = |expires_in| StepOutcome::SessionOpened {
            session: "Default".into(),
            base_url: "https://api.mypurecloud.de".into(),
            expires_in,
        };
        let closed = OUTCOMES.map(|outcome| StepOutcome::SessionClosed {
            session: "Default".into(),
            outcome,
        });
        let others = [
            opened(Some(86_400)),
            opened(None),
            StepOutcome::ActionRan {
                outputs: Vec::new(),
            },
            StepOutcome::Disabled,
            StepOutcome::BotRan {
                bot: "Orders".into(),
                steps: 1,
            },
            StepOutcome::BotRan {
                bot: "Orders".into(),
                steps: 2,
            },
        ];
        for outcome in closed.into_iter().chain(others) {
            let [english, german] = Language::ALL.map(|language| outcome.message(None, language));
            assert_ne!(english, german);
            assert_eq!(english, outcome.to_string());
        }
        assert_eq!(
            opened(Some(86_400)).to_string(),
            "Session “Default” is open at https://api.mypurecloud.de. It expires in 24 hours."
        );
    }

    #[test]
    fn outputs_have_the_labels_of_the_form() {
        let output = |label: &str| Output {
            name: "id".into(),
            label: label.into(),
            help: String::new(),
            kind: crate::action::OutputKind::Text,
        };
        let outcome = StepOutcome::ActionRan {
            outputs: vec![OutputSummary::of(&output("User"), &"42".into())],
        };
        assert_eq!(outcome.message(None, Language::German), "User: 42");
        let mut form = crate::steps::log::form(Language::German);
        form.outputs = vec![output("Benutzer")];
        assert_eq!(
            outcome.message(Some(&form), Language::German),
            "Benutzer: 42"
        );
    }

    #[test]
    fn each_note_is_said_in_both_languages() {
        let session = || "Default".to_owned();
        let left_open = OUTCOMES.map(|outcome| Note::LeftOpen {
            session: session(),
            outcome,
        });
        let replaced = OUTCOMES.map(|outcome| Note::Replaced {
            session: session(),
            outcome,
        });
        let others = [Note::Reopened { session: session() }, Note::TokenMayRemain];
        let notes = left_open.into_iter().chain(replaced).chain(others);
        let mut messages = HashSet::new();
        for note in notes {
            messages.extend(Language::ALL.map(|language| note.message(language)));
        }
        // Four, two and two, each in two languages.
        assert_eq!(messages.len(), 2 * (4 + 2 + 2));
    }
}
