//! The bot file: a name and steps, in JSON. Parsing reports all problems at once, each with its step, its field and what
//! was expected.

use std::str;

use crate::bot_variables;
use crate::catalogue::Catalogue;
use crate::fields::{COMMENT, DISABLED, Fields, NAME};
use crate::json::{Json, JsonFault};
use crate::location::Location;
use crate::name::without_byte_order_mark;
use crate::outputs::Outputs;
pub use crate::problem::{MAX_FILE, MAX_STEPS};
use crate::problem::{Problem, ProblemKind, Problems};
use crate::steps::{Bot, Step, StepKind};
use crate::variables::{MAX_VARIABLES, VARIABLES};

impl Bot {
    /// Parses a bot file.
    ///
    /// # Errors
    ///
    /// All problems of the file.
    pub fn parse(file: &[u8], catalogue: &Catalogue) -> Result<Self, Problems> {
        let (bot, problems) = Self::draft(file, catalogue);
        match Problems::new(problems) {
            None => Ok(bot),
            Some(problems) => Err(problems),
        }
    }

    /// Parses the valid parts of a file, and returns the problems of the others. Steps that are not valid are left out.
    pub fn draft(file: &[u8], catalogue: &Catalogue) -> (Self, Vec<Problem>) {
        let mut bot = Self {
            name: String::new(),
            description: None,
            variables: Vec::new(),
            steps: Vec::new(),
            outputs: Outputs::default(),
        };
        let mut problems = Vec::new();
        match read(file) {
            Ok(json) => bot.read(json, catalogue, &mut problems),
            Err(kind) => problems.push(Problem::of_bot(kind)),
        }
        (bot, problems)
    }

    fn read(&mut self, json: Json, catalogue: &Catalogue, problems: &mut Vec<Problem>) {
        let Some(mut fields) = Fields::new(json, Location::default(), problems) else {
            return;
        };
        if let Some(name) = fields.text("name") {
            self.name = name.trim().into();
            if let Some(problem) = ProblemKind::of_name(&self.name) {
                fields.note("name", problem);
            }
        }
        let steps = fields.list("steps").inspect(|steps| {
            if steps.is_empty() || steps.len() > MAX_STEPS {
                fields.note("steps", ProblemKind::StepCount(steps.len()));
            }
        });
        self.description = fields.optional_text("description");
        let variables = fields.optional_list(VARIABLES);
        if variables.len() > MAX_VARIABLES {
            fields.note(VARIABLES, ProblemKind::TooManyVariables(variables.len()));
        }
        // For editors of JSON.
        fields.skip("$schema");
        fields.finish();
        let variables = variables.into_iter().take(MAX_VARIABLES);
        self.variables = bot_variables::parse(variables, problems);
        let steps = steps.into_iter().flatten().take(MAX_STEPS).zip(1..);
        self.steps = steps
            .filter_map(|(json, number)| step(json, number, catalogue, problems))
            .collect();
    }
}

fn read(file: &[u8]) -> Result<Json, ProblemKind> {
    if file.len() > MAX_FILE {
        return Err(ProblemKind::FileTooLarge);
    }
    let text =
        str::from_utf8(file).map_err(|error| ProblemKind::NotUtf8(error.valid_up_to() + 1))?;
    serde_json::from_str(without_byte_order_mark(text))
        .map_err(|error| ProblemKind::NotJson(JsonFault::of(&error)))
}

fn step(
    json: Json,
    number: usize,
    catalogue: &Catalogue,
    problems: &mut Vec<Problem>,
) -> Option<Step> {
    let location = Location {
        step: Some(number),
        ..Location::default()
    };
    let mut fields = Fields::new(json, location, problems)?;
    let action = fields.text("action")?;
    // As it is not run, it may be unfinished.
    let is_disabled = fields.is_true(DISABLED);
    if !is_disabled && catalogue.form(&action).is_none() {
        let actions = catalogue.names().join(", ");
        let found = action;
        fields.note("action", ProblemKind::NoAction { found, actions });
        return None;
    }
    fields.set_action(&action);
    let kind = if is_disabled {
        StepKind::Disabled { action }
    } else {
        StepKind::parse(&action, &mut fields, catalogue)?
    };
    let name = fields.has(NAME).then(|| fields.name(NAME, ""));
    fields.optional_text(COMMENT);
    fields.flag(DISABLED);
    if !is_disabled {
        fields.finish();
    }
    Some(Step { number, name, kind })
}
