//! Answers of a server that speaks HTTP: tokens, refusals, limits, redirects.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scripted_server::{Act, Record, Script, response};

use super::{JSON, answers, failure, then, token_body, token_response};
use crate::protocol::{Argument, Call, Retry};
use crate::trial::{
    API, Accepted, CLIENT_ID, Case, LOGIN, SECRET, Success, TOKEN, Traffic, Trial, authenticate,
};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "good-token",
        what: "the server issues a token",
        why: "What every sign-in needs: fields reach the component, its request the server, and the session the caller.",
        trial: |_| Trial {
            requests: is_token_request,
            ..opened(answers(token_response()))
        },
    },
    Case {
        name: "good-token-in-chunks",
        what: "the answer has the transfer coding `chunked`",
        why: "Load balancers and proxies send such answers, whatever the server did.",
        trial: |_| {
            let body = token_body(TOKEN);
            let (a, b) = body.split_at(20);
            let chunks = format!("{:x}\r\n{a}\r\n{:x}\r\n{b}\r\n0\r\n\r\n", a.len(), b.len());
            opened(answers(format!(
                "HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{chunks}"
            )))
        },
    },
    Case {
        name: "good-token-until-close",
        what: "the answer has no length and ends with the connection",
        why: "It is valid HTTP/1.1 (RFC 9112, section 6.3).",
        trial: |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n");
            opened(then([Act::send(head + &token_body(TOKEN)), Act::Close]))
        },
    },
    Case {
        name: "good-token-in-pieces",
        what: "the answer comes byte by byte",
        why: "A read returns only what has arrived; a host must not take the first piece for the whole answer.",
        trial: |_| {
            opened(then([
                Act::Drip(token_response(), Duration::from_millis(2)),
                Act::Stall,
            ]))
        },
    },
    Case {
        name: "secret-with-special-characters",
        what: "the client secret has spaces, a colon and letters beyond ASCII",
        why: "Strings are UTF-8 on both sides; the component encodes them for the header (RFC 6749, section 2.3.1).",
        trial: |_| Trial {
            calls: vec![authenticate("kitCanary ü:%+7e1c")],
            requests: |record| authorization(record, "kitCanary+%C3%BC%3A%25%2B7e1c"),
            ..opened(answers(token_response()))
        },
    },
    Case {
        name: "borrowed-token",
        what: "a borrowed token is checked with HEAD, whose answer announces a body and has none",
        why: "An answer to HEAD never has a body (RFC 9112, section 6.3); a host that waits for it stalls.",
        trial: |_| Trial {
            calls: vec![with_connection()],
            expected: crate::trial::Expected::Calls(vec![vec![Accepted::Success(
                Success::Opened(TOKEN, Some(3600)),
            )]]),
            ..opened(answers("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n"))
        },
    },
    Case {
        name: "borrowed-token-expired",
        what: "the server does not accept a borrowed token",
        why: "`new-token` lets the engine refresh the token and call again; passed on as `never`, the bot fails for nothing.",
        trial: |_| Trial {
            calls: vec![with_connection()],
            details: &[("host", API), ("error", "invalid_token")],
            ..fails(
                response(
                    "401 Unauthorized",
                    "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n",
                    "",
                ),
                &["rejected"],
                Retry::NewToken,
            )
        },
    },
    Case {
        name: "session-closed",
        what: "the action `disconnect` revokes a token",
        why: "The engine drops the session only if it is told that it was closed.",
        trial: |_| Trial {
            calls: vec![Call {
                action: "disconnect",
                arguments: vec![("session-name", Argument::Session(TOKEN))],
            }],
            expected: crate::trial::Expected::Calls(vec![vec![Accepted::Success(Success::Closed)]]),
            requests: |record| expect_request(record, "DELETE", "/api/v2/tokens/me", API),
            ..opened(answers(response("200 OK", "", "")))
        },
    },
    Case {
        name: "session-replaced",
        what: "the action replaces the session with one that has another token",
        why: "The engine keeps the new session under the old name. If it is told `unchanged`, it goes on with the old token; if `opened`, it expects a new name.",
        trial: |_| {
            let replace = Call {
                action: "replace",
                arguments: Vec::new(),
            };
            let expected = vec![Accepted::Success(Success::Replaced("replacement"))];
            Trial::hostile(replace, Script::each([]), expected)
        },
    },
    Case {
        name: "empty-field",
        what: "a required field is empty",
        why: "The failure names the field, so that an editor can show it there. Nothing is sent.",
        trial: |_| Trial {
            calls: vec![authenticate(" ")],
            details: &[("reason", "empty")],
            traffic: Traffic::NoConnection,
            ..Trial::authenticate(
                answers(token_response()),
                vec![Accepted::Failure(
                    &["invalid-input"],
                    Some(Retry::Never),
                    Some("client-secret"),
                )],
            )
        },
    },
    Case {
        name: "unknown-action",
        what: "the component does not have the action",
        why: "The component reports this itself: it is a failure, not a crash of the host.",
        trial: |_| Trial {
            calls: vec![Call {
                action: "no-such-action",
                arguments: Vec::new(),
            }],
            details: &[("reason", "unknown-action")],
            traffic: Traffic::NoConnection,
            ..Trial::authenticate(
                answers(token_response()),
                vec![Accepted::Failure(&["other"], Some(Retry::Never), None)],
            )
        },
    },
    Case {
        name: "refused-client",
        what: "the server does not know the client: 401 with `invalid_client`",
        why: "Another call would be refused as well, and repeated ones can lock the client out.",
        trial: |_| {
            let body = r#"{"error":"invalid_client","description":"client not found"}"#;
            Trial {
                details: &[
                    ("host", LOGIN),
                    ("error", "invalid_client"),
                    ("description", "client not found"),
                ],
                ..fails(
                    response("401 Unauthorized", JSON, body),
                    &["rejected"],
                    Retry::Never,
                )
            }
        },
    },
    Case {
        name: "refused-request",
        what: "the server refuses the request: 400 with `unauthorized_client`",
        why: "The body of a refusal says why; a host must pass on answers that are not a success, with their bodies.",
        trial: |_| {
            let body = r#"{"error":"unauthorized_client"}"#;
            fails(
                response("400 Bad Request", JSON, body),
                &["rejected"],
                Retry::Never,
            )
        },
    },
    Case {
        name: "throttled-seconds",
        what: "429 with `Retry-After: 30`",
        why: "The engine waits as long as the server asks; a host that drops headers makes it guess.",
        trial: |_| throttled("Retry-After: 30\r\n", Retry::After(30)),
    },
    Case {
        name: "throttled-zero",
        what: "429 with `Retry-After: 0`",
        why: "Zero seconds are an answer: the next call may follow at once. A host that takes zero for none makes the engine guess.",
        trial: |_| throttled("Retry-After: 0\r\n", Retry::After(0)),
    },
    Case {
        name: "throttled-twice",
        what: "429 with two headers `Retry-After`, 30 and 120",
        why: "The component reads the first. A host that joins headers of the same name gives it neither.",
        trial: |_| throttled("Retry-After: 30\r\nRetry-After: 120\r\n", Retry::After(30)),
    },
    Case {
        name: "throttled-date",
        what: "429 with a date in `Retry-After`, two minutes after `Date`",
        why: "A date counts from the server's own clock, so a host must pass on `Date` as well.",
        trial: |_| {
            throttled(
                "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n",
                Retry::After(120),
            )
        },
    },
    Case {
        name: "throttled-date-of-rfc-850",
        what: "the same dates in the form of RFC 850, with a year of two digits",
        why: "Servers may still send it (RFC 9110, section 5.6.7); a host passes it on as it is.",
        trial: |_| {
            throttled(
                "Date: Sunday, 06-Nov-94 08:49:37 GMT\r\nRetry-After: Sunday, 06-Nov-94 08:51:37 GMT\r\n",
                Retry::After(120),
            )
        },
    },
    Case {
        name: "throttled-date-of-asctime",
        what: "the same dates in the form of C's `asctime`, with two spaces before the day",
        why: "As above; a host that makes one space of two changes what the server said.",
        trial: |_| {
            throttled(
                "Date: Sun Nov  6 08:49:37 1994\r\nRetry-After: Sun Nov  6 08:51:37 1994\r\n",
                Retry::After(120),
            )
        },
    },
    Case {
        name: "throttled-date-in-the-past",
        what: "429 with a date in `Retry-After` before `Date`",
        why: "The wait is over: zero seconds, not a huge number.",
        trial: |_| {
            throttled(
                "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n",
                Retry::After(0),
            )
        },
    },
    Case {
        name: "throttled-without-retry-after",
        what: "429 without `Retry-After`",
        why: "The engine chooses the wait, which `backoff` says.",
        trial: |_| throttled("", Retry::Backoff),
    },
    Case {
        name: "throttled-huge",
        what: "429 with a number in `Retry-After` that fits no integer",
        why: "It becomes the largest number of seconds (a u32), which must reach the engine unchanged.",
        trial: |_| {
            throttled(
                "Retry-After: 99999999999999999999999\r\n",
                Retry::After(u64::from(u32::MAX)),
            )
        },
    },
    Case {
        name: "throttled-garbage",
        what: "429 with `Retry-After: soon`",
        why: "An unreadable header counts as absent.",
        trial: |_| throttled("Retry-After: soon\r\n", Retry::Backoff),
    },
    Case {
        name: "unavailable-500",
        what: "500 with a page of HTML",
        why: "Another call may help, and only the status says so.",
        trial: |_| {
            let answer = response(
                "500 Internal Server Error",
                "Content-Type: text/html\r\n",
                "<h1>Oh</h1>",
            );
            fails(answer, &["unavailable"], Retry::Backoff)
        },
    },
    Case {
        name: "unavailable-503",
        what: "503 without `Retry-After`",
        why: "As 500.",
        trial: |_| {
            fails(
                response("503 Service Unavailable", "", ""),
                &["unavailable"],
                Retry::Backoff,
            )
        },
    },
    Case {
        name: "unavailable-503-retry-after",
        what: "503 with `Retry-After: 7`",
        why: "As for 429, the engine waits as long as the server asks.",
        trial: |_| {
            let answer = response("503 Service Unavailable", "Retry-After: 7\r\n", "");
            fails(answer, &["unavailable"], Retry::After(7))
        },
    },
    Case {
        name: "no-json",
        what: "200 with a page of HTML, as of a portal that wants a sign-in",
        why: "It is not a token, and no other call will give one.",
        trial: |_| {
            let answer = response("200 OK", "Content-Type: text/html\r\n", "<h1>Welcome</h1>");
            Trial {
                details: &[("host", LOGIN), ("reason", "not-json")],
                ..fails(answer, &["unexpected-response"], Retry::Never)
            }
        },
    },
    Case {
        name: "redirect-to-another-host",
        what: "302 to another host",
        why: "A client that follows it takes the Authorization header, or at least the request, to a host that nobody granted.",
        trial: |_| redirect("302 Found", "https://evil.example/collect"),
    },
    Case {
        name: "redirect-with-the-same-method",
        what: "307 to another host, for which a client repeats method and body",
        why: "As 302, and the body is sent there, too.",
        trial: |_| redirect("307 Temporary Redirect", "https://evil.example/collect"),
    },
    Case {
        name: "redirect-to-another-server",
        what: "302 to an address inside the network",
        why: "A server could make the host call services that only it can reach.",
        trial: |elsewhere| redirect("302 Found", &format!("https://{}/collect", elsewhere.0)),
    },
    Case {
        name: "redirect-on-the-same-host",
        what: "302 to another path of the same host",
        why: "The grant names paths too.",
        trial: |_| redirect("302 Found", "https://login.mypurecloud.de/elsewhere"),
    },
];

