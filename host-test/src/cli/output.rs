//! What people see: lines in a terminal's colours, and no character in them that a terminal obeys.

use std::io::Write;

use anstyle::{AnsiColor, Style};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BOLD: Style = Style::new().bold();

/// A line on standard output, or on standard error where standard output is for JSON.
pub(crate) fn line(json: bool, text: &str) {
    // The reader has closed the other end on purpose.
    let _ = if json {
        writeln!(anstream::stderr(), "{text}")
    } else {
        writeln!(anstream::stdout(), "{text}")
    };
}

/// What a command did, on standard output.
#[cfg(feature = "control-room")]
pub(crate) fn done(what: &str) {
    line(false, &format!("{GOOD}ok{GOOD:#}  {}", one_line(what)));
}

/// Things with commas between them.
#[cfg(feature = "control-room")]
pub(crate) fn comma_separated<T: ToString>(things: &[T]) -> String {
    let things: Vec<_> = things.iter().map(T::to_string).collect();
    if things.is_empty() {
        "none".into()
    } else {
        things.join(", ")
    }
}

/// A line on standard error.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// One JSON object on standard output.
pub(crate) fn object(json: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{}", escaped(&json.to_string()));
}

/// That something went wrong, on standard error.
pub(crate) fn error(message: &str) {
    aside(&format!("{BAD}error{BAD:#}: {}", one_line(message)));
}

/// A text from elsewhere, without characters that a terminal obeys or that hide what is around
/// them.
pub(crate) fn printable(text: &str) -> String {
    let replace = |c| match c {
        '\n' => c,
        _ if is_harmful(c) => '\u{fffd}',
        _ => c,
    };
    text.chars().map(replace).collect()
}

/// The same on one line, so that a text from elsewhere cannot pass for lines of this program.
pub(crate) fn one_line(text: &str) -> String {
    printable(text).replace('\n', " ")
}

/// Characters that a terminal obeys, and those that reorder or hide what is around them.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// JSON with the characters escaped that [`printable`] replaces, which JSON does not demand (RFC
/// 8259, section 7). Here they can only stand in strings.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed() {
        let printed = printable("\u{1b}[31mred\u{7}\r\u{9b}x\u{202e}y\nz");
        assert_eq!(
            printed,
            "\u{fffd}[31mred\u{fffd}\u{fffd}\u{fffd}x\u{fffd}y\nz"
        );
    }

    #[test]
    fn json_means_the_same_and_has_nothing_that_a_terminal_obeys() {
        let json = serde_json::json!({ "text": "a\u{9b}b\u{7f}c\u{202e}d\n" });
        let escaped = escaped(&json.to_string());
        assert_eq!(escaped, r#"{"text":"a\u009bb\u007fc\u202ed\n"}"#);
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, json);
    }

    #[test]
    fn a_text_from_elsewhere_stays_on_its_line() {
        assert_eq!(one_line("a\n  1  log  ok"), "a   1  log  ok");
    }
}
