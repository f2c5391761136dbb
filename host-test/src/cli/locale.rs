//! The language of what the command says. It is decided once, before anything is said.

use std::env;
use std::ffi::OsString;
use std::sync::OnceLock;

use bot_engine::Language;

static LOCALE: OnceLock<String> = OnceLock::new();

/// Decides on a locale, if there is one. The first decision counts: that of the option, then that of the environment, then
/// that of the configuration file.
pub(crate) fn decide(locale: Option<String>) {
    if let Some(locale) = locale {
        let _ = LOCALE.set(locale);
    }
}

/// The locale of a command line that is not valid as a whole.
pub(crate) fn of_arguments(mut arguments: impl Iterator<Item = OsString>) -> Option<String> {
    while let Some(argument) = arguments.next() {
        match argument.to_str().and_then(|it| it.strip_prefix("--locale")) {
            Some("") => return arguments.next()?.into_string().ok(),
            Some(rest) if rest.starts_with('=') => return Some(rest[1..].into()),
            _ => {}
        }
    }
    None
}

/// The locale of the environment (POSIX, "Internationalization Variables").
pub(crate) fn of_environment() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// The locale; English, if nothing has decided.
pub(crate) fn locale() -> &'static str {
    LOCALE.get().map_or("en", String::as_str)
}

/// The language of messages.
pub(crate) fn language() -> Language {
    Language::of_locale(locale())
}
