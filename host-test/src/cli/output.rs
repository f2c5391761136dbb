//! What people see: lines in a terminal's colours, and no character in them that a terminal obeys.

use std::io::Write;

use anstyle::{AnsiColor, Style};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BOLD: Style = Style::new().bold();

/// A line on standard output, or on standard error where standard output is for JSON.
pub(crate) fn line(json: bool, text: &str) {
    // Whoever closed the other end does not want to read it.
    let _ = if json {
        writeln!(anstream::stderr(), "{text}")
    } else {
        writeln!(anstream::stdout(), "{text}")
    };
}

/// A line on standard error.
pub(crate) fn aside(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// One JSON object on standard output.
pub(crate) fn object(json: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{json}");
}

/// That something went wrong, on standard error.
pub(crate) fn error(message: &str) {
    aside(&format!("{BAD}error{BAD:#}: {}", printable(message)));
}

/// A text from elsewhere, without characters that a terminal obeys or that hide what is around
/// them.
pub(crate) fn printable(text: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .map(|c| {
            if is_harmful(c) && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
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
}
