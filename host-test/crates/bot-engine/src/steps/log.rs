//! `log`: logs a message.

use super::{StepRun, StepType};
use crate::action::{ActionForm, FieldKind, SessionUse};
use crate::catalogue::field;
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::location::Location;
use crate::messages::Language;
use crate::report::StepOutcome;
use crate::template::Template;

const MESSAGE: &str = "message";

/// The name of the action.
pub(crate) const ACTION: &str = "log";

/// Logs a message.
#[derive(Debug, Clone)]
pub struct Log {
    /// The message.
    pub message: Template,
}

pub(crate) fn form(language: Language) -> ActionForm {
    ActionForm {
        name: ACTION.into(),
        component: None,
        path: vec![texts::group(language).into(), texts::label(language).into()],
        description: texts::description(language).into(),
        fields: vec![field(
            MESSAGE,
            texts::message(language),
            texts::message_help(language),
            FieldKind::Text,
        )],
        session: SessionUse::None,
        outputs: Vec::new(),
        requests: Vec::new(),
    }
}

impl Log {
    pub(super) fn parse(fields: &mut Fields<'_>) -> Self {
        Self {
            message: fields.template(MESSAGE),
        }
    }
}

impl StepType for Log {
    async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        checking.template(at, MESSAGE, &self.message);
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        let mut message = run.fill(MESSAGE, &self.message, str::to_owned)?;
        // An earlier step may have returned what is a secret of a later one.
        run.flow.redactor.redact_in(&mut message);
        Ok(StepOutcome::Logged(message))
    }
}

mod texts {
    crate::messages! {
        group { en: "Messages", de: "Meldungen" }
        label { en: "Log message", de: "Meldung protokollieren" }
        description { en: "Shows a message while the bot runs.", de: "Zeigt einen Text, während der Bot läuft." }
        message { en: "Message", de: "Meldung" }
        message_help { en: "{name.member} stands for a part of an earlier step's output.", de: "{name.member} steht für einen Teil der Ausgabe eines früheren Schritts." }
    }
}