/// A session is opened.
fn opened(script: Script) -> Trial {
    Trial::authenticate(
        script,
        vec![Accepted::Success(Success::Opened(TOKEN, Some(86399)))],
    )
}

/// The answer is this, and makes the call fail.
fn fails(answer: Vec<u8>, codes: &'static [&'static str], retry: Retry) -> Trial {
    Trial::authenticate(
        answers(answer),
        vec![Accepted::Failure(codes, Some(retry), None)],
    )
}

fn throttled(headers: &str, retry: Retry) -> Trial {
    let answer = response("429 Too Many Requests", headers, "");
    fails(answer, &["throttled"], retry)
}

/// Another request gets a token, so that a host that follows does not fail by chance.
fn redirect(status: &'static str, location: &str) -> Trial {
    let redirect = response(status, &format!("Location: {location}\r\n"), "");
    let script = Script::answers(move |request| match request.target.as_str() {
        "/oauth/token" => redirect.clone(),
        _ => token_response(),
    });
    Trial {
        redirects: true,
        details: &[("host", LOGIN), ("reason", "redirected")],
        ..Trial::authenticate(script, vec![failure(&["unexpected-response"])])
    }
}

/// *OAuth authenticate* with a borrowed token.
fn with_connection() -> Call {
    Call {
        action: "oauth-authenticate",
        arguments: vec![
            (
                "authentication-type",
                Argument::Text("control-room-connection"),
            ),
            ("connection", Argument::Token(TOKEN)),
            ("session-name", Argument::Text("Default")),
        ],
    }
}

