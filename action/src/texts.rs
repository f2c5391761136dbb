//! The message catalogue. The build script makes it from `locales/`: the enum [`Text`] with a key for each message, and a
//! table for each language, so that the use of a message that does not exist does not compile.
//!
//! Other components use this file and the build script too, each with its own `locales/`.

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

impl Text {
    /// Its key in `locales/`.
    pub fn key(self) -> &'static str {
        KEYS.get(self as usize).copied().unwrap_or_default()
    }
}

/// A language of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Locale(&'static [&'static str]);

/// The default language.
pub const ENGLISH: Locale = Locale(&EN);

impl Locale {
    /// The language for a BCP 47 tag, by its primary subtag: `de`, `de-AT` and `DE_ch` are German. English for any
    /// other.
    pub fn matching(tag: &str) -> Self {
        match tag.trim().as_bytes() {
            [b'd' | b'D', b'e' | b'E'] | [b'd' | b'D', b'e' | b'E', b'-' | b'_', ..] => Self(&DE),
            _ => ENGLISH,
        }
    }

    /// The message for a key.
    pub fn text(self, key: Text) -> &'static str {
        self.0.get(key as usize).copied().unwrap_or_default()
    }

    /// The message for a key, with each `{name}` replaced by its value.
    pub fn fill(self, key: Text, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }
}

/// Replaces each `{name}` by its value in one pass: braces in a value stay as they are.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        if let Some((_, value)) = values.iter().find(|(other, _)| *other == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_chosen_by_the_primary_subtag() {
        for tag in ["de", "DE", "de-AT", "de_CH", " de-DE-1996 "] {
            assert_eq!(Locale::matching(tag).0, DE, "{tag:?}");
        }
        for tag in ["", "d", "en", "en-GB", "fr", "den", "x-de"] {
            assert_eq!(Locale::matching(tag).0, EN, "{tag:?}");
        }
    }

    #[test]
    fn every_message_is_translated() {
        let same = EN.iter().zip(DE).filter(|(en, de)| **en == *de);
        for (text, _) in same {
            assert!(["{field}: {reason}.", "Genesys"].contains(text), "{text}");
        }
        for text in EN.iter().chain(&DE) {
            assert!(!text.trim().is_empty());
        }
    }

    #[test]
    fn a_translation_has_the_same_placeholders() {
        let placeholders = |text: &str| {
            let names = text
                .split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_string()));
            let mut names: Vec<_> = names.collect();
            names.sort();
            names
        };
        for (en, de) in EN.iter().zip(DE) {
            assert_eq!(placeholders(en), placeholders(de), "{en}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_not_filled() {
        let filled = fill("It says: “{detail}”.", &[("detail", "{detail} {host")]);
        assert_eq!(filled, "It says: “{detail} {host”.");
    }
}
