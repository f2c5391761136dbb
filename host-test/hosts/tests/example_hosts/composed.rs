//! The bot that is a component: it is an action for each host.

use std::fs;
use std::path::{Path, PathBuf};

use hosts::Host;
use serde_json::{Value, json};
use test_peers::{Test, tests};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

use super::fixture::{Fixture, answer, target};

pub(crate) const TESTS: &[Test] = tests![
    a_composed_bot_runs_both_actions,
    a_composed_bot_reports_the_failure_of_its_action,
    the_harness_loads_a_composed_bot,
];

async fn a_composed_bot_runs_both_actions() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let answer = check(host, &fixture, &fixture.credentials());
        let lifetime = &answer["success"]["outputs"]["lifetime"];
        assert_eq!(lifetime, "86400", "{host:?}: {answer}");
        assert_eq!(answer["success"]["session"], Value::Null);
        assert_eq!(fixture.opened_and_closed(), (1, 1), "{host:?}");
    }
}

async fn a_composed_bot_reports_the_failure_of_its_action() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let mut arguments = fixture.credentials();
        arguments[0]["text"] = "https://apps.example.com".into();
        let answer = check(host, &fixture, &arguments);
        assert_eq!(
            answer["failure"]["code"], "invalid-input",
            "{host:?}: {answer}"
        );
        assert_eq!(answer["failure"]["field"], "url");
        assert_eq!(fixture.opened_and_closed(), (0, 0), "{host:?}");
    }
}

async fn the_harness_loads_a_composed_bot() {
    let fixture = Fixture::new().await;
    let composed = fs::read(compose(&fixture, "check_credentials")).unwrap();
    let host = action_host::Host::builder().build().unwrap();
    let actions = host.load(&composed).unwrap().actions("en").await.unwrap();
    assert_eq!(actions[0].name, "check-credentials");
}

fn check(host: Host, fixture: &Fixture, arguments: &[Value]) -> Value {
    let call = json!({ "action": "check-credentials", "arguments": arguments });
    let mut request = fixture.request(&[call]);
    request["component"] = compose(fixture, "check_credentials")
        .to_str()
        .unwrap()
        .into();
    answer(host, &request)["results"][0].clone()
}

/// A guest, composed with the action as `wac plug` does it.
pub(crate) fn compose(fixture: &Fixture, guest: &str) -> PathBuf {
    let mut graph = CompositionGraph::new();
    let mut package = |name, file: &Path| {
        let package = Package::from_file(name, None, file, graph.types_mut()).unwrap();
        graph.register_package(package).unwrap()
    };
    let guest = package("guest", &hosts::guest(&target(), guest));
    let action = package("action", &fixture.file("action.wasm"));
    wac_graph::plug(&mut graph, vec![action], guest).unwrap();
    let composed = fixture.file("composed.wasm");
    fs::write(&composed, graph.encode(EncodeOptions::default()).unwrap()).unwrap();
    composed
}
