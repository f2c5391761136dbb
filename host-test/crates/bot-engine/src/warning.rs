//! What is said of a bot that can run all the same.

use crate::messages::Language;

/// A problem that does not keep a bot from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The step's number.
    pub step: usize,
    /// The field.
    pub field: String,
    /// What is wrong.
    pub kind: WarningKind,
}

/// The kind of a [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarningKind {
    /// A secret is an insecure string.
    InsecureString,
    /// A secret is the value of a variable that may be shown.
    PlainVariable,
}

impl WarningKind {
    /// What to do instead, for people.
    pub fn advice(self, language: Language) -> &'static str {
        match self {
            Self::InsecureString => texts::insecure_string(language),
            Self::PlainVariable => texts::plain_variable(language),
        }
    }
}

mod texts {
    crate::messages! {
        insecure_string {
            en: "Everybody who sees the bot can read an insecure string. Keep it in a credential locker instead.",
            de: "Eine unsichere Zeichenfolge kann jeder lesen, der den Bot sieht. Legen Sie sie besser in einem Anmeldedaten-Locker ab.",
        }
        plain_variable {
            en: "The value of this variable may be shown: others can read it in the bot, in the process list or in the shell history. Use a credential variable (at the command line, `--env NAME`), or keep the secret in a credential locker.",
            de: "Der Wert dieser Variablen darf angezeigt werden: Andere können ihn im Bot, in der Prozessliste oder im Shell-Verlauf lesen. Verwenden Sie eine Anmeldedaten-Variable (in der Befehlszeile `--env NAME`), oder legen Sie das Geheimnis in einem Anmeldedaten-Locker ab.",
        }
    }
}
