//! Keeps secrets out of texts that come back from where they were sent: a server may repeat them in an error, and a
//! component may be hostile.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::{Argument, Failure, Value};

/// What a redacted secret is replaced by, in every language.
pub const REDACTED: &str = "***";

/// Secrets with fewer bytes than this are not redacted: they are found in ordinary words, and short enough to be guessed.
pub const MIN_SECRET: usize = 4;

/// What a text ends with where it was cut.
const CUT: &[u8] = "…".as_bytes();

/// The longest escape that can be cut as well, in bytes: `\ud83d\ude0`.
const MAX_CUT_ESCAPE: usize = 11;

/// Replaces secrets in texts, in the encodings in which they are sent: as they are, percent-encoded (also as in forms), as
/// in JSON, and in base64, alone or as part of more, such as `client_id:secret` (RFC 7617). What was encoded twice with
/// different ones of these is mostly found as well. So is the beginning of a secret that is left before the `…` of a text
/// that was cut.
///
/// A component that changes a secret in another way, or returns it in parts, is not stopped: what it can reach is limited by
/// its grant.
///
/// ```
/// use action_types::{Argument, Redactor};
///
/// let redactor = Redactor::of(&[Argument::secret("client-secret", "hush!")]);
/// assert_eq!(redactor.redact("hush! is wrong, in base64 aHVzaCE="), "*** is wrong, in base64 ***");
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<SecretString>,
    /// What is left of their base64 whatever surrounds them.
    base64: Vec<SecretString>,
}

impl Redactor {
    /// For the secrets among these arguments.
    pub fn of(arguments: &[Argument]) -> Self {
        let mut redactor = Self::default();
        for argument in arguments {
            match &argument.value {
                Value::Text(_) => {}
                Value::Secret(secret) => redactor.add(secret),
                Value::Token(token) => redactor.add(&token.access_token),
                Value::Session(session) => redactor.add(&session.token),
            }
        }
        redactor
    }

    /// Adds a secret. White space around it is ignored, as actions ignore it.
    pub fn add(&mut self, secret: &SecretString) {
        let secret = secret.expose_secret().trim();
        let is_known = |known: &SecretString| known.expose_secret() == secret;
        if secret.len() < MIN_SECRET || self.secrets.iter().any(is_known) {
            return;
        }
        self.secrets.push(secret.into());
        // In `client_id:secret`, both may be encoded as in a form first (RFC 6749, section 2.3.1).
        let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.base64.extend(base64_parts(secret));
        if in_form != secret {
            self.base64.extend(base64_parts(&in_form));
        }
    }

    /// Whether a text contains a secret.
    pub fn finds(&self, text: &str) -> bool {
        !self.found(text).is_empty()
    }

    /// The text with [`REDACTED`] instead of each secret.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self.found(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut redacted = String::new();
        let mut rest = 0;
        for Range { start, end } in found {
            redacted.push_str(&text[rest..start]);
            redacted.push_str(REDACTED);
            rest = end;
        }
        redacted.push_str(&text[rest..]);
        Cow::Owned(redacted)
    }

    /// Redacts a text in place.
    pub fn redact_in(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.redact(text) {
            *text = redacted;
        }
    }

    /// Redacts every text of a failure.
    pub fn redact_failure(&self, failure: &mut Failure) {
        let details = failure.details.iter_mut();
        details
            .flat_map(|(name, value)| [name, value])
            .chain([&mut failure.code, &mut failure.message])
            .chain(failure.field.as_mut())
            .for_each(|text| self.redact_in(text));
    }

    /// Where the secrets are, in order and without overlaps.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.secrets.is_empty() || text.len() < MIN_SECRET {
            return found;
        }
        for view in View::all(text) {
            for secret in &self.secrets {
                view.find(secret.expose_secret(), false, &mut found);
            }
            let view = view.in_standard_base64();
            for part in &self.base64 {
                view.find(part.expose_secret(), true, &mut found);
            }
        }
        for range in &mut found {
            while !text.is_char_boundary(range.start) {
                range.start -= 1;
            }
            while !text.is_char_boundary(range.end) {
                range.end += 1;
            }
        }
        found.sort_by_key(|range| range.start);
        found.dedup_by(|next, previous| {
            let overlaps = next.start <= previous.end;
            if overlaps {
                previous.end = previous.end.max(next.end);
            }
            overlaps
        });
        found
    }
}

/// The base64 of a text, at each of the three positions that it can have among what surrounds it, without the digits that
/// depend on that.
fn base64_parts(text: &str) -> impl Iterator<Item = SecretString> {
    (0..3).filter_map(move |before| {
        let surrounded = [&[0; 2][..before], text.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&surrounded);
        let whole = (before * 8).div_ceil(6)..surrounded.len() * 8 / 6;
        encoded.get(whole).map(Into::into)
    })
}

/// A text after one way of decoding it, with the place in the text that each byte comes from.
struct View {
    bytes: Vec<u8>,
    /// One more than there are bytes.
    from: Vec<usize>,
}

