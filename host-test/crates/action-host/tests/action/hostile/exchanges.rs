//! Rows: the exchange breaks, stalls, or violates HTTP.

use test_support::scripted::Act::{Cut, Drip, Flood, Send, Silence, Trickle};
use test_support::scripted::{Act, Script, answer, answers, sends};

use super::{AGAIN, FINAL, Row, TOKEN};

const NO_TLS: &str = "unavailable no secure connection could be made";
const LATE: &str = "unavailable the answer did not come in time";
const BROKEN: &str = "unavailable the answer broke off";
const NOT_HTTP: &str = "unavailable no complete and valid HTTP answer arrived";
const TOO_LARGE: &str = "unexpected-response the answer is too large";
const DEADLINE: &str = "deadline-exceeded";
const SESSION: &str = "session t0ken for 3600 s";

const SHORT_TOKEN: &str = r#"{"access_token":"t0ken","token_type":"bearer"}"#;

fn script<const N: usize>(acts: [Act; N]) -> Script {
    Script::Answer(acts.into())
}

fn text(text: impl Into<String>) -> Act {
    Send(text.into().into_bytes())
}

/// A head of JSON with these lines, and what follows it.
fn head(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{lines}\r\n")
}

fn with_length(length: usize) -> String {
    head(&format!("Content-Length: {length}\r\n"))
}

fn chunked() -> String {
    head("Transfer-Encoding: chunked\r\n")
}

fn chunk(content: &str) -> String {
    format!("{:x}\r\n{content}\r\n", content.len())
}

/// TOKEN in three chunks, and no end.
fn chunks() -> String {
    let (one, rest) = TOKEN.split_at(1);
    let (two, three) = rest.split_at(30);
    [chunked(), chunk(one), chunk(two), chunk(three)].concat()
}

/// TOKEN with white space behind it, `size` bytes together.
fn padded(size: usize) -> String {
    TOKEN.to_owned() + &" ".repeat(size - TOKEN.len())
}

pub(super) fn rows() -> Vec<Row> {
    [silences(), ends(), too_much(), lengths(), versions()].concat()
}

fn silences() -> Vec<Row> {
    let half = &TOKEN[..20];
    vec![
        (
            "nothing after accept",
            Script::InsteadOfTls(vec![Silence]),
            "unavailable no connection was made in time",
            AGAIN,
        ),
        ("nothing after the request", script([Silence]), LATE, AGAIN),
        (
            "half a head, then nothing",
            script([text("HTTP/1.1 200 OK\r\nConte"), Silence]),
            LATE,
            AGAIN,
        ),
        (
            "a head, then nothing",
            script([text(with_length(64)), Silence]),
            BROKEN,
            AGAIN,
        ),
        (
            "half a body, then nothing",
            script([text(with_length(TOKEN.len()) + half), Silence]),
            BROKEN,
            AGAIN,
        ),
        (
            "a head at one byte a second",
            script([Drip(answer("200 OK", "", TOKEN))]),
            LATE,
            AGAIN,
        ),
        (
            "a body of 46 bytes at one byte a second",
            script([text(with_length(46)), Drip(SHORT_TOKEN.into())]),
            "session t0ken",
            FINAL,
        ),
        (
            "a body of 65 bytes at one byte a second",
            script([text(with_length(65)), Drip([b' '; 65].into())]),
            DEADLINE,
            FINAL,
        ),
        (
            "a body without end, slow",
            script([text(chunked()), Trickle(chunk(" ").into())]),
            DEADLINE,
            FINAL,
        ),
    ]
}

fn ends() -> Vec<Row> {
    let half = &TOKEN[..20];
    vec![
        (
            "closes after accept",
            Script::InsteadOfTls(vec![]),
            NO_TLS,
            AGAIN,
        ),
        (
            "plain HTTP in the place of TLS",
            Script::InsteadOfTls(vec![Send(answer("200 OK", "", TOKEN))]),
            NO_TLS,
            AGAIN,
        ),
        ("closes after the request", script([]), BROKEN, AGAIN),
        ("cuts after the request", script([Cut]), BROKEN, AGAIN),
        (
            "closes in the head",
            sends("HTTP/1.1 200 OK\r\nConte"),
            BROKEN,
            AGAIN,
        ),
        (
            "closes after the headers",
            sends(with_length(64)),
            BROKEN,
            AGAIN,
        ),
        (
            "half a body, then closes",
            sends(with_length(TOKEN.len()) + half),
            BROKEN,
            AGAIN,
        ),
        (
            "half a body, then cuts",
            script([text(with_length(TOKEN.len()) + half), Cut]),
            BROKEN,
            AGAIN,
        ),
        (
            "a body without length, closed",
            sends(head("") + TOKEN),
            SESSION,
            FINAL,
        ),
        (
            "a body without length, cut",
            script([text(head("") + TOKEN), Cut]),
            BROKEN,
            AGAIN,
        ),
        (
            "a body with length, cut",
            script([Send(answer("200 OK", "", TOKEN)), Cut]),
            SESSION,
            FINAL,
        ),
    ]
}

