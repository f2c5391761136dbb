//! The language that a browser prefers.

use bot_engine::Language;

/// The language that a browser prefers by its `Accept-Language` (RFC 9110, section 12.5.4); English if it accepts no
/// supported one.
pub fn preferred(header: &str) -> Language {
    let weighed = header.split(',').filter_map(|part| {
        let (range, parameters) = part.split_once(';').unwrap_or((part, ""));
        let primary = range.trim().split('-').next()?.to_ascii_lowercase();
        let weight = match parameters.trim().strip_prefix("q=") {
            Some(weight) => weight.trim().parse::<f32>().ok()?,
            None => 1.0,
        };
        let language = Language::ALL.into_iter().find(|it| it.tag() == primary)?;
        Some((language, weight))
    });
    // The first of those with the same weight.
    let best = weighed
        .filter(|(_, weight)| *weight > 0.0)
        .reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map(|(language, _)| language).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_preferred() {
        for (header, language) in [
            ("", Language::English),
            ("de", Language::German),
            ("de-AT,en;q=0.5", Language::German),
            ("en-GB, de", Language::English),
            ("fr, de;q=0.3, en;q=0.2", Language::German),
            ("de;q=0, en;q=0.1", Language::English),
            ("*;q=0.5, \u{1f600}", Language::English),
        ] {
            assert_eq!(preferred(header), language, "{header}");
        }
    }
}
