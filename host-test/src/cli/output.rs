//! Output for people: coloured lines without terminal control characters.

use std::io::Write;

use action_host::is_unprintable;
use anstyle::{AnsiColor, Style};

pub(crate) const SUCCESS: Style = AnsiColor::Green.on_default();
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BOLD: Style = Style::new().bold();

/// Prints a line to standard output, or to standard error if standard output is reserved for JSON.
pub(crate) fn line(json: bool, text: &str) {
    // Errors are ignored: the reader has closed its end of the pipe.
    let _ = if json {
        writeln!(anstream::stderr(), "{text}")
    } else {
        writeln!(anstream::stdout(), "{text}")
    };
}

/// Prints what a command did to standard output.
#[cfg(feature = "control-room")]
pub(crate) fn done(what: &str) {
    line(
        false,
        &format!("{SUCCESS}ok{SUCCESS:#}  {}", one_line(what)),
    );
}

/// The items, separated by commas.
#[cfg(feature = "control-room")]
pub(crate) fn comma_separated<T: ToString>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(T::to_string).collect();
    if items.is_empty() {
        "none".into()
    } else {
        items.join(", ")
    }
}

/// Prints a line to standard error.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints a JSON object to standard output.
pub(crate) fn object(json: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{}", escaped(&json.to_string()));
}

/// Prints an error to standard error.
pub(crate) fn error(message: &str) {
    aside(&format!("{ERROR}error{ERROR:#}: {}", one_line(message)));
}

/// Replaces control characters, and characters that reorder or hide text, in an untrusted text.
pub(crate) fn printable(text: &str) -> String {
    let replace = |c| match c {
        '\n' => c,
        _ if is_unprintable(c) => '\u{fffd}',
        _ => c,
    };
    text.chars().map(replace).collect()
}

/// Like [`printable`], but on one line, so that an untrusted text cannot imitate lines of this program.
pub(crate) fn one_line(text: &str) -> String {
    printable(text).replace('\n', " ")
}

/// Escapes the characters that [`printable`] replaces, which JSON allows unescaped (RFC 8259, section 7). They occur only
/// in strings.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unprintable(c) {
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
    fn control_characters_are_replaced() {
        let printed = printable("\u{1b}[31mred\u{7}\r\u{9b}x\u{202e}y\nz");
        assert_eq!(
            printed,
            "\u{fffd}[31mred\u{fffd}\u{fffd}\u{fffd}x\u{fffd}y\nz"
        );
    }

    #[test]
    fn control_characters_in_json_are_escaped() {
        let json = serde_json::json!({ "text": "a\u{9b}b\u{7f}c\u{202e}d\n" });
        let escaped = escaped(&json.to_string());
        assert_eq!(escaped, r#"{"text":"a\u009bb\u007fc\u202ed\n"}"#);
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, json);
    }

    #[test]
    fn line_breaks_are_replaced() {
        assert_eq!(one_line("a\n  1  log  ok"), "a   1  log  ok");
    }
}
