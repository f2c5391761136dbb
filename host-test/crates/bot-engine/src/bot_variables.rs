//! The variables that a bot declares: their names, types and values, and which of them it asks for when it starts.

use secrecy::ExposeSecret;

use crate::fields::{Fields, MAX_TEXT};
use crate::json::Json;
use crate::location::Location;
use crate::name::pasted;
use crate::problem::{Expected, Problem, ProblemKind};
use crate::value::Value;
use crate::variables::{Variable, VariableType};

/// The member of a variable with its value.
pub(crate) const DEFAULT: &str = "default";

/// A variable that a bot declares.
#[derive(Debug, Clone)]
pub struct BotVariable {
    /// Its number in the bot file, counted from 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The type of its value.
    pub variable_type: VariableType,
    /// Whether a value is asked for when the bot starts.
    pub is_input: bool,
    /// Its value. For an input: the value if none is given.
    pub default: Option<Variable>,
}

impl VariableType {
    fn expected(self) -> Expected {
        match self {
            Self::Text => Expected::Text,
            Self::Number => Expected::Number,
            Self::Boolean => Expected::Boolean,
            Self::Credential => Expected::Credential,
        }
    }

    /// A value as an input is given, if it can be given as a text.
    pub(crate) fn example(self) -> Option<Variable> {
        match self {
            Self::Credential => None,
            other => other.placeholder().text().map(Variable::Text),
        }
    }

    /// Stands in for a missing or invalid value, so that the check can go on.
    pub(crate) fn placeholder(self) -> Variable {
        match self {
            Self::Text => Variable::Text(String::new()),
            Self::Number => Variable::Number(0.into()),
            Self::Boolean => Variable::Boolean(false),
            Self::Credential => Variable::Credential(String::new().into()),
        }
    }

    /// Reads what was given for the input with this name: a text or a secret.
    fn input(self, given: &Variable, name: String) -> Result<Variable, ProblemKind> {
        let is_too_long = |text: &str| text.len() > MAX_TEXT;
        let read = match (self, given) {
            (Self::Credential, Variable::Credential(secret)) => {
                let secret = pasted(secret.expose_secret())
                    .map_err(|character| ProblemKind::InvisibleInput(name.clone(), character))?;
                if is_too_long(secret) {
                    return Err(ProblemKind::TooLong(MAX_TEXT));
                }
                Some(Variable::Credential(secret.into()))
            }
            (_, Variable::Text(text)) if is_too_long(text) => {
                return Err(ProblemKind::TooLong(MAX_TEXT));
            }
            (Self::Text, Variable::Text(text)) => Some(Variable::Text(text.clone())),
            (Self::Number, Variable::Text(text)) => text.trim().parse().ok().map(Variable::Number),
            (Self::Boolean, Variable::Text(text)) => {
                text.trim().parse().ok().map(Variable::Boolean)
            }
            (Self::Text | Self::Number | Self::Boolean, given) if given.is_credential() => {
                return Err(ProblemKind::SecretInput(name));
            }
            _ => None,
        };
        read.ok_or(ProblemKind::WrongInput(name, self))
    }
}

/// The variables of a bot file, as far as they are valid.
pub(crate) fn parse(
    variables: impl Iterator<Item = Json>,
    problems: &mut Vec<Problem>,
) -> Vec<BotVariable> {
    let mut parsed: Vec<BotVariable> = Vec::new();
    for (json, number) in variables.zip(1..) {
        let Some(mut fields) = Fields::new(json, location(number), problems) else {
            continue;
        };
        if let Some(variable) = variable(&mut fields, number) {
            if parsed.iter().any(|other| other.name == variable.name) {
                fields.note("name", ProblemKind::NameTaken(variable.name));
            } else {
                parsed.push(variable);
            }
        }
        fields.finish();
    }
    parsed
}

fn variable(fields: &mut Fields<'_>, number: usize) -> Option<BotVariable> {
    let name = fields.text("name").map(|name| name.trim().to_owned());
    let description = fields.optional_text("description");
    let variable_type = fields.try_choice("type", VariableType::Text, &VariableType::ALL);
    let is_input = fields.flag("input");
    let has_default = fields.has(DEFAULT);
    let default = match variable_type {
        Some(VariableType::Credential) if has_default => stored(fields),
        Some(other) => plain(fields, other),
        None => {
            fields.skip(DEFAULT);
            None
        }
    };
    let (name, variable_type) = (name?, variable_type?);
    if !fields.check_placeable("name", &name) {
        return None;
    }
    if !has_default && !is_input {
        fields.note(DEFAULT, ProblemKind::Missing(variable_type.expected()));
    }
    Some(BotVariable {
        number,
        name,
        description,
        variable_type,
        is_input,
        // What is not valid has been noted.
        default: default.or_else(|| has_default.then(|| variable_type.placeholder())),
    })
}

fn stored(fields: &mut Fields<'_>) -> Option<Variable> {
    match fields.secret(DEFAULT) {
        Value::Credential(path) => Some(Variable::Stored(path)),
        Value::Unreadable => None,
        _ => {
            let (expected, found) = (Expected::Credential, None);
            fields.note(DEFAULT, ProblemKind::Expected { expected, found });
            None
        }
    }
}

fn plain(fields: &mut Fields<'_>, variable_type: VariableType) -> Option<Variable> {
    match (variable_type, fields.plain(DEFAULT)?) {
        (VariableType::Text, Json::Text(text)) => Some(Variable::Text(text)),
        (VariableType::Number, Json::Number(number)) => Some(Variable::Number(number)),
        (VariableType::Boolean, Json::Boolean(value)) => Some(Variable::Boolean(value)),
        (_, other) => {
            let found = Some(other.kind());
            let expected = variable_type.expected();
            fields.note(DEFAULT, ProblemKind::Expected { expected, found });
            None
        }
    }
}

impl BotVariable {
    /// Its value with what was given for it.
    pub(crate) fn value(&self, given: Option<&Variable>) -> Result<Variable, ProblemKind> {
        let name = || self.name.clone();
        match (given, &self.default) {
            (Some(_), _) if !self.is_input => Err(ProblemKind::NotAnInput(name())),
            (Some(given), _) => self.variable_type.input(given, name()),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(ProblemKind::NoInput(name(), self.variable_type)),
        }
    }
}

/// Where the variable with this number is, counted from 1.
pub(crate) fn location(number: usize) -> Location {
    Location {
        variable: Some(number),
        ..Location::default()
    }
}
