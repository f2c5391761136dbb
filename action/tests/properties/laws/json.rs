//! The module `json` against `serde_json`, for any bytes. The fuzz target `token` includes this file.

use std::collections::BTreeMap;
use std::fmt;

use oauth_authentication::error::Reason;
use oauth_authentication::json::{Object, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

/// How deep the module reads.
const MAX_DEPTH: usize = 32;

/// What must hold for any bytes: the two agree on what is JSON, what is an object, and on each member
/// that is there once.
///
/// Where they differ is known: the module is stricter about depth, it believes no member that is there
/// twice, and it takes no notice of numbers too large for an `f64`.
pub(crate) fn assert_agree(bytes: &[u8]) {
    let ours = Object::parse(bytes);
    let theirs = match serde_json::from_slice::<Json>(bytes) {
        Ok(theirs) => theirs,
        Err(error) if error.to_string().starts_with("number out of range") => return,
        Err(error) => {
            assert_eq!(ours.unwrap_err(), Reason::NotJson, "serde_json: {error}");
            return;
        }
    };
    if depth(bytes) > MAX_DEPTH {
        assert_eq!(ours.unwrap_err(), Reason::NotJson);
    } else if theirs.is_object() {
        let members = serde_json::from_slice::<Members>(bytes).expect("an object");
        assert_same_members(&ours.expect("an object"), members);
    } else {
        assert_eq!(ours.unwrap_err(), Reason::MalformedAnswer);
    }
}

fn assert_same_members(ours: &Object, theirs: Members) {
    for (name, mut values) in theirs.0 {
        let found = ours.get(&name);
        match (values.pop(), values.is_empty()) {
            (Some(value), true) => {
                let found = found.unwrap_or_else(|| panic!("{name:?} is there"));
                assert!(is_same(found, &value), "{name:?}: {found:?}, {value}");
                let text = value.as_str().filter(|text| !text.trim().is_empty());
                assert_eq!(ours.text(&name), text);
            }
            _ => assert_eq!(
                (found, ours.text(&name)),
                (None, None),
                "{name:?} is there twice"
            ),
        }
    }
}

fn is_same(ours: &Value, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Value::Text(ours), Json::String(theirs)) => ours == theirs,
        (Value::Number(ours), Json::Number(theirs)) => match (theirs.as_u64(), theirs.as_f64()) {
            (Some(theirs), _) => *ours == theirs,
            // What is behind the point is cut off, and so is what is larger than there is.
            (None, Some(theirs)) => {
                let difference = (*ours as f64 - theirs.min(u64::MAX as f64)).abs();
                theirs >= 0.0 && difference <= 1.0 + theirs * f64::EPSILON
            }
            (None, None) => false,
        },
        // With a sign or with an exponent.
        (Value::Other, Json::Number(theirs)) => theirs.as_u64().is_none(),
        (Value::Other, theirs) => !theirs.is_string(),
        _ => false,
    }
}

/// How deep lists and objects are nested in a text that is JSON.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
    }
    deepest
}

/// The values of each member, all of them.
struct Members(BTreeMap<String, Vec<Json>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: BTreeMap<String, Vec<Json>> = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.entry(name).or_default().push(value);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
