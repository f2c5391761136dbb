//! The texts of `locales/`. Which languages there are is decided here, what is said in them is not.

use alloc::string::String;

use crate::strings::cut;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A language that the action speaks.
#[derive(Debug, Clone, Copy)]
pub struct Locale(&'static [&'static str]);

/// The language to fall back to.
pub const ENGLISH: Locale = Locale(&EN);

impl Locale {
    /// The language for a tag of BCP 47, by its primary subtag: `de`, `de-AT` and `DE_ch` are
    /// German. English for every other.
    pub fn matching(tag: &str) -> Self {
        match tag.trim().as_bytes() {
            [b'd' | b'D', b'e' | b'E'] | [b'd' | b'D', b'e' | b'E', b'-' | b'_', ..] => Self(&DE),
            _ => ENGLISH,
        }
    }

    /// The text for a key.
    pub fn text(self, key: Text) -> &'static str {
        self.0.get(key as usize).copied().unwrap_or_default()
    }

    /// The text for a key with each `{name}` replaced by its value. Values are not looked at again.
    pub fn fill(self, key: Text, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = self.text(key);
        while let Some((before, after)) = cut(rest, b'{') {
            let (name, after) = cut(after, b'}').unwrap_or((after, ""));
            filled.push_str(before);
            if let Some((_, value)) = values.iter().find(|(other, _)| *other == name) {
                filled.push_str(value);
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_found_by_its_language() {
        for tag in ["de", "DE", "de-AT", "de_CH", " de-DE-1996 "] {
            assert_eq!(
                Locale::matching(tag).text(Text::GroupAuthentication),
                "Authentifizierung",
                "{tag:?}"
            );
        }
        for tag in ["", "d", "en", "en-GB", "fr", "den", "x-de"] {
            assert_eq!(
                Locale::matching(tag).text(Text::GroupAuthentication),
                "Authentication",
                "{tag:?}"
            );
        }
    }

    #[test]
    fn no_text_is_empty_or_left_in_english() {
        let same: Vec<_> = EN
            .iter()
            .zip(DE)
            .filter(|(en, de)| **en == *de)
            .map(|(en, _)| *en)
            .collect();
        assert_eq!(same, ["{field}: {reason}.", "Genesys"]);
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
    fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
        let filled = ENGLISH.fill(Text::ErrorDescription, &[("detail", "{detail} {host")]);
        assert_eq!(filled, "Genesys Cloud says: “{detail} {host”.");
    }
}
