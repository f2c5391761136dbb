//! Output for people: coloured lines without terminal control characters.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use action_host::is_unprintable;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::locale::language;
use super::messages;

pub(crate) const SUCCESS: Style = AnsiColor::Green.on_default();
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BOLD: Style = Style::new().bold();

/// Why standard output could not be written, from the first time on.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Whether only errors and results are shown (`--quiet`).
static QUIET: AtomicBool = AtomicBool::new(false);

/// Shows errors and results only, from now on.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only errors and results are shown.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints what is happening, as [`line()`] does, unless only results are shown.
pub(crate) fn progress(json: bool, text: &str) {
    if !is_quiet() {
        line(json, text);
    }
}

/// Prints a result to standard output, or to standard error if standard output is reserved for JSON.
pub(crate) fn line(json: bool, text: &str) {
    if json {
        aside(text);
    } else {
        written(writeln!(anstream::stdout(), "{text}"));
    }
}

/// Remembers a failure to write to standard output, so that what a command was about to do is still done. A reader that has
/// read enough, such as `head`, is no failure.
pub(crate) fn written(result: io::Result<()>) {
    #[cfg(unix)]
    let result = if super::closed_output::is_closed() {
        Err(rustix::io::Errno::BADF.into())
    } else {
        result
    };
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}

/// Writes what is left of the output.
///
/// # Errors
///
/// If not all of the output could be written.
pub(crate) fn finish() -> Result<(), &'static io::Error> {
    written(io::stdout().flush());
    LOST.get().map_or(Ok(()), Err)
}

/// Whether standard error shows colours: a terminal does, unless the environment says otherwise.
pub(crate) fn stderr_has_colour() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Prints what a command did to standard output.
pub(crate) fn done(what: &str) {
    progress(
        false,
        &format!("{SUCCESS}ok{SUCCESS:#}  {}", one_line(what)),
    );
}

/// The items, separated by commas.
#[cfg(feature = "control-room")]
pub(crate) fn comma_separated<T: ToString>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(T::to_string).collect();
    if items.is_empty() {
        super::control_room_messages::none(language()).into()
    } else {
        items.join(", ")
    }
}

/// Prints advice or a warning to standard error, unless only errors are shown.
pub(crate) fn aside(text: &str) {
    if !is_quiet() {
        urgent(text);
    }
}

/// Says that a list is empty: printed as lines, it would show nothing.
pub(crate) fn say_if_empty<T>(list: &[T]) {
    if list.is_empty() {
        aside(messages::empty_list(language()));
    }
}

/// Prints to standard error what has to be seen in any case: an error, a question, or what cannot be found out later. A
/// failure has nowhere to be reported.
pub(crate) fn urgent(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints a JSON object to standard output.
pub(crate) fn object(json: &serde_json::Value) {
    written(writeln!(io::stdout(), "{}", escaped(&json.to_string())));
}

/// Prints a warning to standard error, unless only errors are shown.
pub(crate) fn warn(message: &str) {
    let word = messages::warning(language());
    aside(&format!("{WARNING}{word}{WARNING:#}: {message}"));
}

/// Prints an error to standard error.
pub(crate) fn error(message: &str) {
    let word = messages::error(language());
    urgent(&format!("{ERROR}{word}{ERROR:#}: {}", one_line(message)));
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
