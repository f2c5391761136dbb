//! Rows: the status is not 200, or not alone.

use test_support::scripted::{Script, answer, answers, sends};

use super::{AGAIN, FINAL, Row, TOKEN};

const BROKEN: &str = "unavailable the answer broke off";
const SOME_TIME: &str = "throttled for some time (c-1)";
const HTML: &str = "<html><body><h1>Bad Gateway</h1></body></html>";

fn status(status: &str) -> Script {
    answers(status, "", "")
}

/// Status 429 with these headers.
fn throttles(headers: &str) -> Script {
    answers("429 Too Many Requests", headers, "")
}

pub(super) fn rows() -> Vec<Row> {
    [interim(), others(), throttling(), faults()].concat()
}

fn interim() -> Vec<Row> {
    let token = answer("200 OK", "", TOKEN);
    let after = |interim: &str| sends([interim.as_bytes(), &token].concat());
    vec![
        (
            "100 alone",
            sends("HTTP/1.1 100 Continue\r\n\r\n"),
            BROKEN,
            AGAIN,
        ),
        (
            "100 before the answer",
            after("HTTP/1.1 100 Continue\r\n\r\n"),
            "session t0ken for 3600 s",
            FINAL,
        ),
        (
            "103 before the answer",
            after("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
            "session t0ken for 3600 s",
            FINAL,
        ),
        (
            "101, to another protocol",
            after("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            "unexpected-response 101: unexpected status",
            FINAL,
        ),
    ]
}

fn others() -> Vec<Row> {
    let location = "Location: https://login.mypurecloud.com/oauth/token\r\n";
    vec![
        (
            "201 with a token",
            answers("201 Created", "", TOKEN),
            "unexpected-response 201: unexpected status (c-1)",
            FINAL,
        ),
        (
            "204",
            status("204 No Content"),
            "unexpected-response 204: unexpected status (c-1)",
            FINAL,
        ),
        (
            "301 to another host",
            answers("301 Moved Permanently", location, TOKEN),
            "unexpected-response 301: it redirects elsewhere, which is never followed (c-1)",
            FINAL,
        ),
        (
            "308 to another host",
            answers("308 Permanent Redirect", location, TOKEN),
            "unexpected-response 308: it redirects elsewhere, which is never followed (c-1)",
            FINAL,
        ),
        (
            "304",
            status("304 Not Modified"),
            "unexpected-response 304: unexpected status (c-1)",
            FINAL,
        ),
        (
            "400 without a body",
            status("400 Bad Request"),
            "unexpected-response 400: unexpected status (c-1)",
            FINAL,
        ),
        (
            "401 without a body",
            status("401 Unauthorized"),
            "rejected http-401: - (c-1)",
            FINAL,
        ),
        (
            "401 with a challenge",
            answers("401 Unauthorized", "WWW-Authenticate: Basic\r\n", ""),
            "rejected http-401: - (c-1)",
            FINAL,
        ),
        (
            "403 with HTML",
            answers("403 Forbidden", "Content-Type: text/html\r\n", HTML),
            "unexpected-response 403: unexpected status (c-1)",
            FINAL,
        ),
        (
            "404 with a token",
            answers("404 Not Found", "", TOKEN),
            "unexpected-response 404: unexpected status (c-1)",
            FINAL,
        ),
        (
            "407",
            status("407 Proxy Authentication Required"),
            "unexpected-response 407: unexpected status (c-1)",
            FINAL,
        ),
        (
            "418",
            status("418 I'm a teapot"),
            "unexpected-response 418: unexpected status (c-1)",
            FINAL,
        ),
        (
            "999",
            status("999 Nonsense"),
            "unexpected-response 999: unexpected status (c-1)",
            FINAL,
        ),
        (
            "a status that is no number",
            status("OK"),
            "unavailable no complete and valid HTTP answer arrived",
            AGAIN,
        ),
    ]
}

fn throttling() -> Vec<Row> {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let until = |time: &str| format!("Retry-After: Sun, 06 Nov 1994 {time} GMT\r\n");
    vec![
        ("429", throttles(""), SOME_TIME, AGAIN),
        (
            "429, Retry-After: 42",
            throttles("Retry-After: 42\r\n"),
            "throttled for 42 s (c-1)",
            AGAIN,
        ),
        (
            "429, Retry-After: 0",
            throttles("Retry-After: 0\r\n"),
            "throttled for 0 s (c-1)",
            AGAIN,
        ),
        (
            "429, Retry-After of 26 digits",
            throttles("Retry-After: 99999999999999999999999999\r\n"),
            "throttled for 4294967295 s (c-1)",
            // The engine would, but not after a century.
            FINAL,
        ),
        (
            "429, Retry-After: a date in a minute",
            throttles(&(date.to_owned() + &until("08:50:37"))),
            "throttled for 60 s (c-1)",
            AGAIN,
        ),
        (
            "429, Retry-After: a date that has passed",
            throttles(&(date.to_owned() + &until("08:00:00"))),
            "throttled for 0 s (c-1)",
            AGAIN,
        ),
        (
            "429, Retry-After: a date, without Date",
            throttles(&until("08:50:37")),
            SOME_TIME,
            AGAIN,
        ),
        (
            "429, Retry-After: -1",
            throttles("Retry-After: -1\r\n"),
            SOME_TIME,
            AGAIN,
        ),
        (
            "429, Retry-After: 1.5",
            throttles("Retry-After: 1.5\r\n"),
            SOME_TIME,
            AGAIN,
        ),
        (
            "429, Retry-After: soon",
            throttles("Retry-After: soon\r\n"),
            SOME_TIME,
            AGAIN,
        ),
        (
            "429, Retry-After empty",
            throttles("Retry-After:\r\n"),
            SOME_TIME,
            AGAIN,
        ),
        (
            "429, Retry-After that is not UTF-8",
            sends(b"HTTP/1.1 429 Slow\r\nRetry-After: \xff\r\nContent-Length: 0\r\n\r\n"),
            "throttled for some time",
            AGAIN,
        ),
        (
            "429, Retry-After twice",
            throttles("Retry-After: 7\r\nRetry-After: 9\r\n"),
            "throttled for 7 s (c-1)",
            AGAIN,
        ),
    ]
}

fn faults() -> Vec<Row> {
    vec![
        (
            "408",
            status("408 Request Timeout"),
            "unavailable 408: the server reported a fault of its own (c-1)",
            AGAIN,
        ),
        (
            "500",
            status("500 Internal Server Error"),
            "unavailable 500: the server reported a fault of its own (c-1)",
            AGAIN,
        ),
        (
            "502 with HTML",
            answers("502 Bad Gateway", "Content-Type: text/html\r\n", HTML),
            "unavailable 502: the server reported a fault of its own (c-1)",
            AGAIN,
        ),
        (
            "503, empty",
            status("503 Service Unavailable"),
            "unavailable 503: the server reported a fault of its own (c-1)",
            AGAIN,
        ),
        (
            "503 with Retry-After",
            answers("503 Service Unavailable", "Retry-After: 7\r\n", ""),
            "unavailable 503: the server reported a fault of its own, again in 7 s (c-1)",
            AGAIN,
        ),
        (
            "599 with a token",
            answers("599 Nonsense", "", TOKEN),
            "unavailable 599: the server reported a fault of its own (c-1)",
            AGAIN,
        ),
    ]
}
