//! The languages of the pages, as their switch names them.

use bot_engine::Language;

/// The name of a language in that language.
pub(super) fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::German => "Deutsch",
    }
}

/// The language with this tag (BCP 47).
pub(super) fn with_tag(tag: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|it| it.tag() == tag)
}
