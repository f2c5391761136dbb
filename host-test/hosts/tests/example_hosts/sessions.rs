//! Sessions, and what the host must stop or refuse. Each test runs in every host.

use std::fs;
use std::net::TcpListener;

use genesys_sim::{GenesysCloud, Options};
use serde_json::{Value, json};
use test_peers::{Test, tests};

use super::fixture::{Fixture, answer};

pub(crate) const TESTS: &[Test] = tests![
    a_session_is_opened_and_closed,
    each_call_has_an_instance_of_its_own,
    a_request_that_is_not_granted_is_not_sent,
    requests_are_counted,
    only_the_given_ca_is_trusted,
    a_silent_server_ends_at_the_deadline,
    a_result_that_is_too_large_is_withheld,
    a_call_needs_the_documented_memory,
    a_component_that_is_no_action_is_refused,
];

async fn a_session_is_opened_and_closed() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let opened = answer(host, &fixture.request(&[fixture.opening()]));
        let mut session = opened["results"][0]["success"]["session"].clone();
        assert_eq!(session["change"], "opened", "{host:?}: {opened}");
        assert_eq!(session["base-url"], "https://api.mypurecloud.de");
        session.as_object_mut().unwrap().remove("change");
        let closing = json!({
            "action": "disconnect",
            "arguments": [{ "name": "session-name", "session": session }],
        });
        let closed = answer(host, &fixture.request(&[closing]));
        let expected = json!({ "success": { "outputs": {}, "session": { "change": "closed" } } });
        assert_eq!(closed["results"][0], expected, "{host:?}");
        assert_eq!(fixture.opened_and_closed(), (1, 1), "{host:?}");
    }
}

async fn each_call_has_an_instance_of_its_own() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let mut wrong = fixture.opening();
        wrong["arguments"][2]["secret"] = "canary-of-the-first-call".into();
        let answer = answer(host, &fixture.request(&[wrong, fixture.opening()]));
        assert_eq!(
            answer["results"][0]["failure"]["code"], "rejected",
            "{host:?}: {answer}"
        );
        assert_eq!(answer["results"][0]["failure"]["retry"], "never");
        assert_eq!(
            answer["results"][1]["success"]["session"]["change"],
            "opened"
        );
        assert!(!answer.to_string().contains("canary"), "{host:?}: {answer}");
    }
}

async fn a_request_that_is_not_granted_is_not_sent() {
    for host in hosts::ALL {
        for (member, other) in [
            ("hosts", "login.mypurecloud.com"),
            ("methods", "GET"),
            ("paths", "/oauth"),
            ("headers", "x-other"),
        ] {
            let fixture = Fixture::new().await;
            let mut request = fixture.request(&[fixture.opening()]);
            request["grant"][0][member] = json!([other]);
            let answer = answer(host, &request);
            let failure = &answer["results"][0]["failure"];
            assert_eq!(
                failure["code"], "not-permitted",
                "{host:?}, {member}: {answer}"
            );
            assert_eq!(fixture.opened_and_closed(), (0, 0), "{host:?}, {member}");
        }
    }
}

async fn requests_are_counted() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let failure = with_limit(&fixture, host, "requests", 0);
        assert_eq!(
            failure["failure"]["code"], "unavailable",
            "{host:?}: {failure}"
        );
        assert_eq!(fixture.opened_and_closed(), (0, 0), "{host:?}");
    }
}

async fn only_the_given_ca_is_trusted() {
    let other = GenesysCloud::start(Options::default()).await.unwrap();
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let mut request = fixture.request(&[fixture.opening()]);
        request["ca"] = other.ca_certificate().pem().into();
        let answer = answer(host, &request);
        // Both CAs have the same name, so that some hosts report a bad signature rather than an unknown issuer.
        let failure = &answer["results"][0]["failure"];
        assert_eq!(failure["code"], "untrusted-server", "{host:?}: {answer}");
        assert_eq!(fixture.opened_and_closed(), (0, 0), "{host:?}");
    }
}

async fn a_silent_server_ends_at_the_deadline() {
    // The system accepts the connection; nobody reads.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let mut request = fixture.request(&[fixture.opening()]);
        request["connect"] = silent.local_addr().unwrap().to_string().into();
        request["limits"]["deadline-ms"] = 1_000.into();
        let answer = answer(host, &request);
        assert_eq!(
            answer["results"][0]["stopped"], "deadline",
            "{host:?}: {answer}"
        );
    }
}

async fn a_result_that_is_too_large_is_withheld() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let result = with_limit(&fixture, host, "output-bytes", 100);
        assert_eq!(result["stopped"], "too-large", "{host:?}: {result}");
    }
}

async fn a_call_needs_the_documented_memory() {
    let guide = include_str!("../../../docs/hosts.md").replace('\n', " ");
    assert!(guide.contains("192 KiB of linear memory; 128 KiB are not enough"));
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        let result = with_limit(&fixture, host, "memory-bytes", 192 << 10);
        assert!(result["success"].is_object(), "{host:?}: {result}");
        let result = with_limit(&fixture, host, "memory-bytes", 128 << 10);
        let stopped = result["stopped"].as_str();
        assert!(
            matches!(stopped, Some("memory" | "trap")),
            "{host:?}: {result}"
        );
    }
}

async fn a_component_that_is_no_action_is_refused() {
    for host in hosts::ALL {
        let fixture = Fixture::new().await;
        for bytes in [&b"\0asm\x0d\0\x01\0"[..], b"\0asm\x01\0\0\0", b"junk"] {
            let file = fixture.file("other.wasm");
            fs::write(&file, bytes).unwrap();
            let mut request = fixture.request(&[fixture.opening()]);
            request["component"] = file.to_str().unwrap().into();
            let answer = answer(host, &request);
            assert!(answer["refused"].is_string(), "{host:?}: {answer}");
        }
    }
}

/// The result of opening a session with this limit.
fn with_limit(fixture: &Fixture, host: hosts::Host, limit: &str, value: u32) -> Value {
    let mut request = fixture.request(&[fixture.opening()]);
    request["limits"][limit] = value.into();
    answer(host, &request)["results"][0].clone()
}
