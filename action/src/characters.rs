//! Characters that nobody sees and that come with a pasted text: an id, a secret or a name is not meant to contain them.

use crate::error::{Error, Reason};

/// The text without the white space around it, which includes no-break spaces.
///
/// # Errors
///
/// [`Error::InvalidInput`] with the first character of it that is invisible.
pub fn trimmed<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Error> {
    without(field, text, is_invisible)
}

/// Like [`trimmed`], but with the joiners that the writing of some languages needs.
///
/// # Errors
///
/// As [`trimmed`].
pub fn trimmed_name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Error> {
    without(field, text, |c| {
        is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}')
    })
}

fn without<'a>(
    field: &'static str,
    text: &'a str,
    is_wrong: fn(char) -> bool,
) -> Result<&'a str, Error> {
    let text = text.trim();
    if is_visible_ascii(text) {
        return Ok(text);
    }
    match text.chars().find(|c| is_wrong(*c)) {
        None => Ok(text),
        Some(character) => Err(Error::InvalidInput {
            field,
            reason: Reason::ControlCharacters,
            character: Some(character),
        }),
    }
}

/// Whether a text consists of visible ASCII characters without spaces, as most values of fields do. Cheaper than
/// checking each character for invisibility.
pub fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether `c` is a control character, or one without width that hides in a text or reorders what is around it: soft
/// hyphen, zero-width characters, directional marks, byte order mark, tags.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The code point of a character, as Unicode writes it: `U+200B`.
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_text_is_not_part_of_it() {
        for around in ["", " ", "\t\r\n", "\u{a0}", "\u{3000}", "\u{2003}"] {
            let text = format!("{around}a b{around}");
            assert_eq!(trimmed("client-id", &text), Ok("a b"));
        }
    }

    #[test]
    fn an_invisible_character_is_named_by_its_code_point() {
        for (character, expected) in [
            ('\0', "U+0000"),
            ('\n', "U+000A"),
            ('\u{ad}', "U+00AD"),
            ('\u{61c}', "U+061C"),
            ('\u{200b}', "U+200B"),
            ('\u{200d}', "U+200D"),
            ('\u{200e}', "U+200E"),
            ('\u{202e}', "U+202E"),
            ('\u{2060}', "U+2060"),
            ('\u{2066}', "U+2066"),
            ('\u{feff}', "U+FEFF"),
            ('\u{e0041}', "U+E0041"),
        ] {
            assert_eq!(code_point(character), expected);
            let text = format!("a{character}b");
            let found = trimmed("client-id", &text);
            let error = Error::InvalidInput {
                field: "client-id",
                reason: Reason::ControlCharacters,
                character: Some(character),
            };
            assert_eq!(found, Err(error), "{expected}");
        }
    }

    #[test]
    fn a_name_may_have_joiners() {
        for name in [
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{645}\u{6cc}\u{200c}\u{62e}",
        ] {
            assert_eq!(trimmed_name("session-name", name), Ok(name));
            assert!(trimmed("client-id", name).is_err());
        }
        assert!(trimmed_name("session-name", "a\u{202e}b").is_err());
    }
}
