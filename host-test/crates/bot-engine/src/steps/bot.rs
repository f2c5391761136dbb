//! A bot: values for its inputs, and the check of its steps.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Step;
use crate::bot_variables::{BotVariable, location};
use crate::checking::Checking;
use crate::outputs::{OutputError, Outputs};
use crate::problem::{MAX_STEPS, Problem, Problems};
use crate::variables::{Variable, Variables};

/// A parsed bot.
#[derive(Debug, Clone)]
pub struct Bot {
    /// The display name.
    pub name: String,
    /// What the bot is for.
    pub description: Option<String>,
    /// The variables that it declares.
    pub variables: Vec<BotVariable>,
    /// The steps, in the order in which they run.
    pub steps: Vec<Step>,
    /// The outputs that are there before the first step.
    pub(crate) outputs: Outputs,
}

impl Bot {
    /// Gives the bot what steps returned that do not run with it.
    ///
    /// # Errors
    ///
    /// If it is too large, or there are more than a bot has steps.
    pub fn give_outputs(&mut self, outputs: BTreeMap<String, Json>) -> Result<(), OutputError> {
        if outputs.len() > MAX_STEPS {
            return Err(OutputError::TooMany);
        }
        let mut outputs = outputs.into_iter();
        outputs.try_for_each(|(name, value)| self.outputs.set(name, value, BTreeMap::new()))
    }

    /// Whether any step uses a credential or a connection.
    pub fn uses_secrets(&self) -> bool {
        let is_stored = |it: &BotVariable| matches!(it.default, Some(Variable::Stored(_)));
        self.variables.iter().any(is_stored)
            || self.steps.iter().any(|step| step.kind.uses_secrets())
    }

    /// The bot with values for its inputs: texts, which are read as the type of the input, and secrets. Values of other names
    /// are ignored.
    ///
    /// # Errors
    ///
    /// All problems of the inputs.
    pub fn with_inputs(mut self, inputs: &Variables) -> Result<Self, Problems> {
        if let Some(problems) = Problems::new(self.input_problems(inputs)) {
            return Err(problems);
        }
        for variable in &mut self.variables {
            variable.default = variable.value(inputs.get(&variable.name)).ok();
        }
        Ok(self)
    }

    /// The problems of [`with_inputs`](Self::with_inputs).
    pub fn input_problems(&self, inputs: &Variables) -> Vec<Problem> {
        let problem = |variable: &BotVariable| {
            let kind = variable.value(inputs.get(&variable.name)).err()?;
            Some(location(variable.number).problem(None, kind))
        };
        self.variables.iter().filter_map(problem).collect()
    }

    /// The variables of the host, and the bot's own in the place of those with the same names. An input without a value gets a
    /// placeholder.
    pub(crate) fn variables_over(&self, host: &Variables) -> Variables {
        let mut variables = host.clone();
        for variable in &self.variables {
            let default = variable.default.clone();
            let value = default.unwrap_or_else(|| variable.variable_type.placeholder());
            variables.set(&variable.name, value);
        }
        variables
    }

    /// Checks its variables and its steps.
    pub(crate) async fn check(&self, checking: &mut Checking<'_>) {
        checking.variables(&self.variables).await;
        let given = self.outputs.names().map(Into::into);
        checking.outputs.extend(given);
        for step in &self.steps {
            let at = step.location();
            step.kind.check(&at, checking).await;
            checking.output_is_no_variable(&at, &self.variables);
        }
    }
}
