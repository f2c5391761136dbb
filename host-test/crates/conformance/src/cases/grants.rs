//! Requests inside and outside the grant, and more of them than allowed.

use scripted_server::{Record, Script, response};

use crate::protocol::{Argument, Call, LIMITS, Rule};
use crate::trial::{Accepted, Case, Expected, Success, Traffic, Trial};

/// `GET` and `POST` of things with a header, and `DELETE` of one other path.
const GRANT: [Rule; 2] = [
    Rule {
        hosts: &["api.example.com", "*.eu.example.com"],
        methods: &["GET", "POST"],
        paths: &["/things/*"],
        headers: &["x-kit"],
    },
    Rule {
        hosts: &["login.example.com"],
        methods: &["DELETE"],
        paths: &["/sessions/me"],
        headers: &[],
    },
];

const HOST: &str = "api.example.com";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "granted-request",
        what: "a request that the grant names, with a header that it names",
        why: "A grant that is too narrow breaks actions.",
        trial: |_| granted([HOST, "/things/42", "GET", "https", "x-kit", "1"]),
    },
    Case {
        name: "granted-query",
        what: "a request with a query",
        why: "Paths are compared without the query.",
        trial: |_| granted([HOST, "/things/42?size=7", "GET", "https", "", "1"]),
    },
    Case {
        name: "nothing-granted",
        what: "a request of a component that has no grant",
        why: "What a component declares is a request; without a grant it may send nothing.",
        trial: |_| Trial {
            grant: Vec::new(),
            ..refused([HOST, "/things/42", "GET", "https", "", "1"])
        },
    },
    Case {
        name: "other-host",
        what: "a request to another host",
        why: "A component gets secrets; this is how it would send them away.",
        trial: |_| refused(["evil.example", "/things/42", "POST", "https", "", "1"]),
    },
    Case {
        name: "other-host-with-the-same-end",
        what: "a request to a host whose name ends as a granted one",
        why: "Names are compared label by label.",
        trial: |_| {
            refused([
                "evil-api.example.com",
                "/things/42",
                "GET",
                "https",
                "",
                "1",
            ])
        },
    },
    Case {
        name: "other-host-in-user-info",
        what: "a request to `api.example.com@evil.example`",
        why: "What stands before the @ is not a host.",
        trial: |_| {
            refused([
                "api.example.com@evil.example",
                "/things/42",
                "GET",
                "https",
                "",
                "1",
            ])
        },
    },
    Case {
        name: "wildcard-is-one-label",
        what: "a request to a.b.eu.example.com, granted *.eu.example.com",
        why: "`*` stands for exactly one label.",
        trial: |_| refused(["a.b.eu.example.com", "/things/42", "GET", "https", "", "1"]),
    },
    Case {
        name: "wildcard-is-not-a-domain",
        what: "a request to api.example.com, granted api.*.com",
        why: "`*` does not stand for one of the last two labels: those are somebody's domain. A host may also refuse such a grant.",
        trial: |_| Trial {
            grant: vec![Rule {
                hosts: &["api.*.com"],
                ..GRANT[0]
            }],
            expected: Expected::Calls(vec![vec![
                Accepted::Failure(&["request-failed"], None, None),
                Accepted::Stopped(&[]),
                Accepted::Refused,
            ]]),
            ..refused([HOST, "/things/42", "GET", "https", "", "1"])
        },
    },
    Case {
        name: "other-method",
        what: "a request with another method",
        why: "Permission to read is not permission to delete.",
        trial: |_| refused([HOST, "/things/42", "DELETE", "https", "", "1"]),
    },
    Case {
        name: "other-path",
        what: "a request for another path",
        why: "A host offers more than an action needs.",
        trial: |_| refused([HOST, "/admin", "GET", "https", "", "1"]),
    },
    Case {
        name: "deeper-path",
        what: "a request for /things/42/secrets, granted /things/*",
        why: "`*` stands for exactly one segment.",
        trial: |_| refused([HOST, "/things/42/secrets", "GET", "https", "", "1"]),
    },
    Case {
        name: "dot-segments",
        what: "a request for /things/..",
        why: "The server may resolve it, to a path that is not granted.",
        trial: |_| refused([HOST, "/things/..", "GET", "https", "", "1"]),
    },
    Case {
        name: "encoded-dot-segments",
        what: "a request for /things/%2e%2e",
        why: "As above.",
        trial: |_| refused([HOST, "/things/%2e%2e", "GET", "https", "", "1"]),
    },
    Case {
        name: "encoded-slash",
        what: "a request for /things/42%2Fsecrets",
        why: "The server may take it for another segment.",
        trial: |_| refused([HOST, "/things/42%2Fsecrets", "GET", "https", "", "1"]),
    },
    Case {
        name: "other-header",
        what: "a request with a header that is not granted",
        why: "A header may carry what a path may not, such as the identity of somebody else.",
        trial: |_| refused([HOST, "/things/42", "GET", "https", "x-other", "1"]),
    },
    Case {
        name: "rules-are-not-mixed",
        what: "a request with the method of one rule and the path of another",
        why: "A rule is a whole.",
        trial: |_| refused([HOST, "/things/42", "DELETE", "https", "x-kit", "1"]),
    },
    Case {
        name: "plain-http",
        what: "a request without TLS",
        why: "All grants are for https.",
        trial: |_| refused([HOST, "/things/42", "GET", "http", "", "1"]),
    },
    Case {
        name: "other-port",
        what: "a request to port 8443",
        why: "All grants are for port 443; another service may listen on another.",
        trial: |_| {
            refused([
                "api.example.com:8443",
                "/things/42",
                "GET",
                "https",
                "",
                "1",
            ])
        },
    },
    Case {
        name: "too-many-requests",
        what: "a call that sends 20 requests, where `requests` is 4",
        why: "An action could use the host to flood a server.",
        trial: |_| {
            let requests = usize::try_from(LIMITS.requests).unwrap_or(0);
            Trial {
                traffic: Traffic::Requests(0..=requests),
                ..refused([
                    HOST,
                    "/things/42",
                    "GET",
                    "https",
                    "",
                    "xxxxxxxxxxxxxxxxxxxx",
                ])
            }
        },
    },
];

