//! The members of a JSON object (RFC 8259), one level deep: all that the action reads of an answer.
//!
//! A general library is a sixth of the component's size for this, so the little that is needed is
//! here. The tests hold it against `serde_json`.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Reason;

/// How deep lists and objects may be nested. Genesys' answers are three deep.
const MAX_DEPTH: u8 = 32;

/// The members of an object.
#[derive(Debug, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// A value, as far as it matters what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number that is not negative and has no exponent, without its fraction; the largest there
    /// is for any that is larger.
    Number(u64),
    /// Anything else.
    Other,
}

impl<'a> Object<'a> {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// [`Reason::NotJson`], or [`Reason::MalformedAnswer`] for JSON that is no object.
    pub fn parse(json: &'a [u8]) -> Result<Self, Reason> {
        let text = core::str::from_utf8(json).map_err(|_| Reason::NotJson)?;
        let mut parser = Parser { text, at: 0 };
        let mut members = Vec::new();
        parser.space();
        let parsed = if parser.peek() == Some(b'{') {
            parser
                .members(0, |name, value| members.push((name, value)))
                .map(|()| Ok(Self(members)))
        } else {
            parser.value(0).map(|_| Err(Reason::MalformedAnswer))
        };
        parser.space();
        match parsed {
            Some(object) if parser.peek().is_none() => object,
            _ => Err(Reason::NotJson),
        }
    }

