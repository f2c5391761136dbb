//! Reports the events of a running bot: each step on a line when it ends, and all of them as JSON at the end, if requested.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bot_engine::action::{CallError, Failure};
use bot_engine::api_error::ApiError;
use bot_engine::report::StepOutcome;
use bot_engine::{Catalogue, Event, Language, Problem, Problems, RunError, StepError, Watcher};
use serde_json::{Map, Value, json};

use super::messages;
use super::output::{self, BOLD, ERROR, SUCCESS, WARNING, one_line};

/// The report of one bot.
pub(crate) struct Report {
    json: bool,
    catalogue: Arc<Catalogue>,
    language: Language,
    bot: Map<String, Value>,
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
        number: usize,
        action: &str,
        ok: bool,
        elapsed: Duration,
        text: &str,
    ) -> &mut Value {
        let (style, word, shown) = if ok {
            (SUCCESS, "ok", "ok")
        } else {
            (ERROR, "failed", messages::failed(self.language))
        };
        let milliseconds = elapsed.as_millis();
        let text = one_line(text);
        output::progress(
            self.json,
            &format!(
                "{number:>4}  {action:<26} {style}{shown:<6}{style:#} {milliseconds:>6} ms  {text}"
            ),
        );
        if output::is_quiet() && !ok {
            let bot = self.bot.get("bot").and_then(Value::as_str);
            let at = messages::at_step(self.language, number);
            let bot = bot.unwrap_or_default();
            output::error_in(self.language, &format!("{bot}: {at} ({action}): {text}"));
        }
        self.steps.push_mut(json!({
            "step": number,
            "action": action,
            "outcome": word,
            "milliseconds": u64::try_from(milliseconds).unwrap_or(u64::MAX),
            "text": text,
            "outputs": {},
        }))
    }
}

impl Watcher for Report {
    fn on_event(&mut self, event: Event<'_>) {
        let language = self.language;
        let localized = localized(&event, &self.catalogue, language);
        let text =
            |english: &dyn ToString| localized.clone().unwrap_or_else(|| english.to_string());
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
            Event::StepSucceeded {
                step,
                action,
                outcome,
                elapsed,
            } => {
                // What a bot logs is its result.
                if let (StepOutcome::Logged(message), true) = (outcome, output::is_quiet()) {
                    output::line(self.json, &one_line(message));
                }
                let reported = self.step(step, action, true, elapsed, &text(outcome));
                if let StepOutcome::ActionRan { outputs } = outcome {
                    for output in outputs {
                        reported["outputs"][&output.name] = output.value.as_str().into();
                    }
                }
            }
            Event::StepFailed {
                step,
                action,
                error,
                elapsed,
            } => {
                self.step(step, action, false, elapsed, &text(error));
            }
            Event::Waiting {
                step,
                tries,
                length,
                reason,
            } => {
                let failed = messages::attempt_failed(language, tries);
                let seconds = format!("{:.1}", length.as_secs_f32());
                let reason = one_line(&text(&reason));
                let next = messages::retrying_in(language, seconds, reason);
                output::progress(
                    self.json,
                    &format!("{step:>4}  {WARNING}{failed}{WARNING:#}{next}"),
                );
            }
            Event::Interrupted { step } => {
                let word = messages::interrupted(language);
                output::progress(self.json, &format!("{step:>4}  {WARNING}{word}{WARNING:#}"));
            }
            Event::Noted { note } => {
                let note = text(note);
                output::progress(self.json, &format!("      {}", one_line(&note)));
                self.notes.push(note.into());
            }
        }
    }
}

/// What an event says, in another language than English; the pages have these texts.
#[cfg(feature = "web")]
fn localized(event: &Event<'_>, catalogue: &Catalogue, language: Language) -> Option<String> {
    match language {
        Language::English => None,
        Language::German => {
            control_room_web::event_text(event, catalogue.forms(language), language)
        }
    }
}

#[cfg(not(feature = "web"))]
fn localized(_: &Event<'_>, _: &Catalogue, _: Language) -> Option<String> {
    None
}

/// A problem of a bot, with its place.
pub(crate) fn problem(problem: &Problem, language: Language) -> String {
    if language == Language::English {
        return problem.to_string();
    }
    let mut text = String::new();
    if let Some(step) = problem.step {
        text += &messages::at_step(language, step);
        if let Some(action) = &problem.action {
            text += &format!(" ({action})");
        }
        text += ": ";
    }
    if let Some(field) = &problem.field {
        text += &format!("{}: ", field.escape_debug());
    }
    text + &problem_text(problem, language)
}

