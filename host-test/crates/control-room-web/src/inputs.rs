//! The inputs of a bot: what was typed for them, and the page that asks for them before the bot runs.

use std::collections::HashMap;

use bot_engine::{
    Bot, BotVariable, Language, Problem, ProblemKind, Variable, VariableType, Variables,
};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::form_components::autocomplete;
use super::forms::TypedSecret;
use super::layout::{Frame, field_error, form_token, page};
use super::messages;

/// The fields of the page begin with this, before the name of the input.
const PREFIX: &str = "input:";

/// A field that only this page has.
const ASKED: &str = "asked";

/// The form data of a page with inputs, by the names of the fields. It may be secret.
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(super) struct Fields(HashMap<String, TypedSecret>);

impl Fields {
    /// What was typed for the inputs. `None` if the form is a plain *Run* button, which has no fields.
    pub(super) fn on_page(&self) -> Option<Typed> {
        self.0.contains_key(ASKED).then(|| self.inputs())
    }

    /// What was typed for the inputs.
    pub(super) fn inputs(&self) -> Typed {
        let input = |(name, TypedSecret(typed)): (&String, &TypedSecret)| {
            let name = name.strip_prefix(PREFIX)?;
            Some((name.into(), TypedSecret(typed.clone())))
        };
        Typed(self.0.iter().filter_map(input).collect())
    }

    /// What was typed in a field of the page that is no input, and no secret.
    pub(super) fn plain(&self, field: &str) -> &str {
        let typed = self.0.get(field);
        typed.map_or("", |TypedSecret(typed)| typed.expose_secret())
    }
}

/// What was typed for the inputs of a bot, by their names. It may be a secret.
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(super) struct Typed(HashMap<String, TypedSecret>);

impl Typed {
    /// The values of the inputs of a bot. An empty field counts as a value only for a text that has a default.
    pub(super) fn values(&self, bot: &Bot, language: Language) -> Variables {
        let mut values = Variables::default();
        for variable in inputs(bot) {
            let Some(typed) = self.of(variable) else {
                continue;
            };
            // Browsers send line breaks in forms as CRLF (HTML, "normalize newlines").
            let text = typed.expose_secret().replace("\r\n", "\n");
            let value = match variable.variable_type {
                VariableType::Text if variable.default.is_some() => Variable::Text(text),
                _ if text.is_empty() => continue,
                VariableType::Credential => Variable::Credential(typed.clone()),
                VariableType::Number if language == Language::German => {
                    Variable::Text(text.replace(',', "."))
                }
                VariableType::Text | VariableType::Number | VariableType::Boolean => {
                    Variable::Text(text)
                }
            };
            values.set(&variable.name, value);
        }
        values
    }

    fn of(&self, variable: &BotVariable) -> Option<&SecretString> {
        self.0.get(&variable.name).map(|TypedSecret(typed)| typed)
    }

    /// What the field of the page begins with. A secret has to be typed again.
    fn shown(&self, variable: &BotVariable) -> String {
        let typed = match variable.variable_type {
            VariableType::Credential => None,
            _ => self.of(variable).map(|it| it.expose_secret().to_owned()),
        };
        let default = || variable.default.as_ref().and_then(Variable::text);
        typed.or_else(default).unwrap_or_default()
    }
}

/// The inputs of a bot.
pub(super) fn inputs(bot: &Bot) -> impl Iterator<Item = &BotVariable> {
    bot.variables.iter().filter(|it| it.is_input)
}

/// The message about an input, where it can be typed.
pub(super) fn message(problem: &Problem, language: Language) -> String {
    match &problem.kind {
        ProblemKind::NoInput(..) => messages::input_missing(language).into(),
        ProblemKind::WrongInput(_, VariableType::Number) => messages::input_number(language).into(),
        _ => problem.message(language),
    }
}

/// The page that asks for the inputs of a stored bot, with the problems of what was typed.
pub(super) fn ask(
    frame: &Frame<'_>,
    id: &str,
    bot: &Bot,
    typed: &Typed,
    problems: &[Problem],
) -> Markup {
    let language = frame.language;
    let title = messages::inputs_of(language, &bot.name);
    let main = html! {
        div.narrow.card {
            h1 { (title) }
            p.soft { (messages::inputs_advice(language)) }
            form method="post" action={ "/bots/" (id) "/run" } {
                (form_token(frame))
                input type="hidden" name=(ASKED) value="1";
                (fields(language, bot, typed, problems))
                div.row {
                    button.primary #start { (messages::run(language)) }
                    a.button href={ "/bots/" (id) } { (messages::cancel(language)) }
                }
            }
        }
    };
    page(frame, &title, main)
}

/// A field for each input of a bot.
pub(super) fn fields(language: Language, bot: &Bot, typed: &Typed, problems: &[Problem]) -> Markup {
    let error = |name: &str| {
        let place = bot.variables.iter().position(|it| it.name == name);
        let found = problems
            .iter()
            .find(|it| it.variable == place.map(|at| at + 1));
        found.map(|problem| message(problem, language))
    };
    html! {
        @for (variable, number) in inputs(bot).zip(1..) {
            (field(language, variable, number, typed, error(&variable.name).as_deref()))
        }
    }
}

fn field(
    language: Language,
    variable: &BotVariable,
    number: usize,
    typed: &Typed,
    error: Option<&str>,
) -> Markup {
    let id = format!("input-{number}");
    let name = format!("{PREFIX}{}", variable.name);
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = format!("{hint_id} {error_id}");
    let invalid = error.map(|_| "true");
    let required = variable.default.is_none();
    let shown = typed.shown(variable);
    let is_number = variable.variable_type == VariableType::Number;
    let kind = match variable.variable_type {
        VariableType::Credential => "password",
        _ => "text",
    };
    html! {
        div {
            label for=(id) {
                (variable.name)
                @if !required { " " span.optional { "(" (messages::optional(language)) ")" } }
            }
            @if variable.variable_type == VariableType::Boolean {
                select id=(id) name=(name) required[required] aria-invalid=[invalid] aria-describedby=(described) {
                    @if required { option value="" { (messages::choose(language)) } }
                    option value="true" selected[shown == "true"] { (messages::yes(language)) }
                    option value="false" selected[shown == "false"] { (messages::no(language)) }
                }
            } @else if shown.contains('\n') {
                textarea id=(id) name=(name) rows="3" spellcheck="false" aria-invalid=[invalid]
                    aria-describedby=(described) {
                    // Browsers drop the first line break in a `textarea`.
                    "\n" (shown)
                }
            } @else {
                input id=(id) name=(name) type=(kind) inputmode=[is_number.then_some("decimal")] value=(shown)
                    required[required] autocomplete=(autocomplete(kind)) spellcheck="false" aria-invalid=[invalid]
                    aria-describedby=(described);
            }
            p.hint id=(hint_id) {
                @if let Some(description) = &variable.description { (description) " " }
                @if matches!(variable.default, Some(Variable::Stored(_))) { (messages::input_stored(language)) }
            }
            (field_error(&error_id, error))
        }
    }
}