    /// The value of a member. None where there are two of the name: readers differ in which they
    /// believe, so neither is believed here.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The text of a member, where it is a string and not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Reads forward through a text. Every method gives none where the text breaks the grammar.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Steps over `byte`, if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let comes = self.peek() == Some(byte);
        self.at += usize::from(comes);
        comes
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Where the text was left off at `start`, up to here.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => return self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => return self.number(),
            b'{' => self.members(depth, |_, _| {})?,
            b'[' => self.list(depth)?,
            _ => self.literal()?,
        }
        Some(Value::Other)
    }

    fn members(&mut self, depth: u8, mut each: impl FnMut(Cow<'a, str>, Value<'a>)) -> Option<()> {
        let depth = (depth < MAX_DEPTH).then_some(depth + 1)?;
        self.expect(b'{')?;
        self.space();
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            each(name, self.value(depth)?);
            self.space();
            if !self.takes(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn list(&mut self, depth: u8) -> Option<()> {
        let depth = (depth < MAX_DEPTH).then_some(depth + 1)?;
        self.expect(b'[')?;
        self.space();
        if self.takes(b']') {
            return Some(());
        }
        loop {
            self.space();
            self.value(depth)?;
            self.space();
            if !self.takes(b',') {
                return self.expect(b']');
            }
        }
    }

    fn literal(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'a'..=b'z')) {
            self.at += 1;
        }
        matches!(self.since(start), "true" | "false" | "null").then_some(())
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let negative = self.takes(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let (whole, digits) = self.digits()?;
        if leading_zero && digits > 1 {
            return None;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            let _ = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        Some(if negative || exponent {
            Value::Other
        } else {
            Value::Number(whole)
        })
    }

    /// One digit or more: the number they make, cut to what fits, and how many they are.
    fn digits(&mut self) -> Option<(u64, usize)> {
        let start = self.at;
        let mut number = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - start;
        (count > 0).then_some((number, count))
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.expect(b'"')?;
        let mut unescaped = String::new();
        let mut start = self.at;
        loop {
            match self.next()? {
                end @ (b'"' | b'\\') => {
                    let plain = self.text.get(start..self.at - 1)?;
                    if end == b'"' && unescaped.is_empty() {
                        return Some(Cow::Borrowed(plain));
                    }
                    unescaped.push_str(plain);
                    if end == b'"' {
                        return Some(Cow::Owned(unescaped));
                    }
                    unescaped.push(self.escape()?);
                    start = self.at;
                }
                0..=0x1f => return None,
                _ => {}
            }
        }
    }

    /// The character that stands behind a backslash.
    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            same @ (b'"' | b'\\' | b'/') => same.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.code_unit()?;
                // A character beyond the first plane is two units of UTF-16 (section 7).
                if matches!(unit, 0xd800..=0xdbff) && self.takes(b'\\') && self.takes(b'u') {
                    let low = self
                        .code_unit()?
                        .checked_sub(0xdc00)
                        .filter(|low| *low < 0x400)?;
                    return char::from_u32(0x10000 + ((unit - 0xd800) << 10) + low);
                }
                char::from_u32(unit)?
            }
            _ => return None,
        })
    }

    fn code_unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Option<u64> {
        let object = format!(r#"{{"n":{json}}}"#);
        match Object::parse(object.as_bytes()).unwrap().get("n") {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    #[test]
    fn members_are_found_by_name() {
        let json = r#" {"a" : "x","b":" ","c":["y",{}],"d":{"a":"z"},"e":"\u00fc\ud83d\ude00"} "#;
        let object = Object::parse(json.as_bytes()).unwrap();
        assert_eq!(object.text("a"), Some("x"));
        assert_eq!(object.text("e"), Some("ü😀"));
        for (name, why) in [
            ("b", "blank"),
            ("c", "a list"),
            ("d", "an object"),
            ("f", "missing"),
        ] {
            assert_eq!(object.text(name), None, "{why}");
        }
    }

    #[test]
    fn a_member_that_is_there_twice_is_not_believed() {
        let object = Object::parse(br#"{"a":"x","b":"y","\u0061":"z"}"#).unwrap();
        assert_eq!((object.text("a"), object.text("b")), (None, Some("y")));
    }

    #[test]
    fn numbers_are_cut_to_what_fits() {
        for (json, expected) in [
            ("0", Some(0)),
            ("86400", Some(86_400)),
            ("3599.9", Some(3599)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("1e300", None),
            ("1.5E+3", None),
            ("-1", None),
            ("-0.5", None),
        ] {
            assert_eq!(number(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_object_is_told_from_what_is_no_json() {
        for json in ["[]", "null", "1", "\"{}\"", " true "] {
            assert_eq!(
                Object::parse(json.as_bytes()).unwrap_err(),
                Reason::MalformedAnswer,
                "{json}"
            );
        }
        assert_eq!(
            Object::parse(b"{\"a\":\"\xff\"}").unwrap_err(),
            Reason::NotJson
        );
        let deep = ["{\"a\":".repeat(10_000), "1".into(), "}".repeat(10_000)].concat();
        assert_eq!(Object::parse(deep.as_bytes()).unwrap_err(), Reason::NotJson);
    }

    #[test]
    fn it_agrees_with_a_general_library() {
        for json in [
            "",
            " ",
            "{",
            "{}",
            "{} {}",
            "{}x",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "\u{feff}{}",
            "<html>",
            "{'a':1}",
            "{a:1}",
            "[1,]",
            "[,]",
            "[1 2]",
            "[",
            "]",
            "[]]",
            "tru",
            "truex",
            "True",
            "nul",
            "null",
            "-",
            "-1",
            "01",
            "-01",
            "1.",
            ".5",
            "1.5",
            "1e",
            "1e5",
            "1E+5",
            "1e-5",
            "1e+",
            "+1",
            "0x1",
            "--1",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u00e4\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\\n\"",
            "\"\u{1}\"",
            "\"\u{7f}\"",
            "\"\t\"",
            "\"\\/\\b\\f\\n\\r\\t\\\\\"",
            "{\"\":\"\"}",
            "{\"a\":{\"b\":[1,{\"c\":null}]}}",
            "\u{a0}{}",
        ] {
            let expected = serde_json::from_str::<serde_json::Value>(json);
            match (Object::parse(json.as_bytes()), &expected) {
                (Ok(object), Ok(serde_json::Value::Object(members))) => {
                    assert_eq!(object.0.len(), members.len(), "{json}");
                    for (name, value) in members {
                        if let Some(text) = value.as_str() {
                            assert_eq!(object.get(name), Some(&Value::Text(text.into())), "{json}");
                        }
                    }
                }
                (Err(Reason::MalformedAnswer), Ok(other)) => assert!(!other.is_object(), "{json}"),
                (Err(Reason::NotJson), Err(_)) => {}
                (ours, theirs) => panic!("{json}: {ours:?}, {theirs:?}"),
            }
        }
    }
}
