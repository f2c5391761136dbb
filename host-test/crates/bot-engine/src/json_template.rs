//! JSON whose texts have placeholders, such as the body of a request.

use serde_json::{Map, Number, Value};

use crate::json::Json;
use crate::outputs::Outputs;
use crate::placeholder::{MAX_FILLED, TemplateError};
use crate::template::Template;
use crate::variables::Variables;

/// An object or a list whose texts have placeholders. A text that is nothing but a placeholder becomes what that stands for:
/// a number stays a number, and a list a list.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonTemplate(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    Text(Template),
    Number(Number),
    Boolean(bool),
    Null,
}

impl JsonTemplate {
    /// Parses the texts of a value.
    ///
    /// # Errors
    ///
    /// If a placeholder is not valid.
    pub(crate) fn parse(json: Json) -> Result<Self, TemplateError> {
        Ok(Self(Node::parse(json)?))
    }

    /// Its texts.
    pub(crate) fn templates(&self) -> Vec<&Template> {
        let mut templates = Vec::new();
        self.0.collect(&mut templates);
        templates
    }

    /// The names of its members, if it is an object.
    pub(crate) fn names(&self) -> Option<impl Iterator<Item = &str>> {
        match &self.0 {
            Node::Object(members) => Some(members.iter().map(|(name, _)| name.as_str())),
            _ => None,
        }
    }

    /// Its members, if it is an object of texts.
    pub(crate) fn texts(&self) -> Option<Vec<(&str, &Template)>> {
        let Node::Object(members) = &self.0 else {
            return None;
        };
        let texts = members.iter().map(|(name, value)| match value {
            Node::Text(template) => Some((name.as_str(), template)),
            _ => None,
        });
        texts.collect()
    }

    /// Its size without what the placeholders stand for, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.0.size()
    }

    /// The value with each placeholder replaced.
    ///
    /// # Errors
    ///
    /// If a placeholder has no value that can be shown, or the value becomes too large.
    pub(crate) fn fill(
        &self,
        variables: &Variables,
        outputs: &Outputs,
    ) -> Result<Vec<u8>, TemplateError> {
        let mut left = MAX_FILLED;
        let value = self.0.fill(variables, outputs, &mut left)?;
        let body = value.to_string().into_bytes();
        if body.len() > MAX_FILLED {
            return Err(TemplateError::TooLong);
        }
        Ok(body)
    }
}

impl Node {
    fn parse(json: Json) -> Result<Self, TemplateError> {
        Ok(match json {
            Json::Object(members) => {
                let member = |(name, value)| Ok((name, Self::parse(value)?));
                Self::Object(members.into_iter().map(member).collect::<Result<_, _>>()?)
            }
            Json::List(items) => Self::List(
                items
                    .into_iter()
                    .map(Self::parse)
                    .collect::<Result<_, _>>()?,
            ),
            Json::Text(text) => Self::Text(Template::parse(&text)?),
            Json::Number(number) => Self::Number(number),
            Json::Boolean(value) => Self::Boolean(value),
            Json::Null => Self::Null,
        })
    }

