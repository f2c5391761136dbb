//! In which language a page speaks.

use super::texts::{ENGLISH, GERMAN, Texts};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub(super) const ALL: [Language; 2] = [Language::English, Language::German];

    /// As in BCP 47.
    pub(super) fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    /// What its speakers call it.
    pub(super) fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
        }
    }

    pub(super) fn texts(self) -> &'static Texts {
        match self {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }

    pub(super) fn named(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|it| it.code() == code)
    }

    /// The one that a browser likes best (RFC 9110, section 12.5.4); English where it likes none.
    pub(super) fn accepted(header: &str) -> Language {
        let weighed = header.split(',').filter_map(|part| {
            let (range, parameters) = part.split_once(';').unwrap_or((part, ""));
            let primary = range.trim().split('-').next()?.to_ascii_lowercase();
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(weight) => weight.trim().parse::<f32>().ok()?,
                None => 1.0,
            };
            Some((Language::named(&primary)?, weight))
        });
        // The first of those that weigh the same.
        let best = weighed
            .filter(|(_, weight)| *weight > 0.0)
            .reduce(|best, other| if other.1 > best.1 { other } else { best });
        best.map(|(language, _)| language).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses() {
        for (header, language) in [
            ("", Language::English),
            ("de", Language::German),
            ("de-AT,en;q=0.5", Language::German),
            ("en-GB, de", Language::English),
            ("fr, de;q=0.3, en;q=0.2", Language::German),
            ("de;q=0, en;q=0.1", Language::English),
            ("*;q=0.5, \u{1f600}", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
