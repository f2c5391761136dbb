//! What is queued of a run: the bot file and the inputs, as they were submitted, and the language of the log. What is stored with
//! a schedule: the same without the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bot_engine::{Bot, Catalogue, Language, Problem, StepKind, Variable, Variables};
use control_room::bots::Bots;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::forms::TypedSecret;
use crate::user_bots::UserBots;

/// What is given for the inputs of a bot, and the language of its log. It may contain secrets.
#[derive(Serialize, Deserialize)]
pub struct Given {
    inputs: BTreeMap<String, String>,
    #[serde(serialize_with = "exposed", deserialize_with = "secrets")]
    secret_inputs: BTreeMap<String, SecretString>,
    language: String,
}

impl Given {
    /// What is given for the inputs of a bot. What is not an input is left out.
    pub fn new(bot: &Bot, given: &Variables, language: Language) -> Self {
        let (mut inputs, mut secret_inputs) = (BTreeMap::new(), BTreeMap::new());
        for variable in bot.variables.iter().filter(|it| it.is_input) {
            let name = variable.name.clone();
            match given.get(&name) {
                Some(Variable::Credential(secret)) => {
                    secret_inputs.insert(name, secret.clone());
                }
                Some(other) => inputs.extend(other.text().map(|text| (name, text))),
                None => {}
            }
        }
        Self {
            inputs,
            secret_inputs,
            language: language.tag().into(),
        }
    }

    /// As it is stored with a schedule.
    pub fn to_secret(&self) -> SecretString {
        to_secret(self)
    }

    pub(super) fn of(stored: &SecretString) -> Option<Self> {
        serde_json::from_str(stored.expose_secret()).ok()
    }

    fn variables(&self) -> Variables {
        let mut variables = Variables::default();
        for (name, text) in &self.inputs {
            variables.set(name, Variable::Text(text.clone()));
        }
        for (name, secret) in &self.secret_inputs {
            variables.set(name, Variable::Credential(secret.clone()));
        }
        variables
    }
}

/// What a worker needs to run a bot. It may contain secrets.
#[derive(Serialize, Deserialize)]
pub struct Work {
    file: String,
    given: Given,
    /// The digests of the components with which it was checked, as far as it uses their actions, by their names.
    components: BTreeMap<String, String>,
}

impl Work {
    /// The file of a bot with what is given for its inputs.
    pub fn new(bot: &Bot, file: String, given: Given) -> Self {
        let mut components = BTreeMap::new();
        add_components(bot, &mut components);
        Self {
            file,
            given,
            components,
        }
    }

    /// The same for a bot that starts by itself, with the components that its worker has: nobody has checked it with others.
    pub(super) fn as_it_is(file: String, given: Given) -> Self {
        Self {
            file,
            given,
            components: BTreeMap::new(),
        }
    }

    /// As it is queued.
    pub fn to_secret(&self) -> SecretString {
        to_secret(self)
    }

    pub(super) fn of(queued: &SecretString) -> Option<Self> {
        serde_json::from_str(queued.expose_secret()).ok()
    }

    /// A component that is not the one with which the bot was submitted, if there is one.
    pub(super) fn other_component(&self, catalogue: &Catalogue) -> Option<&str> {
        let forms = catalogue.forms(Language::English).iter();
        let present: BTreeSet<_> = forms
            .filter_map(|form| form.component.as_ref())
            .map(|it| (it.component.name.to_string(), hex(&it.component.digest)))
            .collect();
        let mut expected = self.components.iter();
        let other = expected.find(|(name, digest)| {
            let expected = (String::clone(name), String::clone(digest));
            !present.contains(&expected)
        });
        other.map(|(name, _)| name.as_str())
    }

    pub(super) fn language(&self) -> Language {
        Language::of_locale(&self.given.language)
    }

    /// The bot with its inputs, as far as it is valid, and all problems.
    pub(super) async fn bot(&self, bots: Bots, catalogue: &Catalogue) -> (Bot, Vec<Problem>) {
        let (bot, mut problems) = draft(&self.file, bots, catalogue).await;
        let inputs = self.given.variables();
        problems.extend(bot.input_problems(&inputs));
        match bot.clone().with_inputs(&inputs) {
            Ok(bot) => (bot, problems),
            Err(_) => (bot, problems),
        }
    }
}

fn to_secret(value: &impl Serialize) -> SecretString {
    // Maps whose keys are texts can always be written.
    serde_json::to_string(value).unwrap_or_default().into()
}

/// Writes secrets into what is sealed.
fn exposed<S: Serializer>(
    secrets: &BTreeMap<String, SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(secrets.iter().map(|(name, it)| (name, it.expose_secret())))
}

fn secrets<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, SecretString>, D::Error> {
    let secrets = BTreeMap::<String, TypedSecret>::deserialize(from)?;
    Ok(secrets.into_iter().map(|(name, it)| (name, it.0)).collect())
}

fn add_components(bot: &Bot, components: &mut BTreeMap<String, String>) {
    for step in &bot.steps {
        if let StepKind::Action(action) = &step.kind
            && let Some(action) = &action.form.component
        {
            let component = &action.component;
            components.insert(component.name.to_string(), hex(&component.digest));
        }
        if let Some(linked) = step.kind.linked() {
            add_components(&linked.bot, components);
        }
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bot of a file, as far as it is valid, with the bots of its user that it runs, and all problems of the file.
pub async fn draft(file: &str, bots: Bots, catalogue: &Catalogue) -> (Bot, Vec<Problem>) {
    let (mut bot, mut problems) = Bot::draft(file.as_bytes(), catalogue);
    problems.extend(bot.link(&UserBots(bots), catalogue).await);
    (bot, problems)
}
