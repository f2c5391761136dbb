//! The report, in Markdown, without secrets.

use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;

use super::facts::{Finding, Outcome};
use super::session::{Stop, Transcript, basic};
use super::settings::Settings;

/// The most characters of a quotation.
const MAX_QUOTED: usize = 300;

/// A word of this many characters or more with a digit in it may be an id or a secret.
const MAX_WORD: usize = 16;

const UNREVOKED: &str = "\
> **A token may still be valid, as it could not be revoked.** It is valid until it expires. To revoke it now, disable the
> client in *Admin > Integrations > OAuth*.
";

/// The report.
pub(crate) fn markdown(
    settings: &Settings,
    transcript: &Transcript,
    findings: &[Finding],
) -> String {
    let with = |outcome| findings.iter().filter(move |it| it.outcome == outcome);
    let count = |outcome| with(outcome).count();
    let redactor = Redactor::new(settings, transcript);
    let date = OffsetDateTime::now_utc().date();
    let mut report = format!("# Facts about Genesys Cloud, checked on {date}\n\n");
    if transcript.has_unrevoked_token() {
        report += UNREVOKED;
        report += "\n";
    }
    let environment = &settings.environment;
    report += &format!(
        "- Result: {} held, {} changed, {} not checked\n\
         - Hosts: {}, {}{}\n\
         - Requests: {} in {:.1} s\n\
         - Tokens: {} issued, {} revoked\n\
         - Throttling and failures of the server: {}\n",
        count(Outcome::Held),
        count(Outcome::Changed),
        count(Outcome::NotChecked),
        environment.login_host(),
        environment.api_host(),
        if settings.gateway.is_some() {
            ", through a gateway: this may be a simulation"
        } else {
            ""
        },
        transcript.requests,
        transcript.duration.as_secs_f32(),
        transcript.tokens.len(),
        transcript
            .tokens
            .iter()
            .filter(|token| token.is_revoked)
            .count(),
        match &transcript.stop {
            Some(Stop::Later(answer)) => {
                let not = if answer.has_retry_after { "" } else { "out" };
                redactor.cell(&format!(
                    "seen, with{not} `Retry-After`: {}",
                    answer.summary()
                ))
            }
            _ => "not seen".into(),
        },
    );
    if let Some(stop) = &transcript.stop {
        report += &format!("- Stopped early: {}\n", redactor.cell(&stop.to_string()));
    }
    for (title, outcome) in [("Changed", Outcome::Changed), ("Held", Outcome::Held)] {
        if count(outcome) > 0 {
            report += &format!("\n## {title}\n\n| fact | | expected | seen |\n|---|---|---|---|\n");
        }
        for it in with(outcome) {
            let seen = redactor.cell(&it.seen);
            report += &format!(
                "| `{}` | {} | {} | {seen} |\n",
                it.name, it.sentence, it.expected
            );
        }
    }
    report += "\n## Not checked\n\n| fact | | why |\n|---|---|---|\n";
    for it in with(Outcome::NotChecked) {
        report += &format!(
            "| `{}` | {} | {} |\n",
            it.name,
            it.sentence,
            redactor.cell(&it.seen)
        );
    }
    report
}

/// Takes out of a text of the server what must not be in the report.
struct Redactor {
    secrets: Vec<SecretString>,
}

impl Redactor {
    fn new(settings: &Settings, transcript: &Transcript) -> Self {
        let (id, secret) = (&settings.client_id, &settings.client_secret);
        let header = basic(id.expose_secret(), secret.expose_secret());
        let encoded = header.expose_secret().trim_start_matches("Basic ").into();
        let tokens = transcript.tokens.iter().map(|token| token.value.clone());
        Self {
            secrets: [encoded, secret.clone(), id.clone()]
                .into_iter()
                .chain(tokens)
                .collect(),
        }
    }

    /// A cell of a table. Known secrets are replaced, and all words that may be others.
    fn cell(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.expose_secret(), "(redacted)");
        }
        let mut cell = String::new();
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
        for part in text.split_inclusive(|c| !is_of_word(c)) {
            let word = part.trim_end_matches(|c| !is_of_word(c));
            let is_suspicious =
                word.len() >= MAX_WORD && word.bytes().any(|it| it.is_ascii_digit());
            cell += if is_suspicious { "(redacted)" } else { word };
            cell += part.get(word.len()..).unwrap_or_default();
        }
        let safe = |c: char| match c {
            '|' | '<' | '>' | '[' | ']' => ' ',
            ' '..='~' => c,
            _ => ' ',
        };
        cell.chars().take(MAX_QUOTED).map(safe).collect()
    }
}
