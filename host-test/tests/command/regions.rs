//! `bot-runner regions`.

use genesys_sim::Region;
use serde_json::{Value, json};

use crate::support::{Ended, bot_runner};

#[test]
fn the_regions_are_those_of_the_simulation() {
    let ended = Ended::of(bot_runner().args(["regions", "--json"]));
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    let mut expected: Vec<Value> = Region::ALL
        .iter()
        .map(|region| {
            json!({
                "name": region.name(),
                "login-host": format!("login.{}", region.domain()),
                "api-host": format!("api.{}", region.domain()),
            })
        })
        .collect();
    let mut regions = ended.json()["regions"].as_array().unwrap().clone();
    for list in [&mut expected, &mut regions] {
        list.sort_by_key(|region| region["name"].to_string());
    }
    assert_eq!(regions, expected);
}

#[test]
fn people_see_a_line_for_each_region() {
    let ended = Ended::of(bot_runner().arg("regions"));
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
}
