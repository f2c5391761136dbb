//! `run-bot`: runs another bot. It can be handed a session, which goes on when that bot ends.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::{Bot, Flow, LinkedBot, StepRun, StepType};
use crate::action::{ActionForm, FieldKind, FormField, Notation, SessionUse};
use crate::catalogue::field;
use crate::checking::Checking;
use crate::error::{RunError, StepError};
use crate::fields::Fields;
use crate::json_template::JsonTemplate;
use crate::location::Location;
use crate::messages::Language;
use crate::problem::ProblemKind;
use crate::report::{Note, StepOutcome};
use crate::variables::{Variable, VariableType, Variables};
use crate::watch::{Event, Watcher};

/// The field with the name of the other bot.
pub const BOT: &str = "bot";
const INPUTS: &str = "inputs";
const SESSION_NAME: &str = "session-name";

/// The name of the action.
pub const ACTION: &str = "run-bot";

/// Runs another bot.
#[derive(Debug, Clone)]
pub struct RunBot {
    /// Its name.
    pub bot: String,
    /// The values of its inputs, an object.
    pub inputs: Option<JsonTemplate>,
    /// The session that it is handed, under the same name.
    pub session_name: Option<String>,
    /// The bot, once it was looked up.
    pub linked: Option<Arc<LinkedBot>>,
}

pub(crate) fn form(language: Language) -> ActionForm {
    let optional = |field: FormField| FormField {
        required: false,
        ..field
    };
    let bot = field(
        BOT,
        texts::bot(language),
        texts::bot_help(language),
        FieldKind::Text,
    );
    let inputs = FormField {
        notation: Notation::JsonObject,
        ..field(
            INPUTS,
            texts::inputs(language),
            texts::inputs_help(language),
            FieldKind::Text,
        )
    };
    let session_name = field(
        SESSION_NAME,
        texts::session_name(language),
        texts::session_name_help(language),
        FieldKind::SessionName,
    );
    ActionForm {
        name: ACTION.into(),
        component: None,
        path: vec![texts::group(language).into(), texts::label(language).into()],
        description: texts::description(language).into(),
        fields: vec![bot, optional(inputs), optional(session_name)],
        session: SessionUse::None,
        outputs: Vec::new(),
        requests: Vec::new(),
    }
}

impl RunBot {
    pub(super) fn parse(fields: &mut Fields<'_>) -> Self {
        let bot = fields.text(BOT).unwrap_or_default().trim().to_owned();
        let inputs = fields.json_template(INPUTS);
        if inputs.as_ref().is_some_and(|it| it.names().is_none()) {
            fields.note(INPUTS, ProblemKind::NotAnObject);
        }
        let session_name = fields
            .has(SESSION_NAME)
            .then(|| fields.name(SESSION_NAME, ""));
        Self {
            bot,
            inputs,
            session_name,
            linked: None,
        }
    }
}

impl StepType for RunBot {
    async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        for template in self.inputs.iter().flat_map(JsonTemplate::templates) {
            checking.template(at, INPUTS, template);
        }
        if let Some(name) = &self.session_name
            && !checking.has_session(name)
        {
            checking.note(at, SESSION_NAME, ProblemKind::NoSession(name.clone()));
        }
        // A bot that was not found was reported when it was looked up.
        let Some(linked) = &self.linked else {
            return;
        };
        // Values are known only when the bot runs.
        let mut given = Variables::default();
        let names = self.inputs.as_ref().and_then(JsonTemplate::names);
        for name in names.into_iter().flatten() {
            let declared = linked.bot.variables.iter().find(|it| it.name == name);
            match declared.map(|it| it.variable_type.example()) {
                Some(Some(example)) => given.set(name, example),
                Some(None) => {
                    checking.note(at, INPUTS, ProblemKind::SecretFromStep(name.into()));
                }
                None => checking.note(at, INPUTS, ProblemKind::NotAnInput(name.into())),
            }
        }
        if let Some(problem) = linked.bot.input_problems(&given).into_iter().next() {
            let kind = match problem.kind {
                ProblemKind::NoInput(name, VariableType::Credential) => {
                    ProblemKind::SecretFromStep(name)
                }
                other => other,
            };
            checking.note(at, INPUTS, kind);
        }
        if let Some(problem) = linked.problems.first() {
            let kind = ProblemKind::InBot(self.bot.clone(), problem.clone().into());
            checking.note(at, BOT, kind);
            return;
        }
        let variables = linked.bot.variables_over(checking.checker.variables);
        let session = self.session_name.as_deref();
        let mut nested = checking.begin_nested(variables, session);
        Box::pin(linked.bot.check(&mut nested)).await;
        checking.end_nested(at, BOT, &self.bot, nested, session);
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let Some(linked) = &self.linked else {
            return Err(StepError::NoBot(self.bot.clone()));
        };
        let invalid = |problems| StepError::Bot {
            bot: self.bot.clone(),
            error: Box::new(RunError::Invalid(problems)),
        };
        let given = match &self.inputs {
            Some(inputs) => inputs_of(&run.fill_json(INPUTS, inputs)?),
            None => Variables::default(),
        };
        let bot = linked.bot.clone().with_inputs(&given).map_err(invalid)?;
        let mut nested = Flow::new(bot.variables_over(&run.runner.variables));
        if let Some(name) = &self.session_name {
            let handed = run.flow.sessions.close(name);
            let handed = handed.ok_or_else(|| StepError::NoSession(name.clone()))?;
            nested.sessions.open(handed);
        }
        // Secrets of this bot stay hidden in that one, and the other way round.
        nested.redactor = std::mem::take(&mut run.flow.redactor);
        let result = run.run_nested(&bot, &mut nested).await;
        run.flow.redactor = std::mem::take(&mut nested.redactor);
        if let Some(name) = &self.session_name
            && let Some(handed) = nested.sessions.close(name)
        {
            run.flow.sessions.open(handed);
        }
        // They are closed with those of this bot if it is interrupted now.
        run.flow.unreleased.extend(nested.sessions.close_all());
        run.flow.unreleased.append(&mut nested.unreleased);
        if !matches!(result, Err(RunError::Interrupted { .. })) {
            let runner = run.runner;
            runner.release_unreleased(run.flow, run.watcher).await;
        }
        match result {
            Ok(()) => Ok(StepOutcome::BotRan {
                bot: self.bot.clone(),
                steps: bot.steps.len(),
            }),
            Err(RunError::Interrupted { .. }) => run.interrupted().await,
            Err(error) => Err(StepError::Bot {
                bot: self.bot.clone(),
                error: error.into(),
            }),
        }
    }
}