    fn size(&self) -> usize {
        match self {
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| name.len() + 4 + value.size();
                2 + members.iter().map(member).sum::<usize>()
            }
            Self::List(items) => 2 + items.iter().map(|it| 1 + it.size()).sum::<usize>(),
            Self::Text(template) => 2 + template.with_placeholders("").len(),
            Self::Number(number) => number.to_string().len(),
            Self::Boolean(_) | Self::Null => 4,
        }
    }

    fn collect<'a>(&'a self, templates: &mut Vec<&'a Template>) {
        match self {
            Self::Object(members) => members.iter().for_each(|(_, it)| it.collect(templates)),
            Self::List(items) => items.iter().for_each(|it| it.collect(templates)),
            Self::Text(template) => templates.push(template),
            Self::Number(_) | Self::Boolean(_) | Self::Null => {}
        }
    }

    /// `left`: how many bytes all remaining texts together may have when they are filled in.
    fn fill(
        &self,
        variables: &Variables,
        outputs: &Outputs,
        left: &mut usize,
    ) -> Result<Value, TemplateError> {
        Ok(match self {
            Self::Object(members) => {
                let mut filled = Map::new();
                for (name, value) in members {
                    filled.insert(name.clone(), value.fill(variables, outputs, left)?);
                }
                Value::Object(filled)
            }
            Self::List(items) => {
                let filled = items.iter().map(|it| it.fill(variables, outputs, left));
                Value::Array(filled.collect::<Result<_, _>>()?)
            }
            Self::Text(template) => {
                let path = template.only();
                let value = if let Some(value) = path.and_then(|it| outputs.json(it)) {
                    value?.clone()
                } else if let Some(value) = path.and_then(|it| json(variables, it)) {
                    value
                } else {
                    template.fill(variables, outputs, str::to_owned)?.into()
                };
                let length = value.to_string().len();
                *left = left.checked_sub(length).ok_or(TemplateError::TooLong)?;
                value
            }
            Self::Number(number) => Value::Number(number.clone()),
            Self::Boolean(value) => Value::Bool(*value),
            Self::Null => Value::Null,
        })
    }
}

/// A variable that may be shown. It has no members.
fn json(variables: &Variables, path: &[String]) -> Option<Value> {
    match path {
        [name] => variables.get(name)?.json(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::variables::Variable;

    fn fill(template: &Value) -> Result<Value, TemplateError> {
        let mut variables = Variables::default();
        variables.set("name", Variable::Text("Ada \"the\" Countess".into()));
        variables.set("count", Variable::Number(25.into()));
        variables.set("live", Variable::Boolean(true));
        let mut outputs = Outputs::default();
        let user = json!({ "version": 3, "tags": ["a", "b"], "empty": null, "id": "u-1" });
        let secrets = BTreeMap::from([("key".into(), "canary".into())]);
        outputs.set("user", user, secrets).unwrap();
        outputs
            .set("half", json!("x".repeat(MAX_FILLED / 2)), BTreeMap::new())
            .unwrap();
        let json = serde_json::from_value(template.clone()).unwrap();
        let filled = JsonTemplate::parse(json)?.fill(&variables, &outputs)?;
        Ok(serde_json::from_slice(&filled).unwrap())
    }

    #[test]
    fn a_text_that_is_only_a_placeholder_keeps_the_type_of_its_value() {
        let filled = fill(&json!({
            "version": "{user.version}", "tags": "{ user.tags }", "empty": "{user.empty}",
            "count": "{count}", "live": "{live}", "all": "{count} {live}",
            "text": "version {user.version}", "list": [1, true, null, "{user.id}", "{{literal}}"],
        }));
        let expected = json!({
            "version": 3, "tags": ["a", "b"], "empty": null,
            "count": 25, "live": true, "all": "25 true",
            "text": "version 3", "list": [1, true, null, "u-1", "{literal}"],
        });
        assert_eq!(filled.unwrap(), expected);
    }

    #[test]
    fn a_value_cannot_change_the_structure() {
        let filled = fill(&json!({ "name": "{name}", "greeting": "Hello {name}" }));
        let name = "Ada \"the\" Countess";
        let expected = json!({ "name": name, "greeting": format!("Hello {name}") });
        assert_eq!(filled.unwrap(), expected);
    }

    #[test]
    fn secrets_are_never_part_of_it_and_it_is_limited() {
        let secret = fill(&json!({ "a": "{user.key}" }));
        assert!(
            matches!(secret, Err(TemplateError::Secret(_))),
            "{secret:?}"
        );
        let unknown = fill(&json!(["{nobody}"]));
        assert!(
            matches!(unknown, Err(TemplateError::Unknown { .. })),
            "{unknown:?}"
        );
        let long = fill(&json!(["{half}", "{half}"]));
        assert_eq!(long, Err(TemplateError::TooLong));
    }
}
