//! JSON in which the members of an object keep their order and must have unique names.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::error::Category;

use crate::messages::Language;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    Text(String),
    Boolean(bool),
    Number(Number),
    Null,
}

/// Why a text is not JSON, and where. The words of the parser would be in English in any language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    line: usize,
    column: usize,
    category: Category,
    /// The quoted name of a member that occurs twice.
    duplicate: Option<String>,
}

/// The beginning of this module's own error.
const DUPLICATE: &str = "duplicate member ";
/// The most characters of a name that are shown.
const MAX_SHOWN: usize = 100;

impl JsonFault {
    /// The fault that the parser has found.
    pub fn of(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let member = text.strip_prefix(DUPLICATE);
        let name = member.and_then(|it| it.rsplit_once(" at line "));
        Self {
            duplicate: name.map(|(name, _)| name.chars().take(MAX_SHOWN).collect()),
            line: error.line(),
            column: error.column(),
            category: error.classify(),
        }
    }

    /// The fault, as part of a sentence.
    pub fn message(&self, language: Language) -> String {
        let what = match (&self.duplicate, self.category) {
            (Some(name), _) => texts::duplicate(language, name),
            (_, Category::Eof) => texts::ends_early(language).into(),
            (_, Category::Data) => texts::other_kind(language).into(),
            (_, Category::Syntax | Category::Io) => texts::syntax(language).into(),
        };
        texts::at(language, self.line, self.column, what)
    }
}

mod texts {
    crate::messages! {
        at(line, column, what) {
            en: "line {line}, column {column}: {what}",
            de: "Zeile {line}, Spalte {column}: {what}",
        }
        ends_early { en: "it ends too early", de: "es endet zu früh" }
        duplicate(name) { en: "duplicate member {name}", de: "das Element {name} kommt doppelt vor" }
        other_kind {
            en: "another kind of value is expected here",
            de: "hier wird eine andere Art von Wert erwartet",
        }
        syntax { en: "it is not valid from here on", de: "ab hier ist es nicht gültig" }
    }
}

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonKind {
    /// An object.
    Object,
    /// A list.
    List,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`
    Null,
}

impl Json {
    pub(super) fn kind(&self) -> JsonKind {
        match self {
            Self::Object(_) => JsonKind::Object,
            Self::List(_) => JsonKind::List,
            Self::Text(_) => JsonKind::Text,
            Self::Boolean(_) => JsonKind::Boolean,
            Self::Number(_) => JsonKind::Number,
            Self::Null => JsonKind::Null,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        let mut names = HashSet::new();
        while let Some((name, value)) = object.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("{DUPLICATE}{name:?}")));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        // JSON has no other numbers than those that are finite.
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
}
