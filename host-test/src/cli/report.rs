//! Reports the events of a running bot: each step on a line when it ends, and all of them as JSON at the end, if requested.

use std::sync::Arc;
use std::time::Duration;

use bot_engine::report::{StepOutcome, summary};
use bot_engine::{Catalogue, Event, Language, RunError, Watcher};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::errors::run_error;
use super::messages;
use super::output::{self, BOLD, ERROR, SUCCESS, WARNING, one_line};

/// The results of the bots that ran.
pub(crate) struct RunResults {
    /// The report of each bot, as JSON.
    pub(crate) reports: Vec<Value>,
    pub(crate) outcome: Outcome,
}

/// The report of one bot.
pub(crate) struct Report {
    json: bool,
    catalogue: Arc<Catalogue>,
    language: Language,
    bot: Map<String, Value>,
    /// What the step that is running has returned.
    outputs: Map<String, Value>,
    steps: Vec<Value>,
    warnings: Vec<Value>,
    notes: Vec<Value>,
}

impl Report {
    pub(crate) fn new(json: bool, catalogue: Arc<Catalogue>, language: Language) -> Self {
        Self {
            json,
            catalogue,
            language,
            bot: Map::new(),
            outputs: Map::new(),
            steps: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The whole report as JSON, with the result of the run.
    pub(crate) fn finish(mut self, result: &Result<(), RunError>) -> Value {
        self.bot.insert("steps".into(), self.steps.into());
        self.bot.insert("warnings".into(), self.warnings.into());
        self.bot.insert("notes".into(), self.notes.into());
        if let Err(error) = result {
            self.bot
                .insert("error".into(), run_error(error, self.language));
        }
        self.bot.into()
    }

    fn step(
        &mut self,
        (number, name, action): (usize, Option<&str>, &str),
        ok: bool,
        elapsed: Duration,
        text: &str,
    ) {
        let (style, word, shown) = if ok {
            (SUCCESS, "ok", "ok")
        } else {
            (ERROR, "failed", messages::failed(self.language))
        };
        let milliseconds = elapsed.as_millis();
        let text = one_line(text);
        let named = name.map_or_else(|| text.clone(), |name| format!("{name}: {text}"));
        output::progress(
            self.json,
            &format!(
                "{number:>4}  {action:<26} {style}{shown:<6}{style:#} {milliseconds:>6} ms  {named}"
            ),
        );
        if output::is_quiet() && !ok {
            let bot = self.bot.get("bot").and_then(Value::as_str);
            let at = messages::at_step(self.language, number);
            let bot = bot.unwrap_or_default();
            output::error(&format!("{bot}: {at} ({action}): {named}"));
        }
        let outputs = std::mem::take(&mut self.outputs);
        self.steps.push(json!({
            "step": number,
            "name": name,
            "action": action,
            "outcome": word,
            "milliseconds": u64::try_from(milliseconds).unwrap_or(u64::MAX),
            "text": text,
            "outputs": if ok { outputs } else { Map::new() },
        }));
    }
}

impl Watcher for Report {
    fn on_event(&mut self, event: Event<'_>) {
        let language = self.language;
        match event {
            Event::BotStarted { bot } => {
                output::progress(self.json, &format!("{BOLD}{}{BOLD:#}", one_line(bot)));
                self.bot.insert("bot".into(), bot.into());
            }
            Event::Warned(warning) => {
                let advice = warning.kind.advice(language);
                let word = messages::warning(language);
                let at = messages::warned_at(language, warning.step, &warning.field, advice);
                output::aside(&format!("{WARNING}{word}{WARNING:#}: {at}"));
                self.warnings.push(
                    json!({ "step": warning.step, "field": warning.field, "advice": advice }),
                );
            }
            Event::Returned { output, .. } => {
                self.outputs = match output {
                    Value::Object(members) => members
                        .iter()
                        .map(|(name, value)| (name.clone(), summary(value).into()))
                        .collect(),
                    other => [("output".into(), summary(other).into())]
                        .into_iter()
                        .collect(),
                };
            }
            Event::StepSucceeded {
                step,
                name,
                action,
                outcome,
                elapsed,
            } => {
                // What a bot logs is its result.
                if let (StepOutcome::Logged(message), true) = (outcome, output::is_quiet()) {
                    output::line(self.json, &one_line(message));
                }
                let mut forms = self.catalogue.forms(language).iter();
                let form = forms.find(|form| *form.name == *action);
                let text = outcome.message(form.map(|it| &**it), language);
                self.step((step, name, action), true, elapsed, &text);
            }
            Event::StepFailed {
                step,
                name,
                action,
                error,
                elapsed,
            } => {
                let text = error.message(language);
                self.step((step, name, action), false, elapsed, &text);
            }
            Event::Waiting {
                step,
                tries,
                length,
                reason,
            } => {
                let waiting = one_line(&reason.waiting(tries, length, language));
                output::progress(
                    self.json,
                    &format!("{step:>4}  {WARNING}{waiting}{WARNING:#}"),
                );
            }
            Event::Interrupted { step } => {
                let word = messages::interrupted(language);
                output::progress(self.json, &format!("{step:>4}  {WARNING}{word}{WARNING:#}"));
            }
            Event::Noted { note } => {
                let note = note.message(language);
                output::progress(self.json, &format!("      {}", one_line(&note)));
                self.notes.push(note.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use action_host::Components;
    use bot_engine::StepError;
    use bot_engine::report::{Note, SessionOutcome};

    use super::*;

    #[tokio::test]
    async fn the_outputs_of_a_step_are_in_the_report_as_people_see_them() {
        let catalogue = Catalogue::load(&Components::default()).await.unwrap();
        let catalogue = Arc::new(catalogue);
        let mut report = Report::new(true, catalogue, Language::English);
        let output = json!({ "id": 42, "name": "x".repeat(101), "users": [1, 2, 3], "of": {} });
        report.on_event(Event::Returned {
            step: 1,
            output: &output,
        });
        for step in [1, 2] {
            report.on_event(Event::StepSucceeded {
                step,
                name: None,
                action: "genesys/api-request",
                outcome: &StepOutcome::ActionRan { outputs: vec![] },
                elapsed: Duration::ZERO,
            });
        }
        let reported = report.finish(&Ok(()));
        let name = "x".repeat(100) + "…";
        let expected = json!({ "id": "42", "name": name, "users": "[3]", "of": "{…}" });
        assert_eq!(reported["steps"][0]["outputs"], expected);
        assert_eq!(reported["steps"][1]["outputs"], json!({}));
    }

    #[tokio::test]
    async fn the_events_of_a_run_are_in_the_language_of_the_reader() {
        let catalogue = Arc::new(Catalogue::load(&Components::default()).await.unwrap());
        let texts = |language: Language| {
            let mut report = Report::new(true, Arc::clone(&catalogue), language);
            let closed = StepOutcome::SessionClosed {
                session: "Default".into(),
                outcome: SessionOutcome::Revoked,
            };
            report.on_event(Event::StepSucceeded {
                step: 1,
                name: None,
                action: "genesys/disconnect",
                outcome: &closed,
                elapsed: Duration::ZERO,
            });
            report.on_event(Event::StepFailed {
                step: 2,
                name: None,
                action: "genesys/api-request",
                error: &StepError::NoSession("Default".into()),
                elapsed: Duration::ZERO,
            });
            report.on_event(Event::Noted {
                note: &Note::TokenMayRemain,
            });
            let report = report.finish(&Err(RunError::Interrupted { step: 3 }));
            [
                &report["steps"][0]["text"],
                &report["steps"][1]["text"],
                &report["notes"][0],
                &report["error"]["message"],
            ]
            .map(|text| text.as_str().unwrap().to_owned())
        };
        let german = texts(Language::German);
        assert_eq!(german[0], "Sitzung „Default“ wurde geschlossen.");
        assert_eq!(german[3], "Bei Schritt 3 angehalten.");
        for (english, german) in texts(Language::English).iter().zip(&german) {
            assert_ne!(english, german);
        }
    }
}
