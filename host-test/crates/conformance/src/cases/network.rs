//! A server that breaks off, stalls, floods, or is not the one that it should be.

use std::time::Duration;

use scripted_server::{Act, Script};

use super::{JSON, NO_PAUSE, UNTRUSTED, answers, broken, failure, stalled, then, token_response};
use crate::trial::{Accepted, Case, Certificate, SHORT, Traffic, Trial};

const STALL: &str = "Only a deadline ends this call in time. The time-outs of an HTTP client are longer, or never fire.";
const BREAK: &str = "Servers restart. The caller must get a failure, once, and the host must not try again by itself.";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "connection-refused",
        what: "nothing listens",
        why: "A failure of the action, with its hint to the engine; not a crash of the host.",
        trial: |_| Trial {
            script: None,
            ..breaks(Script::each([]))
        },
    },
    Case {
        name: "close-before-tls",
        what: "the connection is closed at once",
        why: BREAK,
        trial: |_| breaks(Script::each([Act::Close])),
    },
    Case {
        name: "reset-before-tls",
        what: "the connection is reset at once",
        why: BREAK,
        trial: |_| breaks(Script::each([Act::Reset])),
    },
    Case {
        name: "stall-before-tls",
        what: "the connection is accepted, and nothing is ever sent",
        why: STALL,
        trial: |_| stalls(Script::each([Act::Stall])),
    },
    Case {
        name: "close-in-handshake",
        what: "the connection is closed within the server's part of the handshake",
        why: BREAK,
        trial: |_| breaks(Script::each([Act::AwaitBytes, half_a_record(), Act::Close])),
    },
    Case {
        name: "reset-in-handshake",
        what: "the connection is reset within the server's part of the handshake",
        why: BREAK,
        trial: |_| breaks(Script::each([Act::AwaitBytes, half_a_record(), Act::Reset])),
    },
    Case {
        name: "stall-in-handshake",
        what: "the server's part of the handshake never ends",
        why: "A time-out for the connection that covers TCP alone never fires here.",
        trial: |_| stalls(Script::each([Act::AwaitBytes, half_a_record(), Act::Stall])),
    },
    Case {
        name: "alert-in-handshake",
        what: "the server sends the alert `handshake_failure`",
        why: "The server refuses the host's TLS; that is a failure, and not one of a certificate.",
        trial: |_| breaks(Script::each([Act::AwaitBytes, Act::alert(40), Act::Close])),
    },
    Case {
        name: "alert-certificate-expired",
        what: "the server sends the alert `certificate_expired`",
        why: "It speaks of the host's certificate, not of its own; and any server can send any alert. Only the host's own verdict on the certificate is `untrusted-server`.",
        trial: |_| breaks(Script::each([Act::AwaitBytes, Act::alert(45), Act::Close])),
    },
    Case {
        name: "alert-unknown-ca",
        what: "the server sends the alert `unknown_ca`",
        why: "As above.",
        trial: |_| breaks(Script::each([Act::AwaitBytes, Act::alert(48), Act::Close])),
    },
    Case {
        name: "alert-after-request",
        what: "the server wants a certificate of the host, and says so with an alert, in TLS 1.3 after the request",
        why: "The handshake of the host is over by then, so the alert comes in place of the answer. It is not `untrusted-server` either.",
        trial: |_| Trial {
            certificate: Certificate::WantsClient,
            ..breaks(answers(token_response()))
        },
    },
    Case {
        name: "plain-http-instead-of-tls",
        what: "the server answers in plain HTTP",
        why: "A host must not fall back to plain text, which anyone on the path can read.",
        trial: |_| Trial {
            traffic: Traffic::NoRequest,
            ..breaks(Script::each([
                Act::AwaitBytes,
                Act::Send(token_response()),
                Act::Close,
            ]))
        },
    },
    Case {
        name: "garbage-instead-of-tls",
        what: "the server sends bytes that are not TLS",
        why: BREAK,
        trial: |_| {
            breaks(Script::each([
                Act::AwaitBytes,
                Act::Send(vec![0xfe; 64]),
                Act::Close,
            ]))
        },
    },
    Case {
        name: "close-before-head",
        what: "the connection is closed after the request",
        why: BREAK,
        trial: |_| breaks(then([Act::Close])),
    },
    Case {
        name: "reset-before-head",
        what: "the connection is reset after the request",
        why: BREAK,
        trial: |_| breaks(then([Act::Reset])),
    },
    Case {
        name: "stall-before-head",
        what: "the request is never answered",
        why: STALL,
        trial: |_| stalls(then([Act::Stall])),
    },
    Case {
        name: "close-in-head",
        what: "the connection is closed within the head of the answer",
        why: BREAK,
        trial: |_| breaks(then([half_a_head(), Act::Close])),
    },
    Case {
        name: "reset-in-head",
        what: "the connection is reset within the head of the answer",
        why: BREAK,
        trial: |_| breaks(then([half_a_head(), Act::Reset])),
    },
    Case {
        name: "stall-in-head",
        what: "the head of the answer never ends",
        why: STALL,
        trial: |_| stalls(then([half_a_head(), Act::Stall])),
    },
    Case {
        name: "slow-head",
        what: "the head of the answer comes byte by byte, one every half a second",
        why: "Something arrives all the time, so a time-out between bytes does not end the call.",
        trial: |_| {
            let head = [b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec(), vec![b'x'; 1000]].concat();
            stalls(then([Act::Drip(head, Duration::from_millis(500))]))
        },
    },
    Case {
        name: "close-in-body",
        what: "the connection is closed within the body, whose length was announced",
        why: "Half an answer must not pass for a whole one.",
        trial: |_| breaks(then([half_a_body(), Act::Close])),
    },
    Case {
        name: "cut-in-body",
        what: "the same without TLS's closing alert",
        why: "Anyone on the path can cut a connection.",
        trial: |_| breaks(then([half_a_body(), Act::Cut])),
    },
    Case {
        name: "reset-in-body",
        what: "the connection is reset within the body",
        why: BREAK,
        trial: |_| breaks(then([half_a_body(), Act::Reset])),
    },
    Case {
        name: "stall-in-body",
        what: "the body of the answer never ends",
        why: STALL,
        trial: |_| stalls(then([half_a_body(), Act::Stall])),
    },
    Case {
        name: "slow-body",
        what: "the body of the answer comes byte by byte, one every half a second",
        why: "Something arrives all the time, so a time-out between bytes does not end the call.",
        trial: |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 5000\r\n\r\n");
            stalls(then([
                Act::send(head),
                Act::Drip(vec![b' '; 1000], Duration::from_millis(500)),
            ]))
        },
    },
    Case {
        name: "endless-body",
        what: "the body of the answer is endless, as fast as it is read",
        why: "A host that collects a body before it hands it on runs out of memory.",
        trial: |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n");
            too_much(then([
                Act::send(head),
                Act::Repeat(vec![b' '; 1 << 14], NO_PAUSE),
            ]))
        },
    },
    Case {
        name: "endless-chunks",
        what: "the same in chunks",
        why: "As above; there is no length to refuse it by.",
        trial: |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n");
            let chunk = [b"4000\r\n".to_vec(), vec![b' '; 1 << 14], b"\r\n".to_vec()].concat();
            too_much(then([Act::send(head), Act::Repeat(chunk, NO_PAUSE)]))
        },
    },
    Case {
        name: "oversized-body",
        what: "a body of 100 MiB is announced and sent",
        why: "As above.",
        trial: |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 104857600\r\n\r\n");
            too_much(then([
                Act::send(head),
                Act::Repeat(vec![b' '; 1 << 14], NO_PAUSE),
            ]))
        },
    },
    Case {
        name: "oversized-head",
        what: "the head of the answer has 2 MiB",
        why: "A head is kept in memory as a whole, so it needs a limit.",
        trial: |_| {
            let header = format!("X-Long: {}\r\n", "x".repeat(1 << 12)).repeat(512);
            too_much(answers(format!(
                "HTTP/1.1 200 OK\r\n{header}Content-Length: 0\r\n\r\n"
            )))
        },
    },
    Case {
        name: "endless-head",
        what: "the head of the answer is endless",
        why: "As above.",
        trial: |_| {
            let header = format!("X-Long: {}\r\n", "x".repeat(1 << 12)).into_bytes();
            too_much(then([
                Act::send("HTTP/1.1 200 OK\r\n"),
                Act::Repeat(header, NO_PAUSE),
            ]))
        },
    },
    Case {
        name: "garbage-instead-of-http",
        what: "the answer over TLS is not HTTP",
        why: BREAK,
        trial: |_| {
            breaks(then([
                Act::send("220 mail.example.com ESMTP ready\r\n\r\n"),
                Act::Close,
            ]))
        },
    },
    Case {
        name: "certificate-expired",
        what: "the server's certificate has expired",
        why: "A client secret goes only to a server that proves who it is.",
        trial: |_| untrusted(Certificate::Expired),
    },
    Case {
        name: "certificate-not-yet-valid",
        what: "the server's certificate is not valid yet",
        why: "As above.",
        trial: |_| untrusted(Certificate::NotYetValid),
    },
    Case {
        name: "certificate-misnamed",
        what: "the server's certificate is for another name",
        why: "Although the host connects to an address that it was given, the name is that of the URL.",
        trial: |_| untrusted(Certificate::Misnamed),
    },
    Case {
        name: "certificate-unknown",
        what: "the server's certificate is from an authority that is not `ca`",
        why: "`ca` is the only one to trust, not one more.",
        trial: |_| untrusted(Certificate::UnknownIssuer),
    },
];

fn breaks(script: Script) -> Trial {
    Trial::authenticate(script, broken())
}

fn stalls(script: Script) -> Trial {
    Trial {
        deadline: SHORT,
        ..Trial::authenticate(script, stalled())
    }
}

/// The action or the host gives up reading.
fn too_much(script: Script) -> Trial {
    let stopped = Accepted::Stopped(&["too-large", "memory", "deadline"]);
    Trial {
        deadline: SHORT,
        ..Trial::authenticate(script, broken().into_iter().chain([stopped]).collect())
    }
}

fn untrusted(certificate: Certificate) -> Trial {
    Trial {
        certificate,
        traffic: Traffic::NoRequest,
        ..Trial::authenticate(answers(token_response()), vec![failure(UNTRUSTED)])
    }
}

/// The beginning of a handshake record that announces more than follows.
fn half_a_record() -> Act {
    Act::Send(vec![22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3])
}

fn half_a_head() -> Act {
    Act::send("HTTP/1.1 200 OK\r\nContent-Ty")
}

fn half_a_body() -> Act {
    Act::send(format!(
        "HTTP/1.1 200 OK\r\n{JSON}Content-Length: 90\r\n\r\n{{\"access_token\":\"kitTo"
    ))
}
