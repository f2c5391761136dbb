//! A bot file as a stored document: it has a name and a list of steps. An unfinished bot has problems, and is stored with
//! them; `check` reports them.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use bot_engine::JsonFault;
use bot_engine::file::{MAX_FILE, MAX_STEPS};
use bot_engine::name::{has_invisible, without_byte_order_mark};

/// The longest name of a bot, in characters; the bot file's own limit.
pub(super) const MAX_NAME: usize = 100;

/// A bot file. Its members keep their order and their bytes.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) name: String,
    members: Vec<(String, Box<RawValue>)>,
}

/// Why a text cannot be stored as a bot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DocumentError {
    TooLarge,
    /// Not JSON.
    NotJson(JsonFault),
    /// The name is missing, not a text, too long, or has invisible characters.
    NoName,
    /// The steps are missing, not a list of objects, or too many.
    NoSteps,
}

impl Document {
    /// Reads a bot file.
    pub(super) fn parse(file: &str) -> Result<Self, DocumentError> {
        if file.len() > MAX_FILE {
            return Err(DocumentError::TooLarge);
        }
        let Members(members) = serde_json::from_str(without_byte_order_mark(file))
            .map_err(|error| DocumentError::NotJson(JsonFault::of(&error)))?;
        let member = |name: &str| {
            let mut found = members.iter().filter(|(other, _)| other == name);
            // With duplicates, it would be unclear which one counts.
            let (Some((_, value)), None) = (found.next(), found.next()) else {
                return None;
            };
            Some(value.get())
        };
        let name = member("name").and_then(|name| serde_json::from_str::<String>(name).ok());
        let name = name
            .as_deref()
            .and_then(valid_name)
            .ok_or(DocumentError::NoName)?;
        let steps = member("steps")
            .and_then(|steps| serde_json::from_str::<Vec<Members>>(steps).ok())
            .ok_or(DocumentError::NoSteps)?;
        if steps.len() > MAX_STEPS {
            return Err(DocumentError::NoSteps);
        }
        Ok(Self { name, members })
    }

    /// A bot without steps.
    pub(super) fn empty(name: &str) -> String {
        format!(
            "{{\n  \"name\": {},\n  \"steps\": []\n}}\n",
            json_text(name)
        )
    }

    /// The same file with another name.
    pub(super) fn renamed(&self, name: &str) -> String {
        let member = |(key, value): &(String, Box<RawValue>)| match key.as_str() {
            "name" => format!("  \"name\": {}", json_text(name)),
            _ => format!("  {}: {}", json_text(key), value.get()),
        };
        let members: Vec<_> = self.members.iter().map(member).collect();
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }
}

/// A valid name of a bot, trimmed.
pub(super) fn valid_name(name: &str) -> Option<String> {
    let name = name.trim();
    let right = !name.is_empty() && name.chars().count() <= MAX_NAME && !has_invisible(name);
    right.then(|| name.to_owned())
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The members of an object, in their order.
#[derive(Debug)]
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnObject;
        impl<'de> Visitor<'de> for AnObject {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(AnObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_with_problems_are_accepted_but_other_files_are_not() {
        for file in [
            &Document::empty("Hello \"you\""),
            r#"{"steps": [{}, {"action": "nonsense"}], "name": " x ", "other": 1}"#,
        ] {
            Document::parse(file).unwrap();
        }
        for (file, error) in [
            (r#"{"steps": []}"#, DocumentError::NoName),
            (r#"{"name": "", "steps": []}"#, DocumentError::NoName),
            (r#"{"name": "a\nb", "steps": []}"#, DocumentError::NoName),
            (r#"{"name": 1, "steps": []}"#, DocumentError::NoName),
            (
                r#"{"name": "a", "name": "b", "steps": []}"#,
                DocumentError::NoName,
            ),
            (r#"{"name": "a"}"#, DocumentError::NoSteps),
            (r#"{"name": "a", "steps": [1]}"#, DocumentError::NoSteps),
            (&" ".repeat(MAX_FILE + 1), DocumentError::TooLarge),
        ] {
            assert_eq!(Document::parse(file).unwrap_err(), error, "{file}");
        }
        assert!(matches!(
            Document::parse("[]"),
            Err(DocumentError::NotJson(_))
        ));
    }

    #[test]
    fn renaming_preserves_the_rest_of_the_file() {
        let file =
            "{\n  \"name\": \"a\",\n  \"steps\": [{\"z\": 1.50,  \"a\": {\"b\":\"\\u00e9\"}}]\n}\n";
        let renamed = Document::parse(file).unwrap().renamed("b \"c\"");
        assert_eq!(renamed, file.replace("\"a\",\n", "\"b \\\"c\\\"\",\n"));
    }
}
