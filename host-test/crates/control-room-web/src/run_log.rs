//! The log of a run: an append-only, bounded list of entries in the language of the user who started it.

use std::sync::Arc;

use super::messages;
use bot_engine::{Excerpt, Language};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;

/// The most entries of a log. A bot has at most 1000 steps; the rest are warnings, waits and notes.
const MAX_ENTRIES: usize = 2500;

/// The limit of all texts of a log, in bytes.
const MAX_TEXTS: usize = 256 << 10;

/// The longest text of one entry, in characters.
const MAX_TEXT: usize = 2000;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Warning,
    Done,
    Failed,
    Waiting,
    Note,
    Stopped,
    /// The beginning of a test.
    Test,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The time, in milliseconds since 1970.
    pub(super) at: i64,
    pub(super) kind: Kind,
    /// The number of its step, if it is about one.
    pub(super) step: Option<usize>,
    /// The action of the step, if known.
    pub(super) action: Option<String>,
    /// The name that the designer gave the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The duration of the step, in milliseconds.
    pub(super) took: Option<u64>,
    pub(super) text: String,
    /// The wait before the next attempt, in milliseconds. Neither this nor the output is stored.
    #[serde(skip)]
    pub(super) wait: Option<u64>,
    /// In the editor: what the step returned.
    #[serde(skip)]
    pub(super) output: Option<Arc<Output>>,
}

/// What a step returned.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    /// As text: a tree of small values takes a hundred times as much memory.
    json: Box<RawValue>,
    is_cut: bool,
}

impl Output {
    pub(super) fn of(excerpt: &Excerpt) -> Option<Self> {
        // JSON whose keys are texts can always be written.
        let json = serde_json::value::to_raw_value(&excerpt.json).ok()?;
        Some(Self {
            json,
            is_cut: excerpt.is_cut,
        })
    }
}

impl PartialEq for Output {
    fn eq(&self, other: &Self) -> bool {
        self.json.get() == other.json.get() && self.is_cut == other.is_cut
    }
}

impl Eq for Output {}

impl Entry {
    pub(super) fn new(kind: Kind, step: Option<usize>, text: String) -> Self {
        Self {
            at: milliseconds(OffsetDateTime::now_utc()),
            kind,
            step,
            action: None,
            name: None,
            took: None,
            text,
            wait: None,
            output: None,
        }
    }
}

pub(super) fn milliseconds(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// The log of one run.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
    texts: usize,
    /// The number of entries beyond the limits.
    left_out: usize,
}

impl Log {
    /// Adds an entry, if the limits allow; the end of a run is always added.
    pub(super) fn push(&mut self, mut entry: Entry) {
        if let Some((end, _)) = entry.text.char_indices().nth(MAX_TEXT) {
            entry.text.truncate(end);
            entry.text.push('…');
        }
        let is_full =
            self.entries.len() >= MAX_ENTRIES || self.texts + entry.text.len() > MAX_TEXTS;
        if is_full && !matches!(entry.kind, Kind::Failed | Kind::Stopped) {
            self.left_out += 1;
            return;
        }
        self.texts += entry.text.len();
        self.entries.push(entry);
    }

    /// Drops what the steps returned.
    pub(super) fn drop_outputs(&mut self) {
        for entry in &mut self.entries {
            entry.output = None;
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries so far as JSON.
    pub(super) fn so_far(&self) -> String {
        serde_json::to_string(&self.entries).unwrap_or_default()
    }

    /// The log as JSON, with a last entry if some were left out.
    pub(super) fn finished(&mut self, language: Language) -> String {
        if self.left_out > 0 {
            let text = messages::run_left_out(language, self.left_out);
            self.entries.push(Entry::new(Kind::Note, None, text));
            self.left_out = 0;
        }
        self.so_far()
    }
}

/// The entries of a stored log; none if its run was cut off.
pub(super) fn from_json(log: &str) -> Vec<Entry> {
    serde_json::from_str(log).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_bounded_and_always_includes_its_end() {
        let mut log = Log::default();
        for step in 0..2 * MAX_ENTRIES {
            log.push(Entry::new(Kind::Done, Some(step), "ä".repeat(3000)));
        }
        log.push(Entry::new(Kind::Failed, Some(1), "the end".into()));
        assert!(log.texts <= MAX_TEXTS + MAX_TEXT, "{}", log.texts);
        assert!(log.entries().len() < MAX_ENTRIES);
        assert_eq!(log.left_out + log.entries().len(), 2 * MAX_ENTRIES + 1);
        assert_eq!(log.entries().last().unwrap().text, "the end");
        let left_out = log.left_out;
        assert_eq!(log.entries()[0].text.chars().count(), MAX_TEXT + 1);
        assert_eq!(from_json(&log.finished(Language::English)), log.entries());
        let last = &log.entries().last().unwrap().text;
        assert_eq!(*last, format!("{left_out} more entries are not shown."));
    }
}
