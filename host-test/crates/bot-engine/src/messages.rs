//! The message catalogue: messages in English and German, side by side.
//!
//! A message is a function of the language and of its parameters. With parameters, both texts are format strings. A
//! parameter that one of them does not use, or a placeholder without a parameter, is a compile error; arguments are never
//! searched for placeholders. Without parameters, the texts are used as they are.

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
        let language = locale.split(['-', '_', '.', '@']).next();
        match language.map(str::to_ascii_lowercase).as_deref() {
            Some("de") => Self::German,
            _ => Self::English,
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