impl View {
    /// All ways of decoding that change the text.
    fn all(text: &str) -> Vec<Self> {
        let bytes = text.as_bytes();
        let mut views = vec![Self {
            bytes: bytes.to_vec(),
            from: (0..=bytes.len()).collect(),
        }];
        if bytes.contains(&b'%') {
            views.push(Self::new(bytes, percent_decoded));
        }
        // The space of forms.
        if bytes.contains(&b'+') {
            let form = |rest: &[u8]| match rest {
                [b'+', ..] => Some(([b' ', 0, 0, 0], 1, 1)),
                rest => percent_decoded(rest),
            };
            views.push(Self::new(bytes, form));
        }
        if bytes.contains(&b'\\') {
            views.push(Self::new(bytes, unescaped));
        }
        views
    }

    /// `decode` returns what an escape at the beginning stands for, of which length in bytes, and the length of the escape.
    fn new(text: &[u8], decode: impl Fn(&[u8]) -> Option<Decoded>) -> Self {
        let mut view = Self {
            bytes: Vec::new(),
            from: Vec::new(),
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let (bytes, count, length) = decode(rest).unwrap_or(([rest[0], 0, 0, 0], 1, 1));
            view.bytes.extend(&bytes[..count]);
            view.from.extend(std::iter::repeat_n(at, count));
            at += length;
        }
        view.from.push(text.len());
        view
    }

    /// With the digits of base64url as those of base64.
    fn in_standard_base64(mut self) -> Self {
        for byte in &mut self.bytes {
            *byte = match *byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            };
        }
        self
    }

    /// Finds `needle`, and its beginnings where the text was cut; of base64, with the digits around them.
    fn find(&self, needle: &str, is_base64: bool, found: &mut Vec<Range<usize>>) {
        let needle = needle.as_bytes();
        let first = needle.first();
        let more = |byte: u8| is_base64 && (byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        // `MIN_SECRET` bytes take two more characters in base64.
        let min = MIN_SECRET + usize::from(is_base64) * 2;
        let mut at = 0;
        while let Some(next) = self.bytes[at..].iter().position(|byte| Some(byte) == first) {
            at += next;
            let same = self.bytes[at..].iter().zip(needle);
            let same = same.take_while(|(byte, other)| byte == other).count();
            let length = if same == needle.len() {
                Some(same)
            } else {
                // The start of a truncated escape can match the next bytes of the secret: shorter matches are tried, too.
                let ends = (min..=same).rev().take(MAX_CUT_ESCAPE + 1);
                ends.into_iter().find(|length| self.is_cut(at + length))
            };
            let Some(length) = length else {
                at += 1;
                continue;
            };
            let (mut start, mut end) = (at, at + length);
            while start > 0 && more(self.bytes[start - 1]) {
                start -= 1;
            }
            while self.bytes.get(end).is_some_and(|byte| more(*byte)) {
                end += 1;
            }
            found.push(self.from[start]..self.from[end]);
            at = end;
        }
    }

    /// Whether the text was cut here, or in an escape that begins here.
    fn is_cut(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let is_escape = rest.starts_with(b"%") || rest.starts_with(b"\\");
        let longest = usize::from(is_escape) * MAX_CUT_ESCAPE;
        let mut ends = rest.windows(CUT.len()).take(longest + 1);
        ends.any(|end| end == CUT)
    }
}

/// Up to four bytes, how many they are, and the length of the escape that stands for them.
type Decoded = ([u8; 4], usize, usize);

fn percent_decoded(rest: &[u8]) -> Option<Decoded> {
    let [b'%', high, low, ..] = rest else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = digit(*high)? * 16 + digit(*low)?;
    Some(([u8::try_from(byte).ok()?, 0, 0, 0], 1, 3))
}

/// An escape of JSON (RFC 8259, section 7), or of Rust's `Debug`.
fn unescaped(rest: &[u8]) -> Option<Decoded> {
    let [b'\\', kind, ..] = rest else {
        return None;
    };
    let one = |byte: u8| Some(([byte, 0, 0, 0], 1, 2));
    match kind {
        b'"' | b'\\' | b'/' | b'\'' => one(*kind),
        b'b' => one(8),
        b'f' => one(12),
        b'n' => one(b'\n'),
        b'r' => one(b'\r'),
        b't' => one(b'\t'),
        b'u' => unicode(rest),
        _ => None,
    }
}

