//! What can be wrong with what a component says of its actions.

use crate::messages::Language;

/// The longest name, in bytes.
pub(crate) const MAX_NAME: usize = 64;
/// The longest label, help or description, in characters.
pub(crate) const MAX_TEXT: usize = 1000;
/// The most actions of a component, and the most fields, options or outputs of an action.
pub(crate) const MAX_ITEMS: usize = 100;

/// A fault in the form of an action. Names in it are shortened and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormFault {
    /// In the action of this name.
    InAction(String, Box<Self>),
    /// In the field of this name.
    InField(String, Box<Self>),
    /// In the output of this name.
    InOutput(String, Box<Self>),
    /// The component has too many actions.
    ActionCount,
    /// A list has too many items.
    ItemCount,
    /// The action does not exist in every language.
    NotInEveryLanguage,
    /// The form differs between languages in more than its texts.
    Differs,
    /// Another action has the name.
    ActionTaken,
    /// Another field or output has the name, or it is reserved.
    NameTaken,
    /// The name is not in kebab case.
    Name(String),
    /// A text is too long, or has characters that nobody sees.
    Text,
    /// The path is empty.
    NoPath,
    /// The number of fields for a session does not go with what the action does with sessions.
    SessionFields(usize),
    /// There is more than one field for an OAuth connection.
    Connections,
    /// A secret or a connection has a default.
    Default,
    /// A choice has no options, or too many.
    OptionCount,
    /// The default of a choice is not one of its options.
    DefaultOption,
    /// The field for the session is not always shown.
    HiddenSession,
    /// The condition names no option of an earlier choice.
    Condition,
}

impl FormFault {
    /// Where and what, as part of a sentence.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::InAction(name, fault) => {
                texts::in_action(language, name, fault.message(language))
            }
            Self::InField(name, fault) => texts::in_field(language, name, fault.message(language)),
            Self::InOutput(name, fault) => {
                texts::in_output(language, name, fault.message(language))
            }
            Self::ActionCount => texts::action_count(language, MAX_ITEMS),
            Self::ItemCount => texts::item_count(language, MAX_ITEMS),
            Self::NotInEveryLanguage => texts::not_in_every_language(language).into(),
            Self::Differs => texts::differs(language).into(),
            Self::ActionTaken => texts::action_taken(language).into(),
            Self::NameTaken => texts::name_taken(language).into(),
            Self::Name(name) => texts::name(language, name, MAX_NAME),
            Self::Text => texts::text(language, MAX_TEXT),
            Self::NoPath => texts::no_path(language).into(),
            Self::SessionFields(count) => texts::session_fields(language, count),
            Self::Connections => texts::connections(language).into(),
            Self::Default => texts::default(language).into(),
            Self::OptionCount => texts::option_count(language, MAX_ITEMS),
            Self::DefaultOption => texts::default_option(language).into(),
            Self::HiddenSession => texts::hidden_session(language).into(),
            Self::Condition => texts::condition(language).into(),
        }
    }
}

mod texts {
    crate::messages! {
        in_action(name, fault) { en: "action \"{name}\": {fault}", de: "Aktion „{name}“: {fault}" }
        in_field(name, fault) { en: "field \"{name}\": {fault}", de: "Feld „{name}“: {fault}" }
        in_output(name, fault) { en: "output \"{name}\": {fault}", de: "Ausgabe „{name}“: {fault}" }
        action_count(most) { en: "it has more than {most} actions", de: "sie hat mehr als {most} Aktionen" }
        item_count(most) {
            en: "it has a list of more than {most} items",
            de: "sie hat eine Liste mit mehr als {most} Einträgen",
        }
        not_in_every_language {
            en: "it does not exist in every language",
            de: "es gibt sie nicht in jeder Sprache",
        }
        differs {
            en: "its form differs between languages in more than its texts",
            de: "ihr Formular unterscheidet sich zwischen den Sprachen nicht nur in den Texten",
        }
        action_taken { en: "another action has this name", de: "eine andere Aktion hat diesen Namen" }
        name_taken { en: "the name is taken", de: "der Name ist vergeben" }
        name(name, most) {
            en: "\"{name}\" is not a name in kebab case of at most {most} characters",
            de: "„{name}“ ist kein Name aus Kleinbuchstaben, Ziffern und Bindestrichen mit höchstens {most} Zeichen",
        }
        text(most) {
            en: "a text has control characters, invisible ones, or more than {most} characters",
            de: "ein Text hat Steuerzeichen, unsichtbare oder mehr als {most} Zeichen",
        }
        no_path { en: "its path is empty", de: "ihr Pfad ist leer" }
        session_fields(count) {
            en: "its number of fields for a session is {count}; expected 1 if it uses a session, otherwise 0",
            de: "die Zahl ihrer Felder für eine Sitzung ist {count}; erwartet wird 1, wenn sie eine Sitzung verwendet, sonst 0",
        }
        connections {
            en: "it has more than one field for an OAuth connection",
            de: "sie hat mehr als ein Feld für eine OAuth-Verbindung",
        }
        default { en: "it must not have a default", de: "es darf keine Vorgabe haben" }
        option_count(most) { en: "expected 1 to {most} options", de: "erwartet werden 1 bis {most} Optionen" }
        default_option {
            en: "its default is not one of the options",
            de: "seine Vorgabe ist keine der Optionen",
        }
        hidden_session {
            en: "the field for the session must always be shown",
            de: "das Feld für die Sitzung muss immer zu sehen sein",
        }
        condition {
            en: "its condition names no option of an earlier choice",
            de: "seine Bedingung nennt keine Option einer früheren Auswahl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_said_in_both_languages() {
        use FormFault as F;
        let inside = || Box::new(F::NameTaken);
        for fault in [
            F::InAction("a".into(), inside()),
            F::InField("a".into(), inside()),
            F::InOutput("a".into(), inside()),
            F::ActionCount,
            F::ItemCount,
            F::NotInEveryLanguage,
            F::Differs,
            F::ActionTaken,
            F::NameTaken,
            F::Name("A".into()),
            F::Text,
            F::NoPath,
            F::SessionFields(2),
            F::Connections,
            F::Default,
            F::OptionCount,
            F::DefaultOption,
            F::HiddenSession,
            F::Condition,
        ] {
            let [english, german] = Language::ALL.map(|language| fault.message(language));
            assert_ne!(english, german);
        }
    }
}
