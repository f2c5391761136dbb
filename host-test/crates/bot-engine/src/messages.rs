//! The message catalogue: messages in English and German, side by side.
//!
//! A message is a function of the language and of its parameters. With parameters, both texts are format strings. A
//! parameter that one of them does not use, or a placeholder without a parameter, is a compile error; arguments are never
//! searched for placeholders. Without parameters, the texts are used as they are.

use action_types::is_unprintable;

/// A language of the message catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English
    #[default]
    English,
    /// German
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a locale, such as `de`, `de-AT` or `de_DE.UTF-8`; English if there are no messages in it.
    pub fn of_locale(locale: &str) -> Self {
        if egress::is_german(locale) {
            Self::German
        } else {
            Self::English
        }
    }

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// A number with one decimal, in the notation of the language.
pub fn one_decimal(number: f64, language: Language) -> String {
    let text = format!("{number:.1}");
    match language {
        Language::English => text,
        Language::German => text.replace('.', ","),
    }
}

/// A text of a bot file, a component or a server for a message: characters that nobody sees are escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Defines messages, each with its text in every [`Language`].
///
/// ```
/// bot_engine::messages! {
///     /// There is no such locker.
///     no_locker(name) {
///         en: "There is no locker “{name}” that you may use.",
///         de: "Es gibt keinen Locker „{name}“, den Sie verwenden dürfen.",
///     }
///     /// The label of a button.
///     save { en: "Save", de: "Speichern" }
/// }
///
/// use bot_engine::Language;
/// assert_eq!(save(Language::German), "Speichern");
/// assert_eq!(
///     no_locker(Language::English, "{name}"),
///     "There is no locker “{name}” that you may use."
/// );
/// ```
#[macro_export]
macro_rules! messages {
    ($(
        $(#[$attribute:meta])*
        $name:ident $(($($parameter:ident),+))? { en: $english:literal, de: $german:literal $(,)? }
    )*) => {
        $($crate::messages!(@function [$(#[$attribute])*] $name [$($($parameter),+)?] $english, $german);)*
    };
    (@function [$($attribute:tt)*] $name:ident [] $english:literal, $german:literal) => {
        $($attribute)*
        #[allow(unreachable_pub, reason = "the visibility of the module applies")]
        pub const fn $name(language: $crate::Language) -> &'static str {
            match language {
                $crate::Language::English => $english,
                $crate::Language::German => $german,
            }
        }
    };
    (@function [$($attribute:tt)*] $name:ident [$($parameter:ident),+] $english:literal, $german:literal) => {
        $($attribute)*
        #[allow(unreachable_pub, reason = "the visibility of the module applies")]
        pub fn $name(language: $crate::Language $(, $parameter: impl ::std::fmt::Display)+) -> String {
            match language {
                $crate::Language::English => format!($english $(, $parameter = $parameter)+),
                $crate::Language::German => format!($german $(, $parameter = $parameter)+),
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_decimal_sign_of_the_language() {
        assert_eq!(one_decimal(1.26, Language::English), "1.3");
        assert_eq!(one_decimal(1.26, Language::German), "1,3");
    }

    #[test]
    fn characters_that_nobody_sees_are_escaped() {
        let text = "a \"b\" {c}\n\u{202e}ä";
        assert_eq!(escaped(text), "a \"b\" {c}\\n\\u{202e}ä");
    }

    #[test]
    fn english_is_the_fallback_for_other_locales() {
        for (locale, language) in [
            ("de", Language::German),
            ("DE_at.UTF-8", Language::German),
            ("de-CH", Language::German),
            ("den", Language::English),
            ("fr", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale:?}");
        }
    }
}