fn too_much() -> Vec<Row> {
    let spaces = " ".repeat(8 << 10);
    vec![
        (
            "a body without end, fast",
            script([text(head("")), Flood(spaces.clone().into())]),
            TOO_LARGE,
            FINAL,
        ),
        (
            "chunks without end, fast",
            script([text(chunked()), Flood(chunk(&spaces).into())]),
            TOO_LARGE,
            FINAL,
        ),
        (
            "a body of 64 KiB and 1 byte",
            answers("200 OK", "", padded((64 << 10) + 1)),
            "unexpected-response the answer is too large (c-1)",
            FINAL,
        ),
        (
            "a body of 64 KiB",
            answers("200 OK", "", padded(64 << 10)),
            SESSION,
            FINAL,
        ),
        (
            "a body of 2 MiB, as announced",
            answers("200 OK", "", padded(2 << 20)),
            "unexpected-response the answer is too large (c-1)",
            FINAL,
        ),
        (
            "a header of 1 MiB",
            answers("200 OK", &format!("X: {}\r\n", "x".repeat(1 << 20)), TOKEN),
            TOO_LARGE,
            FINAL,
        ),
        (
            "1 MiB of short headers",
            answers("200 OK", &"X: y\r\n".repeat((1 << 20) / 6), TOKEN),
            TOO_LARGE,
            FINAL,
        ),
        (
            "headers without end",
            script([text("HTTP/1.1 200 OK\r\n"), Flood(b"X: y\r\n".into())]),
            TOO_LARGE,
            FINAL,
        ),
        (
            "a reason phrase of 1 MiB",
            answers(&format!("200 {}", "x".repeat(1 << 20)), "", TOKEN),
            TOO_LARGE,
            FINAL,
        ),
    ]
}

fn lengths() -> Vec<Row> {
    let both = head(&format!(
        "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n",
        TOKEN.len()
    ));
    vec![
        (
            "Content-Length too long",
            sends(with_length(TOKEN.len() + 1) + TOKEN),
            BROKEN,
            AGAIN,
        ),
        (
            "Content-Length too short",
            sends(with_length(TOKEN.len() - 1) + TOKEN),
            "unexpected-response the answer is not JSON",
            FINAL,
        ),
        (
            "Content-Length that is no number",
            sends(head("Content-Length: many\r\n") + TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "Content-Length that is negative",
            sends(head("Content-Length: -1\r\n") + TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "two different Content-Lengths",
            sends(head("Content-Length: 80\r\nContent-Length: 8\r\n") + TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "Content-Length and chunked",
            sends(both + &chunk(TOKEN) + "0\r\n\r\n"),
            SESSION,
            FINAL,
        ),
        ("chunked", sends(chunks() + "0\r\n\r\n"), SESSION, FINAL),
        (
            "chunked, with trailers",
            sends(chunks() + "0\r\nX: y\r\n\r\n"),
            SESSION,
            FINAL,
        ),
        ("chunked, without the end", sends(chunks()), BROKEN, AGAIN),
        (
            "a chunk whose size is no number",
            sends(chunked() + "many\r\n"),
            BROKEN,
            AGAIN,
        ),
        (
            "a chunk whose size overflows",
            sends(chunked() + "fffffffffffffffff\r\n"),
            BROKEN,
            AGAIN,
        ),
        (
            "a transfer coding in name only",
            sends(head("Transfer-Encoding: gzip\r\n") + TOKEN),
            SESSION,
            FINAL,
        ),
    ]
}

fn versions() -> Vec<Row> {
    let token_1_0 = with_length(TOKEN.len()).replace("1.1", "1.0") + TOKEN;
    vec![
        ("HTTP/1.0", sends(token_1_0), SESSION, FINAL),
        (
            "HTTP/1.0, without length",
            sends(head("").replace("1.1", "1.0") + TOKEN),
            SESSION,
            FINAL,
        ),
        ("HTTP/0.9", sends(TOKEN), NOT_HTTP, AGAIN),
        (
            "HTTP/2 in the status line",
            sends(with_length(TOKEN.len()).replace("1.1", "2.0") + TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "the preface of HTTP/2",
            sends([0, 0, 0, 4, 0, 0, 0, 0, 0]),
            NOT_HTTP,
            AGAIN,
        ),
        ("SSH", sends("SSH-2.0-OpenSSH_9.9\r\n"), NOT_HTTP, AGAIN),
        (
            "line feeds without carriage returns",
            sends(with_length(TOKEN.len()).replace('\r', "") + TOKEN),
            SESSION,
            FINAL,
        ),
        (
            "a header with an escape character",
            answers("200 OK", "X: \u{1b}[31m\r\n", TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "a header without a colon",
            answers("200 OK", "nonsense\r\n", TOKEN),
            NOT_HTTP,
            AGAIN,
        ),
        (
            "a header over two lines",
            answers("200 OK", "X: y\r\n z\r\n", TOKEN),
            SESSION,
            FINAL,
        ),
    ]
}
