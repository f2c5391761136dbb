//! The module `members` agrees with `serde_json::Value`.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Number, Value};

use crate::laws::members::assert_agree;
use crate::{character, config, mutated, text};

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<u64>().prop_map(Number::from),
        any::<i64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("no number", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        text(12).prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((text(4), inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((text(4), value()), 0..5)
        .prop_map(|members| Value::Object(Map::from_iter(members)))
}

fn written(value: &Value, pretty: bool) -> String {
    if pretty {
        format!("\r\n\t{value:#} ")
    } else {
        value.to_string()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn on_any_value(value in prop_oneof![object(), value()], pretty in any::<bool>()) {
        assert_agree(written(&value, pretty).as_bytes());
    }

    #[test]
    fn on_any_object_with_one_character_changed(
        (object, pretty) in (object(), any::<bool>()),
        (at, with, insert) in (any::<Index>(), character(), any::<bool>()),
    ) {
        let json = written(&object, pretty);
        assert_agree(mutated(&json, 0, json.len(), at, with, insert).as_bytes());
    }

    #[test]
    fn on_any_object_that_is_cut_off(object in object(), at in any::<Index>()) {
        let json = object.to_string().into_bytes();
        assert_agree(&json[..at.index(json.len())]);
    }

    #[test]
    fn on_members_that_occur_twice(members in prop::collection::vec(("[ab]", value()), 0..4)) {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        assert_agree(format!("{{{}}}", members.join(",")).as_bytes());
    }

    #[test]
    fn on_anything_like_a_number(number in "-?(0?[0-9]{0,2}|[0-9]{0,25})(\\.[0-9]{0,20})?([eE][+-]?[0-9]{0,3})?") {
        assert_agree(format!("{{\"n\":{number}}}").as_bytes());
    }

    #[test]
    fn on_anything_like_a_string(string in "([ !#-\\[\\]-~]|\\\\[\"\\\\/bfnrtux]|\\\\u[dD][89a-fA-F][0-9a-f]{2}(\\\\u[0-9a-f]{4})?|\\\\u[0-9a-f]{4}|ü|😀){0,8}") {
        assert_agree(format!("{{\"s\":\"{string}\"}}").as_bytes());
    }

    #[test]
    fn at_any_depth(depth in 0..200_usize, lists in any::<bool>()) {
        let (open, close) = if lists { ("[", "]") } else { ("{\"a\":", "}") };
        let json = format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth));
        assert_agree(json.as_bytes());
    }

    #[test]
    fn on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        assert_agree(&bytes);
    }
}
