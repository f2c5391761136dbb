//! The module `members` compared with `serde_json::Value`, for any bytes. The fuzz target `token` includes this file.

use std::collections::BTreeMap;
use std::fmt;

use oauth_authentication::error::Reason;
use oauth_authentication::members::Members;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// How deep lists and objects may be nested.
const MAX_NESTING: usize = 32;

/// The errors of `serde_json` for a number that does not fit into an `f64`, and for a string with a lone surrogate.
/// Both are JSON; the module accepts them in members that are not read.
const NO_VALUE: [&str; 3] = [
    "number out of range",
    "lone leading surrogate",
    "unexpected end of hex escape",
];

/// For any bytes, both agree on what is JSON, what is an object, and on each member whose name occurs once. The module
/// ignores members whose name occurs twice, and limits the nesting.
pub(crate) fn assert_agree(bytes: &[u8]) {
    let ours = Members::parse(bytes);
    let theirs = match serde_json::from_slice::<Value>(bytes) {
        Ok(theirs) => theirs,
        Err(error) => {
            let error = error.to_string();
            if !NO_VALUE.iter().any(|known| error.starts_with(known)) {
                assert_eq!(ours.unwrap_err(), Reason::NotJson, "serde_json: {error}");
            }
            return;
        }
    };
    if nesting(&theirs) > MAX_NESTING {
        assert_eq!(ours.unwrap_err(), Reason::NotJson);
    } else if theirs.is_object() {
        let expected = serde_json::from_slice::<AllMembers>(bytes).expect("an object");
        assert_same_members(&ours.expect("an object"), expected);
    } else {
        assert_eq!(ours.unwrap_err(), Reason::MalformedAnswer);
    }
}

fn assert_same_members(ours: &Members, expected: AllMembers) {
    for (name, mut values) in expected.0 {
        let (text, number) = (ours.text(&name), ours.number(&name));
        let value = values.pop().filter(|_| values.is_empty());
        let expected_text = value.as_ref().and_then(Value::as_str);
        assert_eq!(
            text.as_deref(),
            expected_text.filter(|text| !text.trim().is_empty()),
            "{name:?}"
        );
        assert!(
            is_same_number(number, value.as_ref()),
            "{name:?}: {number:?}, {value:?}"
        );
    }
}

#[allow(clippy::cast_precision_loss, reason = "compared with a tolerance")]
fn is_same_number(ours: Option<u64>, expected: Option<&Value>) -> bool {
    let Some(Value::Number(expected)) = expected else {
        return ours.is_none();
    };
    match (ours, expected.as_u64(), expected.as_f64()) {
        (Some(ours), Some(expected), _) => ours == expected,
        // The module drops the fraction, and limits what does not fit.
        (Some(ours), None, Some(expected)) => {
            let difference = (ours as f64 - expected.min(u64::MAX as f64)).abs();
            expected >= 0.0 && difference <= 1.0 + expected * f64::EPSILON
        }
        // Negative, or with an exponent.
        (None, expected, _) => expected.is_none(),
        (Some(_), None, None) => false,
    }
}

/// How deep lists and objects are nested.
fn nesting(value: &Value) -> usize {
    let inner = match value {
        Value::Array(values) => values.iter().map(nesting).max(),
        Value::Object(members) => members.values().map(nesting).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// All values of each member.
struct AllMembers(BTreeMap<String, Vec<Value>>);

impl<'de> Deserialize<'de> for AllMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = AllMembers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AllMembers, A::Error> {
                let mut members: BTreeMap<String, Vec<Value>> = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.entry(name).or_default().push(value);
                }
                Ok(AllMembers(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
