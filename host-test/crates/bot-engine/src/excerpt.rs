//! The beginning of what a step returned, for people.

use serde_json::{Map, Value as Json};

use crate::outputs::size;

/// The most of one output that people are shown, in bytes of JSON.
pub const MAX_EXCERPT: usize = 256 << 10;

/// The beginning of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The value, without what is beyond the limit.
    pub json: Json,
    /// Whether something is left out.
    pub is_cut: bool,
    /// Its size as JSON, at most.
    pub bytes: usize,
}

impl Excerpt {
    /// The beginning of an output: at most `limit` bytes of JSON. Lists and objects lose their last members, texts their end.
    pub fn of(output: &Json, limit: usize) -> Self {
        let mut room = Room {
            bytes: limit,
            is_full: false,
        };
        let json = room.beginning(output).unwrap_or_default();
        Self {
            json,
            is_cut: room.is_full,
            bytes: limit - room.bytes,
        }
    }
}

/// What still fits.
struct Room {
    bytes: usize,
    is_full: bool,
}

impl Room {
    /// The beginning of a value; `None` if nothing of it fits.
    fn beginning(&mut self, json: &Json) -> Option<Json> {
        Some(match json {
            Json::Array(items) => {
                self.take(2)?;
                let kept = items.iter().map_while(|item| {
                    // With its comma.
                    self.take(1)?;
                    self.beginning(item)
                });
                Json::Array(kept.collect())
            }
            Json::Object(members) => {
                self.take(2)?;
                let kept = members.iter().map_while(|(name, value)| {
                    // With its colon and comma.
                    self.take(size(name) + 2)?;
                    Some((name.clone(), self.beginning(value)?))
                });
                Json::Object(kept.collect::<Map<_, _>>())
            }
            Json::String(text) => Json::String(self.text(text)?),
            other => {
                self.take(size(other))?;
                other.clone()
            }
        })
    }

    fn text(&mut self, text: &str) -> Option<String> {
        if self.take(size(text)).is_some() {
            return Some(text.into());
        }
        let mut end = self.bytes;
        while end > 0 {
            end = text.floor_char_boundary(end);
            let cut = format!("{}…", &text[..end]);
            if self.bytes >= size(&cut) {
                self.bytes -= size(&cut);
                return Some(cut);
            }
            // Its quotes and the ellipsis, or escapes, which are longer than what they stand for.
            end = end.saturating_sub(5).min(end / 10 * 9);
        }
        None
    }

    /// Takes room, unless there is not enough, or something before was left out.
    fn take(&mut self, bytes: usize) -> Option<()> {
        let left = self.bytes.checked_sub(bytes).filter(|_| !self.is_full);
        self.is_full = left.is_none();
        self.bytes = left?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_is_whole() {
        for json in [
            json!(null),
            json!("text"),
            json!({ "a": [1, true, { "b": "c" }], "d": {} }),
        ] {
            let Excerpt {
                json: kept, is_cut, ..
            } = Excerpt::of(&json, 100);
            assert_eq!((kept, is_cut), (json, false));
        }
    }

    #[test]
    fn what_is_larger_keeps_its_beginning_within_the_limit() {
        let items: Vec<_> = (0..1000)
            .map(|n| json!({ "name": n, "text": "ä\n" }))
            .collect();
        for (json, beginning) in [
            (
                json!({ "a": 1, "items": items, "last": 1 }),
                r#"{"a":1,"items":[{"name":0,"#,
            ),
            (json!("ä".repeat(1000)), "\"ää"),
            (json!("\u{1}".repeat(1000)), r#""\u0001"#),
            (json!(items), r#"[{"name":0,"text":"ä\n"},{"name":1"#),
        ] {
            for limit in [100, 1000] {
                let Excerpt {
                    json: kept,
                    is_cut,
                    bytes,
                } = Excerpt::of(&json, limit);
                let text = kept.to_string();
                assert!(is_cut && text.starts_with(beginning), "{text}");
                assert!((limit / 2..=limit).contains(&bytes), "{limit}: {text}");
                assert!(text.len() <= bytes, "{bytes}: {text}");
                assert!(!text.contains("last"), "{text}");
            }
        }
        let nothing = Excerpt::of(&json!([1]), 0);
        assert_eq!((nothing.json, nothing.is_cut), (Json::Null, true));
    }
}