fn server() -> Script {
    Script::answers(|_| response("200 OK", "", "a thing"))
}

fn granted(arguments: [&'static str; 6]) -> Trial {
    Trial {
        grant: GRANT.into(),
        traffic: Traffic::Requests(1..=1),
        hosts: &[HOST],
        requests: |record: &Record| {
            let is_other = |it: &&scripted_server::Request| !it.target.starts_with("/things/42");
            let other = record.requests().filter(is_other);
            other
                .map(|it| {
                    format!(
                        "sent the path {}; expected that of the component",
                        it.target
                    )
                })
                .collect()
        },
        ..Trial::hostile(
            ask(arguments),
            server(),
            vec![Accepted::Success(Success::Plain)],
        )
    }
}

/// The component may get a failure from `wasi:http`, or be stopped.
fn refused(arguments: [&'static str; 6]) -> Trial {
    Trial {
        grant: GRANT.into(),
        ..Trial::hostile(
            ask(arguments),
            server(),
            vec![
                Accepted::Failure(&["request-failed"], None, None),
                Accepted::Stopped(&[]),
            ],
        )
    }
}

/// The hostile component sends a request. Its last argument has as many characters as there are to be requests.
pub(super) fn ask([host, path, method, scheme, header, count]: [&'static str; 6]) -> Call {
    Call {
        action: "ask",
        arguments: vec![
            ("host", Argument::Text(host)),
            ("path", Argument::Text(path)),
            ("method", Argument::Text(method)),
            ("scheme", Argument::Text(scheme)),
            ("header", Argument::Text(header)),
            ("count", Argument::Text(count)),
        ],
    }
}