/// A problem of a bot, without its place. What a Control Room says of credentials and connections is in English only, unless
/// its pages word it.
pub(crate) fn problem_text(problem: &Problem, language: Language) -> String {
    #[cfg(feature = "web")]
    if language != Language::English
        && let bot_engine::ProblemKind::Unresolved(_)
        | bot_engine::ProblemKind::UnresolvedConnection(_) = problem.kind
    {
        return control_room_web::problem_text(problem, language);
    }
    problem.message(language)
}

/// Why a bot failed, without the step; the pages have the texts in other languages than English.
#[cfg_attr(
    not(feature = "web"),
    expect(unused_variables, reason = "it is in English")
)]
fn run_error_text(error: &RunError, language: Language) -> String {
    #[cfg(feature = "web")]
    if language != Language::English {
        return control_room_web::error_text(error, language);
    }
    match error {
        RunError::Step { error, .. } => error.to_string(),
        other => other.to_string(),
    }
}

/// Why a bot failed, and at which step.
pub(crate) fn run_error_at(error: &RunError, language: Language) -> String {
    let text = run_error_text(error, language);
    match error {
        RunError::Step { step, action, .. } => {
            format!("{} ({action}): {text}", messages::at_step(language, step))
        }
        _ => text,
    }
}

/// The failure of a run as JSON.
pub(crate) fn run_error(error: &RunError, language: Language) -> Value {
    let message = || run_error_text(error, language);
    match error {
        RunError::Invalid(problems) => problems_json(problems, language),
        RunError::SecretProvider(_) => {
            json!({ "kind": "control-room-failed", "message": message() })
        }
        RunError::Interrupted { step } => {
            json!({ "kind": "interrupted", "message": message(), "step": step })
        }
        RunError::Step {
            step,
            action,
            error,
        } => {
            let mut json = match error {
                StepError::Action {
                    error,
                    message: said,
                } => call_error(error, said),
                StepError::Api(ApiError::Refused(refusal)) => json!({
                    "kind": error.kind(),
                    "message": message(),
                    "host": refusal.host,
                    "path": refusal.path,
                    "status": refusal.status.as_u16(),
                    "code": refusal.code,
                    "description": refusal.message,
                    "correlation-id": refusal.correlation_id,
                }),
                other => json!({ "kind": other.kind(), "message": message() }),
            };
            json["step"] = (*step).into();
            json["action"] = action.as_str().into();
            json
        }
    }
}

/// An error as JSON: the contract's variant with its fields, and the message for people.
pub(crate) fn call_error(error: &CallError, message: &str) -> Value {
    let mut json = match error {
        CallError::Failed(failure) => fields(failure),
        _ => Map::new(),
    };
    // Last, as a fact of a component may have any name.
    json.insert("kind".into(), error.kind().into());
    json.insert("message".into(), message.into());
    json.into()
}

/// The field and the facts of an error. Two of them also have the names of earlier versions: `code` is the server's error
/// code, and `reason` the reason of a failure.
fn fields(failure: &Failure) -> Map<String, Value> {
    let fact = |(name, value): &(String, String)| {
        let number = match name.as_str() {
            "status" | "retry-after" => value.parse::<u32>().ok(),
            _ => None,
        };
        let name = if name == "error" { "code" } else { name };
        (
            name.into(),
            number.map_or_else(|| value.as_str().into(), Value::from),
        )
    };
    let mut fields: Map<_, _> = failure.details.iter().map(fact).collect();
    if let Some(field) = &failure.field {
        fields.insert("field".into(), field.as_str().into());
    }
    fields
}

/// Several bots that cannot run, and why.
#[derive(Debug)]
pub(crate) struct CannotRun(pub(crate) Vec<anyhow::Error>);

impl fmt::Display for CannotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bots cannot run", self.0.len())
    }
}

impl Error for CannotRun {}

/// Reports why a command could not run.
pub(crate) fn not_run(json: bool, error: &anyhow::Error, language: Language) {
    let one = std::slice::from_ref(error);
    let errors = error.downcast_ref().map_or(one, |CannotRun(errors)| errors);
    if json {
        let mut described = errors.iter().map(|error| not_run_json(error, language));
        let mut first = described.next().unwrap_or_default();
        let others: Vec<_> = described.collect();
        if !others.is_empty() {
            first["others"] = others.into();
        }
        output::object(&json!({ "error": first }));
    }
    for error in errors {
        print(error, language);
    }
}

/// The error of a command that could not run as JSON.
pub(crate) fn not_run_json(error: &anyhow::Error, language: Language) -> Value {
    let mut described = match (problems(error), error.downcast_ref::<RunError>()) {
        (Some(problems), _) => problems_json(problems, language),
        (_, Some(error)) => run_error(error, language),
        #[cfg(feature = "control-room")]
        _ if is_store_error(error) => json!({ "kind": "control-room-failed" }),
        _ => json!({ "kind": "usage" }),
    };
    described["message"] = message(error, language).into();
    described
}

