//! Strings made of parts, and parts of strings. The standard library's ways are general, and weigh
//! more in the component than all that is done with them here.

use alloc::string::String;

/// The parts, one after the other.
pub fn join(parts: &[&str]) -> String {
    let mut joined = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| joined.push_str(part));
    joined
}

/// A number in decimal digits.
pub fn decimal(number: u32) -> String {
    let mut digits = String::new();
    let mut unit = 1_000_000_000;
    while unit > 0 {
        let digit = number / unit % 10;
        if digit > 0 || unit == 1 || !digits.is_empty() {
            digits.extend(char::from_digit(digit, 10));
        }
        unit /= 10;
    }
    digits
}

/// What stands before and behind the first `mark`, where there is one. `mark` is a character of
/// ASCII.
pub fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What stands before the first `mark`, or all of it.
pub fn before(text: &str, mark: u8) -> &str {
    cut(text, mark).map_or(text, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined() {
        assert_eq!(join(&["a", "", "bc"]), "abc");
        assert_eq!(join(&[]), "");
    }

    #[test]
    fn numbers_are_written_without_leading_zeros() {
        for number in [0, 1, 9, 10, 429, 86_400, 1_000_000_000, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn a_text_is_cut_at_the_first_mark() {
        assert_eq!(cut("ä.b.c", b'.'), Some(("ä", "b.c")));
        assert_eq!(cut(".", b'.'), Some(("", "")));
        assert_eq!(cut("ab", b'.'), None);
        assert_eq!((before("a;b;c", b';'), before("abc", b';')), ("a", "abc"));
    }
}
