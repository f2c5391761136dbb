//! Texts with placeholders: `{name}`, `{name.member}` and `{name.list[0]}` are replaced by a variable or the output of an
//! earlier step. `{{` and `}}` are literal braces.

use crate::outputs::Outputs;
use crate::placeholder::first_names;
use crate::placeholder::names;
pub use crate::placeholder::{MAX_FILLED, TemplateError, listed};
use crate::variables::{Variable, Variables};

/// A parsed text with placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The name, and those of the members.
    Placeholder(Vec<String>),
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// If a placeholder is not valid.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = brace
                .strip_prefix("{{")
                .or_else(|| brace.strip_prefix("}}"))
            {
                plain.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let inside = brace.strip_prefix('{').ok_or(TemplateError::SingleBrace)?;
            let (path, after) = inside.split_once('}').ok_or(TemplateError::SingleBrace)?;
            if path.contains('{') {
                return Err(TemplateError::SingleBrace);
            }
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Placeholder(names(path)?));
            rest = after;
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The names in each placeholder, in order: those of a variable or an output, and of its members.
    pub fn paths(&self) -> impl Iterator<Item = &[String]> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(names) => Some(names.as_slice()),
            Part::Text(_) => None,
        })
    }

    /// The text with the same text in place of each placeholder.
    pub fn with_placeholders(&self, value: &str) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Placeholder(_) => value,
        });
        parts.collect()
    }

    /// The names of the placeholder, if the text is nothing else.
    pub(crate) fn only(&self) -> Option<&[String]> {
        let is_empty = |part: &&Part| matches!(part, Part::Text(text) if text.is_empty());
        let mut parts = self.0.iter().filter(|part| !is_empty(part));
        match (parts.next(), parts.next()) {
            (Some(Part::Placeholder(names)), None) => Some(names),
            _ => None,
        }
    }

    /// The text before the first placeholder.
    pub fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with each placeholder replaced by its value, which `escape` escapes.
    ///
    /// # Errors
    ///
    /// If a placeholder has no value that can be shown, or the text becomes too long.
    pub fn fill(
        &self,
        variables: &Variables,
        outputs: &Outputs,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, TemplateError> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Placeholder(names) => {
                    filled.push_str(&escape(&look_up(names, variables, outputs)?));
                }
            }
            if filled.len() > MAX_FILLED {
                return Err(TemplateError::TooLong);
            }
        }
        Ok(filled)
    }
}

fn look_up(
    path: &[String],
    variables: &Variables,
    outputs: &Outputs,
) -> Result<String, TemplateError> {
    if let Some(text) = outputs.text(path) {
        return text;
    }
    let (name, members) = path
        .split_first()
        .map_or(("", path), |(name, members)| (name.as_str(), members));
    let path = path.join(".");
    match variables.get(name).map(Variable::text) {
        Some(Some(text)) if members.is_empty() => Ok(text),
        Some(Some(_)) => Err(TemplateError::NoMember {
            path,
            members: Vec::new(),
        }),
        Some(None) => Err(TemplateError::Credential(path)),
        None => Err(TemplateError::Unknown {
            path,
            known: known(variables, outputs.names()),
        }),
    }
}

/// The names that placeholders may have.
pub(crate) fn known<'a>(
    variables: &'a Variables,
    outputs: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let is_shown = |name: &&str| variables.get(name).is_some_and(|it| !it.is_credential());
    first_names(variables.names().filter(is_shown).chain(outputs))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn fill(text: &str) -> Result<String, TemplateError> {
        let mut variables = Variables::default();
        variables.set("greeting", Variable::Text("Hello".into()));
        variables.set("secret", Variable::Credential("canary".into()));
        let mut outputs = Outputs::default();
        let org = json!({
            "name": "Acme", "size": 3, "open": true, "home": {"city": "Ulm"}, "tags": [],
            "entities": [{"name": "Ada", "ids": [[7]]}],
        });
        outputs.set("org", org, BTreeMap::new()).unwrap();
        Template::parse(text)?.fill(&variables, &outputs, str::to_owned)
    }

    #[test]
    fn placeholders_are_replaced_by_variables_and_outputs() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{greeting}, {org.name}!", "Hello, Acme!"),
            ("{ org . home . city }", "Ulm"),
            ("{org.size} {org.open}", "3 true"),
            ("{org.entities[0].name} {org.entities.0.name}", "Ada Ada"),
            ("{org.entities[ 0 ].ids[0][0] }", "7"),
            ("{{greeting}} {{{greeting}}}", "{greeting} {Hello}"),
        ] {
            assert_eq!(fill(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_placeholders_are_errors() {
        for (text, expected) in [
            ("{", TemplateError::SingleBrace),
            ("}", TemplateError::SingleBrace),
            ("{greeting", TemplateError::SingleBrace),
            ("{a{b}}", TemplateError::SingleBrace),
            ("{}", TemplateError::EmptyName(String::new())),
            ("{a..b}", TemplateError::EmptyName("a..b".into())),
            ("{a[x]}", TemplateError::BadIndex("a[x]".into())),
            ("{a[-1]}", TemplateError::BadIndex("a[-1]".into())),
            ("{a[0}", TemplateError::BadIndex("a[0".into())),
            ("{a[0]b}", TemplateError::BadIndex("a[0]b".into())),
            ("{[0]}", TemplateError::EmptyName("[0]".into())),
            (
                "{nobody}",
                TemplateError::Unknown {
                    path: "nobody".into(),
                    known: vec!["greeting".into(), "org".into()],
                },
            ),
            (
                "{org.home.street}",
                TemplateError::NoMember {
                    path: "org.home.street".into(),
                    members: vec!["city".into()],
                },
            ),
            (
                "{org.entities[1]}",
                TemplateError::NoMember {
                    path: "org.entities.1".into(),
                    members: vec!["0".into()],
                },
            ),
            (
                "{greeting.x}",
                TemplateError::NoMember {
                    path: "greeting.x".into(),
                    members: vec![],
                },
            ),
            (
                "{org.home}",
                TemplateError::NoText {
                    path: "org.home".into(),
                    members: vec!["city".into()],
                },
            ),
            (
                "{org.tags}",
                TemplateError::NoText {
                    path: "org.tags".into(),
                    members: vec![],
                },
            ),
            ("{secret}", TemplateError::Credential("secret".into())),
        ] {
            assert_eq!(fill(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_filled_text_is_limited() {
        let mut outputs = Outputs::default();
        let half = json!("x".repeat(MAX_FILLED / 2));
        outputs.set("half", half, BTreeMap::new()).unwrap();
        let fill = |text: &str| {
            let template = Template::parse(text).unwrap();
            template.fill(&Variables::default(), &outputs, str::to_owned)
        };
        assert_eq!(fill("{half}{half}").map(|it| it.len()), Ok(MAX_FILLED));
        assert_eq!(fill("{half}{half}."), Err(TemplateError::TooLong));
        assert_eq!(fill(&"{half}".repeat(1000)), Err(TemplateError::TooLong));
    }

    #[test]
    fn only_values_are_escaped() {
        let mut outputs = Outputs::default();
        outputs.set("id", json!("a/b"), BTreeMap::new()).unwrap();
        let template = Template::parse("/api/{id}/x").unwrap();
        let filled = template.fill(&Variables::default(), &outputs, |value| {
            value.replace('/', "%2F")
        });
        assert_eq!(filled.as_deref(), Ok("/api/a%2Fb/x"));
    }
}