/// `\u0041`, a surrogate pair of two of these, or `\u{41}`.
fn unicode(rest: &[u8]) -> Option<Decoded> {
    let number = |digits: &[u8]| u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let unit = |at: usize| {
        let escape = rest.get(at..at + 6)?;
        number(escape.strip_prefix(b"\\u")?)
    };
    let (scalar, length) = if rest.get(2) == Some(&b'{') {
        let end = rest.iter().take(12).position(|byte| *byte == b'}')?;
        (number(&rest[3..end])?, end + 1)
    } else {
        match (unit(0)?, unit(6)) {
            (high @ 0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                (0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12)
            }
            (scalar, _) => (scalar, 6),
        }
    };
    let mut bytes = [0; 4];
    let count = char::from_u32(scalar)?.encode_utf8(&mut bytes).len();
    Some((bytes, count, length))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

    use super::*;

    /// With characters that each encoding changes.
    const SECRETS: [&str; 4] = ["c4nary-+/?&=% \"\\ü😀~", "p_4~Ss.w0rd", "hush", "ÄÖ\tÜ"];

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        for secret in SECRETS {
            redactor.add(&secret.into());
        }
        redactor
    }

    fn percent(text: &str, keep: impl Fn(u8) -> bool, lower: bool) -> String {
        let encoded = text.bytes().map(|byte| match byte {
            _ if keep(byte) => char::from(byte).to_string(),
            _ if lower => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        });
        encoded.collect::<Vec<_>>().concat()
    }

    /// Every encoding in which a secret is sent.
    fn encodings(secret: &str) -> Vec<String> {
        let in_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let ascii_json: Vec<_> = secret
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        let mut encodings = vec![
            secret.to_owned(),
            percent(secret, unreserved, false),
            percent(secret, unreserved, true),
            percent(secret, |_| false, false),
            secret
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\t', "\\t"),
            ascii_json.concat(),
            format!("{secret:?}"),
            secret.escape_unicode().to_string(),
        ];
        for before in [
            "",
            "i",
            "id",
            "id:",
            "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60:",
        ] {
            for after in ["", ";", "ab", "abc"] {
                for secret in [secret, &in_form] {
                    let text = [before, secret, after].concat();
                    encodings.push(STANDARD.encode(&text));
                    encodings.push(URL_SAFE.encode(&text));
                    encodings.push(URL_SAFE_NO_PAD.encode(&text));
                    encodings.push(percent(&STANDARD.encode(&text), unreserved, false));
                }
            }
        }
        encodings.push(in_form);
        encodings
    }

    #[test]
    fn secrets_are_redacted_in_the_encodings_in_which_they_are_sent() {
        for secret in SECRETS {
            for encoded in encodings(secret) {
                let quotes = if encoded.starts_with('"') { "\"" } else { "" };
                for (before, after) in [("", ""), ("it is ", ", they say"), ("ü: <", ">😀")] {
                    let text = [before, &encoded, after].concat();
                    let expected = [before, quotes, REDACTED, quotes, after].concat();
                    assert_eq!(redactor().redact(&text), expected, "{secret} as {encoded}");
                }
            }
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_redacted_where_a_text_was_cut() {
        let long = "c4nary-+/?&=% \"\\ü😀~c4nary-+/?&=% \"\\ü😀~";
        let mut redactor = Redactor::default();
        redactor.add(&long.into());
        for encoded in encodings(long) {
            let characters = encoded.chars().count();
            for cut in 1..characters {
                let kept: String = encoded.chars().take(cut).collect();
                let text = format!("it is {kept}… (c-1)");
                let redacted = redactor.redact(&text);
                assert!(redacted.ends_with("… (c-1)"), "{redacted}");
                assert!(!redacted.contains("c4na"), "{encoded}: {redacted}");
                // What is before the secret in base64, and at most three bytes of it.
                assert!(redacted.chars().count() < 80, "{encoded}: {redacted}");
            }
        }
        for (text, expected) in [
            ("c4nary…", "***…"),
            ("c4na…", "***…"),
            ("c4n…", "c4n…"),
            ("c4na, …", "c4na, …"),
            ("c4na...", "c4na..."),
            ("c4nary-%2B%2…", "***%2…"),
            // `c4nary` and `id:c4nary`.
            ("YzRuYXJ5…", "***…"),
            ("aWQ6YzRuYXJ5… or c4nary-…", "***… or ***…"),
            ("aWQ6YzRuY…", "aWQ6YzRuY…"),
        ] {
            assert_eq!(redactor.redact(text), expected);
        }
    }

    #[test]
    fn texts_without_secrets_stay_as_they_are() {
        for text in [
            "",
            "hus",
            "100 % of \\ and + and %zz and \\u12 and \\u{110000} and \\ud800",
            "QUJDREVGR0g=",
        ] {
            assert!(
                matches!(redactor().redact(text), Cow::Borrowed(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn secrets_of_fewer_than_four_bytes_are_not_redacted() {
        let mut redactor = Redactor::default();
        redactor.add(&"abc".into());
        redactor.add(&" a ".into());
        assert!(!redactor.finds("abc a"));
        redactor.add(&"abcd".into());
        assert!(redactor.finds("abcd"));
    }

    #[test]
    fn secrets_that_overlap_are_redacted_as_one() {
        let mut redactor = Redactor::default();
        for secret in ["abcdef", "defghi", "ghijkl"] {
            redactor.add(&secret.into());
        }
        assert_eq!(redactor.redact("<abcdefghijkl> abcdef"), "<***> ***");
    }

    #[test]
    fn every_text_of_a_failure_is_redacted() {
        let text = || "a hush b".to_owned();
        let mut failure = Failure {
            code: text(),
            field: Some(text()),
            retry: crate::Retry::Never,
            message: text(),
            details: vec![(text(), text())],
        };
        redactor().redact_failure(&mut failure);
        assert!(!format!("{failure:?}").contains("hush"), "{failure:?}");
    }
}