/// The values of an object as inputs: they are read as the types of the inputs.
fn inputs_of(object: &[u8]) -> Variables {
    let mut inputs = Variables::default();
    if let Ok(Json::Object(members)) = serde_json::from_slice(object) {
        for (name, value) in members {
            let text = match value {
                Json::String(text) => text,
                other => other.to_string(),
            };
            inputs.set(name, Variable::Text(text));
        }
    }
    inputs
}

impl StepRun<'_> {
    /// Runs the steps of another bot. The type is written out, as a bot may run a bot that runs a bot.
    fn run_nested<'a>(
        &'a mut self,
        bot: &'a Bot,
        flow: &'a mut Flow,
    ) -> Pin<Box<dyn Future<Output = Result<(), RunError>> + Send + 'a>> {
        let mut watcher = Nested {
            watcher: &mut *self.watcher,
            bot: &bot.name,
            step: self.step.number,
            language: Language::of_locale(&self.runner.locale),
        };
        let runner = self.runner;
        Box::pin(async move { runner.run_steps(bot, flow, &mut watcher).await })
    }
}

/// Passes on what happens in another bot, as notes and waits of the step that runs it.
struct Nested<'a> {
    watcher: &'a mut dyn Watcher,
    bot: &'a str,
    step: usize,
    language: Language,
}

#[async_trait]
impl Watcher for Nested<'_> {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::StepSucceeded { step, outcome, .. } => {
                let note = &Note::InBot {
                    bot: self.bot.into(),
                    step,
                    text: outcome.message(None, self.language),
                };
                self.watcher.on_event(Event::Noted { note });
            }
            Event::Waiting {
                tries,
                length,
                reason,
                ..
            } => {
                let step = self.step;
                self.watcher.on_event(Event::Waiting {
                    step,
                    tries,
                    length,
                    reason,
                });
            }
            Event::Noted { .. } => self.watcher.on_event(event),
            // The step reports how the bot ended. It was checked with the bot that runs it.
            Event::BotStarted { .. }
            | Event::Warned(_)
            | Event::Returned { .. }
            | Event::StepFailed { .. }
            | Event::Interrupted { .. } => {}
        }
    }

    async fn may_change(&mut self, _: usize) -> bool {
        self.watcher.may_change(self.step).await
    }
}

mod texts {
    crate::messages! {
        group { en: "Bots", de: "Bots" }
        label { en: "Run bot", de: "Bot ausführen" }
        description {
            en: "Runs another of your bots, and waits until it has ended.",
            de: "Führt einen anderen Ihrer Bots aus und wartet, bis er beendet ist.",
        }
        bot { en: "Bot", de: "Bot" }
        bot_help { en: "The name of the bot.", de: "Der Name des Bots." }
        inputs { en: "Inputs", de: "Eingaben" }
        inputs_help {
            en: "JSON with values for its inputs, such as {\"count\": 25, \"name\": \"{user.name}\"}.",
            de: "JSON mit Werten für seine Eingaben, etwa {\"Anzahl\": 25, \"Name\": \"{user.name}\"}.",
        }
        session_name { en: "Session to hand over", de: "Zu übergebende Sitzung" }
        session_name_help {
            en: "The bot can use this session under the same name. It stays open when that bot ends.",
            de: "Der Bot kann diese Sitzung unter demselben Namen verwenden. Sie bleibt offen, wenn er endet.",
        }
    }
}