/// Whether the Control Room cannot be read or written. Refusals are other errors.
#[cfg(feature = "control-room")]
fn is_store_error(error: &anyhow::Error) -> bool {
    use control_room::StoreError;
    use control_room::connections::ConnectionError;
    use control_room::users::UserError;
    use control_room::vault::VaultError;
    error.is::<StoreError>()
        || matches!(error.downcast_ref(), Some(VaultError::Store(_)))
        || matches!(error.downcast_ref(), Some(UserError::Store(_)))
        || matches!(error.downcast_ref(), Some(ConnectionError::Store(_)))
}

/// An error with its causes, each of them once: some errors name their cause themselves.
pub(crate) fn message(error: &anyhow::Error, language: Language) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let cause = match problems_of(cause) {
            Some(found) => {
                let problems = found.all().iter().map(|it| problem(it, language));
                problems.collect::<Vec<_>>().join("\n")
            }
            None => no_user(cause, language).unwrap_or_else(|| cause.to_string()),
        };
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

/// The message for a user who does not exist.
#[cfg(feature = "control-room")]
fn no_user(cause: &(dyn Error + 'static), language: Language) -> Option<String> {
    use control_room::users::UserError;
    match cause.downcast_ref() {
        Some(UserError::NoUser(name)) => Some(messages::no_user(language, name)),
        _ => None,
    }
}

#[cfg(not(feature = "control-room"))]
fn no_user(_: &(dyn Error + 'static), _: Language) -> Option<String> {
    None
}

/// The problems of a bot, if a cause is that it has some.
fn problems_of<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a Problems> {
    match cause.downcast_ref() {
        Some(RunError::Invalid(problems)) => Some(problems),
        _ => cause.downcast_ref(),
    }
}

/// Prints an error: one line, or the bot and a line for each of its problems.
fn print(error: &anyhow::Error, language: Language) {
    match problems(error) {
        Some(problems) if problems.all().len() > 1 => {
            output::error_in(language, &error.to_string());
            for found in problems.all() {
                output::error_in(language, &problem(found, language));
            }
        }
        _ => output::error_in(language, &message(error, language)),
    }
}

/// The problems of a bot, if these are the error.
fn problems(error: &anyhow::Error) -> Option<&Problems> {
    let from_run = error.downcast_ref().and_then(|error| match error {
        RunError::Invalid(problems) => Some(problems),
        _ => None,
    });
    error.downcast_ref().or(from_run)
}

/// The problems of a bot as JSON: the members of the first one, and all of them as a list.
fn problems_json(problems: &Problems, language: Language) -> Value {
    let json = |found: &Problem| {
        json!({
            "kind": found.code(),
            "message": problem(found, language),
            "step": found.step,
            "action": found.action,
            "field": found.field,
            "pointer": found.pointer(),
        })
    };
    let mut first = json(problems.first());
    first["problems"] = problems.all().iter().map(json).collect();
    first
}

#[cfg(test)]
mod tests {
    use action_host::Components;
    use bot_engine::action::Retry;
    use bot_engine::report::OutputSummary;

    use super::*;

    #[tokio::test]
    async fn the_outputs_of_a_step_are_in_the_report_as_people_see_them() {
        let catalogue = Catalogue::load(&Components::default()).await.unwrap();
        let catalogue = Arc::new(catalogue);
        let mut report = Report::new(true, catalogue, Language::English);
        let output = |name: &str, value: &str| OutputSummary {
            name: name.into(),
            label: name.to_uppercase(),
            value: value.into(),
        };
        let outcome = StepOutcome::ActionRan {
            outputs: vec![output("id", "42"), output("users", "[3]")],
        };
        report.on_event(Event::StepSucceeded {
            step: 1,
            action: "acme/list",
            outcome: &outcome,
            elapsed: Duration::ZERO,
        });
        let reported = report.finish(&Ok(()));
        let expected = json!({ "id": "42", "users": "[3]" });
        assert_eq!(reported["steps"][0]["outputs"], expected);
    }

    #[test]
    fn facts_are_members_and_cannot_replace_the_kind_or_the_message() {
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let error = CallError::Failed(Failure {
            code: "invalid-input".into(),
            field: Some("connection".into()),
            retry: Retry::Never,
            message: "for a log".into(),
            details: vec![
                fact("status", "429"),
                fact("retry-after", "7"),
                fact("error", "invalid_client"),
                fact("reason", "not-genesys"),
                fact("member", "url"),
                fact("kind", "forged"),
                fact("message", "forged"),
            ],
        });
        assert_eq!(
            call_error(&error, "for people"),
            json!({
                "kind": "invalid-input",
                "message": "for people",
                "field": "connection",
                "member": "url",
                "reason": "not-genesys",
                "code": "invalid_client",
                "status": 429,
                "retry-after": 7,
            })
        );
    }
}
