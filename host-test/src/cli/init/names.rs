//! The names that are made from that of a bot.

use std::path::{Path, PathBuf};

/// The longest id, in characters.
const MAX_ID: usize = 40;

/// The path of the file of a bot.
pub(super) fn path(folder: &Path, name: &str) -> PathBuf {
    let file = format!("{}.json", id(name));
    if folder == Path::new(".") {
        file.into()
    } else {
        folder.join(file)
    }
}

/// What a bot's name becomes in the names of its file, locker and role: ASCII letters and digits with single hyphens, as
/// names of environment variables take them.
pub(super) fn id(name: &str) -> String {
    let mut id = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => id.push(c),
            'ä' => id.push_str("ae"),
            'ö' => id.push_str("oe"),
            'ü' => id.push_str("ue"),
            'ß' => id.push_str("ss"),
            _ if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    let id: String = id.chars().take(MAX_ID).collect();
    match id.trim_end_matches('-') {
        "" => "bot".into(),
        id => id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_letters_digits_and_single_hyphens() {
        for (name, expected) in [
            ("Hello Genesys", "hello-genesys"),
            ("  Grüße -- an alle!  ", "gruesse-an-alle"),
            ("Отчёт", "bot"),
            ("../x/y", "x-y"),
            (
                &"a b".repeat(50),
                "a-ba-ba-ba-ba-ba-ba-ba-ba-ba-ba-ba-ba-ba",
            ),
        ] {
            assert_eq!(id(name), expected);
        }
    }
}
