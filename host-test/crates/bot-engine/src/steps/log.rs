//! `log`: logs a message.

use super::{Description, StepKind, StepRun, StepType};
use crate::action::{ActionForm, FieldKind, FormField};
use crate::check::Checking;
use crate::error::StepError;
use crate::file::Step;
use crate::messages::Language;
use crate::report::StepOutcome;
use crate::template::Template;

const MESSAGE: &str = "message";

pub(super) const DESCRIPTION: Description = Description {
    action: "log",
    form,
    parse: |fields| {
        StepKind::Log(Log {
            message: fields.template(MESSAGE),
        })
    },
};

/// Logs a message.
#[derive(Debug, Clone)]
pub struct Log {
    /// The message.
    pub message: Template,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature that the catalogue expects"
)]
fn form(language: Language, _: Option<ActionForm>) -> Option<ActionForm> {
    Some(ActionForm {
        name: DESCRIPTION.action.into(),
        path: vec![texts::group(language).into(), texts::label(language).into()],
        description: texts::description(language).into(),
        fields: vec![FormField {
            name: MESSAGE.into(),
            label: texts::message(language).into(),
            help: texts::message_help(language).into(),
            kind: FieldKind::Text,
            required: true,
            default: None,
            shown_when: None,
            omit_if_default: false,
            takes_sources: false,
        }],
    })
}

impl StepType for Log {
    async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        checking.template(step, MESSAGE, &self.message);
    }

    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        run.fill(MESSAGE, &self.message, str::to_owned)
            .map(StepOutcome::Logged)
    }
}

mod texts {
    crate::messages! {
        group { en: "Messages", de: "Meldungen" }
        label { en: "Log message", de: "Meldung protokollieren" }
        description { en: "Shows a message while the bot runs.", de: "Zeigt einen Text, während der Bot läuft." }
        message { en: "Message", de: "Meldung" }
        message_help { en: "{name.member} stands for a part of an earlier step's output.", de: "{name.member} steht für das, was ein früherer Schritt ausgegeben hat." }
    }
}