fn is_token_request(record: &Record) -> Vec<String> {
    let mut wrong = expect_request(record, "POST", "/oauth/token", LOGIN);
    wrong.extend(authorization(record, SECRET));
    for request in record.requests() {
        if request.body != b"grant_type=client_credentials" {
            wrong.push(format!(
                "the body of the request is {:?}; expected \"grant_type=client_credentials\"",
                String::from_utf8_lossy(&request.body)
            ));
        }
    }
    wrong
}

fn expect_request(record: &Record, method: &str, target: &str, host: &str) -> Vec<String> {
    let requests = record.requests().map(|it| {
        let sent = format!(
            "{} {} at {}",
            it.method,
            it.target,
            it.header("host").unwrap_or("no host")
        );
        let expected = format!("{method} {target} at {host}");
        (sent, expected)
    });
    requests
        .filter(|(sent, expected)| sent != expected)
        .map(|(sent, expected)| format!("sent {sent}; expected {expected}"))
        .collect()
}

/// The secret as it is in the header, form-urlencoded.
fn authorization(record: &Record, secret: &str) -> Vec<String> {
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
    let is_wrong = record
        .requests()
        .any(|it| it.header("authorization") != Some(&expected));
    if is_wrong {
        vec!["the Authorization header is not the one that the component set".into()]
    } else {
        Vec::new()
    }
}
