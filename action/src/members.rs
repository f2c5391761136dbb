//! The members of the JSON object (RFC 8259) in a response. Duplicate members are ignored.
//!
//! `serde_json` checks the grammar. A value is decoded only when it is asked for, so that a response is not refused for
//! a member that the action does not read. Nothing here recurses, and no error of `serde_json` is returned: it may
//! quote the response.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::error::Reason;
use crate::retry_after;

/// How deep lists and objects may be nested. Genesys' responses have three levels.
const MAX_NESTING: usize = 32;

/// How far an exponent moves the point, in digits. Of the response, all digits are read.
const MAX_DIGITS: usize = 64 * 1024;

/// The members of an object, in their order.
#[derive(Debug, Default)]
pub struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// [`Reason::NotJson`], also if it is nested too deep, or [`Reason::MalformedAnswer`] for JSON that is not an
    /// object.
    pub fn parse(body: &'a [u8]) -> Result<Self, Reason> {
        let text = str::from_utf8(body).map_err(|_| Reason::NotJson)?;
        let mut json = Deserializer::from_str(text);
        let members = json.deserialize_map(Self::default());
        let members = members
            .and_then(|members| json.end().map(|()| members))
            .map_err(|_| match serde_json::from_str::<&RawValue>(text) {
                Ok(other) if !other.get().starts_with('{') && nesting(text) <= MAX_NESTING => {
                    Reason::MalformedAnswer
                }
                _ => Reason::NotJson,
            })?;
        // The object itself is the first level. Most members are texts and numbers, which need no search.
        let fits = |value: &str| !value.starts_with(['{', '[']) || nesting(value) < MAX_NESTING;
        let all_fit = members.0.iter().all(|(_, value)| fits(value.get()));
        all_fit.then_some(members).ok_or(Reason::NotJson)
    }

    /// The JSON of a member. `None` if the name occurs twice: parsers differ in which of the two they use, so
    /// neither is used here.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value.get()),
            _ => None,
        }
    }

    /// The text of a member, if it is a string and not blank.
    pub fn text(&self, name: &str) -> Option<String> {
        // `serde_json` would describe any other value in an error that nobody reads.
        let json = self.get(name).filter(|json| json.starts_with('"'))?;
        let text: String = serde_json::from_str(json).ok()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// The number of a member without its fraction, if it is not negative. Some servers send it as a string, with white
    /// space around it. A number that does not fit is the largest that does.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.text(name) {
            Some(text) => whole_number(text.trim()),
            None => whole_number(self.get(name)?),
        }
    }
}

impl<'de> Visitor<'de> for Members<'de> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}

/// The number in the notation of JSON (RFC 8259, section 6) without its fraction. Floating-point numbers would do the same,
/// and add 18 KB to the component.
fn whole_number(json: &str) -> Option<u64> {
    if let Some(number) = retry_after::number(json.as_bytes()) {
        return Some(number);
    }
    let (number, exponent) = match json.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (json, "0"),
    };
    let (is_small, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => (true, exponent),
        None => (false, exponent),
    };
    let exponent = retry_after::number(exponent.as_bytes())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    retry_after::number(fraction.as_bytes())?;
    retry_after::number(whole.as_bytes())?;
    let digits = |range: &str| retry_after::number(range.as_bytes());
    // More digits than these make no difference.
    let exponent = usize::try_from(exponent)
        .unwrap_or(usize::MAX)
        .min(MAX_DIGITS);
    if is_small {
        let kept = whole.len().saturating_sub(exponent);
        return Some(digits(&whole[..kept]).unwrap_or(0));
    }
    let (moved, _) = fraction.split_at(exponent.min(fraction.len()));
    let zeros = "0".repeat(exponent - moved.len());
    digits(&[whole, moved, &zeros].concat())
}

/// How deep lists and objects are nested in a text, if it is JSON.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Option<u64> {
        let object = format!(r#"{{"n":{json}}}"#);
        Members::parse(object.as_bytes()).unwrap().number("n")
    }

    fn refusal(json: impl AsRef<[u8]>) -> Reason {
        Members::parse(json.as_ref()).unwrap_err()
    }

    #[test]
    fn members_are_found_by_name() {
        let json =
            r#" {"a" : "x","b":" ","c":["y",{}],"d":{"a":"z"},"e":"\u00fc\ud83d\ude00","g":1} "#;
        let members = Members::parse(json.as_bytes()).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("x"));
        assert_eq!(members.text("e").as_deref(), Some("ü😀"));
        for (name, why) in [
            ("b", "blank"),
            ("c", "a list"),
            ("d", "an object"),
            ("f", "missing"),
            ("g", "a number"),
        ] {
            assert_eq!(members.text(name), None, "{why}");
        }
    }

    #[test]
    fn duplicate_members_are_ignored() {
        let members = Members::parse(br#"{"a":"x","b":"y","\u0061":"z"}"#).unwrap();
        assert_eq!(
            (members.text("a"), members.text("b").as_deref()),
            (None, Some("y"))
        );
    }

    #[test]
    fn numbers_saturate() {
        for (json, expected) in [
            ("0", Some(0)),
            ("86400", Some(86_400)),
            ("3599.9", Some(3599)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("1e300", Some(u64::MAX)),
            ("1e400", Some(u64::MAX)),
            ("1.5E+3", Some(1500)),
            ("3.6e3", Some(3600)),
            ("3600.00e0", Some(3600)),
            ("0.0036e6", Some(3600)),
            ("36e-1", Some(3)),
            ("360000e-2", Some(3600)),
            ("1e-99999999999999999999", Some(0)),
            ("0e99999999999999999999", Some(0)),
            ("\"1\"", Some(1)),
            ("\"3600.0\"", Some(3600)),
            ("\" 3600 \"", Some(3600)),
            ("\"3.6e3\"", Some(3600)),
            ("-1", None),
            ("-0.5", None),
            ("\"-1\"", None),
            ("\"1e\"", None),
            ("\"1.\"", None),
            ("\".5\"", None),
            ("\"1 h\"", None),
            ("[1]", None),
        ] {
            assert_eq!(number(json), expected, "{json}");
        }
    }

    #[test]
    fn json_that_is_not_an_object_is_distinguished_from_no_json() {
        for json in ["[]", "null", "1", "\"{}\"", " true ", "[\"a\",1]"] {
            assert_eq!(refusal(json), Reason::MalformedAnswer, "{json}");
        }
        for json in ["", "[1,", "{} {}", "{,}", "\u{feff}{}", "{\"\\ud800\":1}"] {
            assert_eq!(refusal(json), Reason::NotJson, "{json}");
        }
        assert_eq!(refusal(b"{\"a\":\"\xff\"}"), Reason::NotJson);
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
            format!(r#"{{"a":{open}{close},"b":"]\"["}}"#)
        };
        assert!(Members::parse(nested(MAX_NESTING).as_bytes()).is_ok());
        for levels in [MAX_NESTING + 1, 10_000] {
            assert_eq!(refusal(nested(levels)), Reason::NotJson, "{levels}");
        }
        let list = "[".repeat(MAX_NESTING + 1) + &"]".repeat(MAX_NESTING + 1);
        assert_eq!(refusal(list), Reason::NotJson);
    }

    #[test]
    fn unread_members_may_have_unrepresentable_values() {
        let json = r#"{"a":"x","huge":1e400,"lone surrogate":"\ud800"}"#;
        let members = Members::parse(json.as_bytes()).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("x"));
        assert_eq!(members.text("lone surrogate"), None);
    }
}
