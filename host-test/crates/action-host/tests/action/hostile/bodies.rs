//! Rows: the exchange is valid, but the body is not.

use test_support::scripted::{Script, answers, sends};

use super::{AGAIN, FINAL, Row, TOKEN};

const NOT_JSON: &str = "unexpected-response the answer is not JSON (c-1)";
const NO_OBJECT: &str = "unexpected-response the answer is not a JSON object (c-1)";
const NO_TOKEN: &str = "unexpected-response the answer contains no access token (c-1)";
const BAD_TOKEN: &str = "unexpected-response the access token is too long or has characters that \
                         no token has (c-1)";
const NOT_BEARER: &str = "unexpected-response the token is not of the type Bearer (c-1)";
const TOO_LARGE: &str = "unexpected-response the answer is too large (c-1)";

/// `{"access_token":"t0ken","token_type":"bearer"}` in gzip.
const GZIPPED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x4a\x4c\x4e\x4e\x2d\x2e\x8e\x2f\
    \xc9\xcf\x4e\xcd\x53\xb2\x52\x2a\x31\x00\xd1\x3a\x4a\x60\x7e\x7c\x49\x65\x41\x2a\
    \x50\x30\x29\x35\xb1\x28\xb5\x48\xa9\x16\x00\x57\x42\xfc\xc0\x2e\x00\x00\x00";

/// The rest of a description that is too long: 200 characters.
const LONG_DESCRIPTION: &str = "rejected invalid_scope:  [31m ]0;x   ok   [31m ]0;x   ok   [31m \
    ]0;x   ok   [31m ]0;x   ok   [31m ]0;x   ok   [31m ]0;x   ok   [31m \
    ]0;x   ok   [31m ]0;x   ok   [31m ]0;x   ok   [31m ]0;x   ok   [31m \
    ]0;x   ok   [31m ]0;x  … (c-1)";

fn body(body: impl AsRef<[u8]>) -> Script {
    answers("200 OK", "", body)
}

/// A token that expires in this.
fn expires_in(json: &str) -> Script {
    body(format!(
        r#"{{"access_token":"t0ken","token_type":"bearer","expires_in":{json}}}"#
    ))
}

fn access_token(json: &str) -> Script {
    body(format!(
        r#"{{"access_token":{json},"token_type":"bearer"}}"#
    ))
}

fn token_type(json: &str) -> Script {
    body(format!(r#"{{"access_token":"t0ken","token_type":{json}}}"#))
}

/// A refusal with this description, which is JSON without its quotes.
fn describes(description: &str) -> Script {
    let body = format!(r#"{{"error":"invalid_scope","error_description":"{description}"}}"#);
    answers("400 Bad Request", "", body)
}

pub(super) fn rows() -> Vec<Row> {
    [
        encodings(),
        objects(),
        tokens(),
        lifetimes(),
        descriptions(),
    ]
    .concat()
}

fn encodings() -> Vec<Row> {
    let utf_16: Vec<u8> = TOKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        (
            "gzip",
            answers("200 OK", "Content-Encoding: gzip\r\n", GZIPPED),
            NOT_JSON,
            FINAL,
        ),
        (
            "a content coding in name only",
            answers("200 OK", "Content-Encoding: br\r\n", TOKEN),
            "session t0ken for 3600 s",
            FINAL,
        ),
        ("no body", body(""), NOT_JSON, FINAL),
        (
            "HTML",
            answers(
                "200 OK",
                "Content-Type: text/html\r\n",
                "<html>Sign in</html>",
            ),
            NOT_JSON,
            FINAL,
        ),
        (
            "JSON that is called HTML",
            answers("200 OK", "Content-Type: text/html\r\n", TOKEN),
            NOT_JSON,
            FINAL,
        ),
        (
            "HTML that is called JSON",
            body("<html>Sign in</html>"),
            NOT_JSON,
            FINAL,
        ),
        (
            "JSON with a charset",
            answers(
                "200 OK",
                "Content-Type: application/json; charset=UTF-8\r\n",
                TOKEN,
            ),
            "session t0ken for 3600 s",
            FINAL,
        ),
        (
            "invalid UTF-8",
            body(b"{\"access_token\":\"\xff\",\"token_type\":\"bearer\"}"),
            NOT_JSON,
            FINAL,
        ),
        ("UTF-16", body(utf_16), NOT_JSON, FINAL),
        (
            "a byte order mark",
            body(format!("\u{feff}{TOKEN}")),
            NOT_JSON,
            FINAL,
        ),
    ]
}

fn objects() -> Vec<Row> {
    let nested = |depth| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        body(format!(r#"{{"x":{open}{close},{}"#, &TOKEN[1..]))
    };
    vec![
        (
            "duplicate keys",
            body(r#"{"access_token":"t0ken","token_type":"bearer","access_token":"other"}"#),
            NO_TOKEN,
            FINAL,
        ),
        (
            "duplicate keys, one escaped",
            body(r#"{"access_token":"t0ken","token_type":"bearer","\u0061ccess_token":"x"}"#),
            NO_TOKEN,
            FINAL,
        ),
        ("nesting 100,000 deep", nested(100_000), TOO_LARGE, FINAL),
        ("nesting 30,000 deep", nested(30_000), NOT_JSON, FINAL),
        (
            "nesting 3 deep, and unknown members",
            nested(3),
            "session t0ken for 3600 s",
            FINAL,
        ),
        ("a list", body(format!("[{TOKEN}]")), NO_OBJECT, FINAL),
        ("null", body("null"), NO_OBJECT, FINAL),
        ("a string", body(r#""t0ken""#), NO_OBJECT, FINAL),
        ("an empty object", body("{}"), NO_TOKEN, FINAL),
        (
            "something behind the object",
            body(TOKEN.to_owned() + "x"),
            NOT_JSON,
            FINAL,
        ),
        (
            "two objects",
            body(format!("{TOKEN}\n{TOKEN}")),
            NOT_JSON,
            FINAL,
        ),
    ]
}

fn tokens() -> Vec<Row> {
    let longest = format!("\"{}\"", "t".repeat(4097));
    vec![
        (
            "no access_token",
            body(r#"{"token_type":"bearer","expires_in":3600}"#),
            NO_TOKEN,
            FINAL,
        ),
        ("access_token empty", access_token("\"\""), NO_TOKEN, FINAL),
        ("access_token blank", access_token("\" \""), NO_TOKEN, FINAL),
        ("access_token null", access_token("null"), NO_TOKEN, FINAL),
        (
            "access_token a number",
            access_token("12345"),
            NO_TOKEN,
            FINAL,
        ),
        (
            "access_token with a line break",
            access_token("\"t0\\r\\nX-Evil: yes\""),
            BAD_TOKEN,
            FINAL,
        ),
        (
            "access_token with a bare line break",
            access_token("\"t0\r\nken\""),
            NOT_JSON,
            FINAL,
        ),
        (
            "access_token with a space",
            access_token("\"t0 ken\""),
            BAD_TOKEN,
            FINAL,
        ),
        (
            "access_token with an umlaut",
            access_token("\"tökén\""),
            BAD_TOKEN,
            FINAL,
        ),
        (
            "access_token of 4,097 characters",
            access_token(&longest),
            BAD_TOKEN,
            FINAL,
        ),
        (
            "no token_type",
            body(r#"{"access_token":"t0ken"}"#),
            NOT_BEARER,
            FINAL,
        ),
        ("token_type empty", token_type("\"\""), NOT_BEARER, FINAL),
        ("token_type null", token_type("null"), NOT_BEARER, FINAL),
        ("token_type MAC", token_type("\"MAC\""), NOT_BEARER, FINAL),
        (
            "token_type BEARER",
            token_type("\"BEARER\""),
            "session t0ken",
            FINAL,
        ),
    ]
}

fn lifetimes() -> Vec<Row> {
    let row = |mode, json, expected| (mode, expires_in(json), expected, FINAL);
    vec![
        row(
            "expires_in as a string",
            "\"3600\"",
            "session t0ken for 3600 s",
        ),
        row("expires_in as words", "\"soon\"", "session t0ken"),
        row("expires_in negative", "-1", "session t0ken"),
        row(
            "expires_in a fraction",
            "3599.9",
            "session t0ken for 3599 s",
        ),
        row(
            "expires_in 1e300",
            "1e300",
            "session t0ken for 4294967295 s",
        ),
        row(
            "expires_in of 26 digits",
            "99999999999999999999999999",
            "session t0ken for 4294967295 s",
        ),
        row("expires_in 0", "0", "session t0ken for 0 s"),
        row("expires_in null", "null", "session t0ken"),
        row("expires_in a list", "[3600]", "session t0ken"),
        row("expires_in twice", "1,\"expires_in\":2", "session t0ken"),
        (
            "no expires_in",
            body(r#"{"access_token":"t0ken","token_type":"bearer"}"#),
            "session t0ken",
            FINAL,
        ),
    ]
}

fn descriptions() -> Vec<Row> {
    // Colours, a title, a bell, a line of its own, a change of direction.
    let escapes = r"\u001b[31m\u001b]0;x\u0007\r\nok\u202e\u009b";
    let long = escapes.repeat((60 << 10) / escapes.len());
    let mebibyte = escapes.repeat((1 << 20) / escapes.len() + 1);
    vec![
        (
            "a description with escapes",
            describes(escapes),
            "rejected invalid_scope:  [31m ]0;x   ok   (c-1)",
            FINAL,
        ),
        (
            "a description of 60 KiB of escapes",
            describes(&long),
            LONG_DESCRIPTION,
            FINAL,
        ),
        (
            "a description of 1 MiB of escapes",
            describes(&mebibyte),
            "unexpected-response 400: unexpected status (c-1)",
            FINAL,
        ),
        (
            "a 401 with as long a body",
            answers("401 Unauthorized", "", mebibyte),
            "rejected http-401: - (c-1)",
            FINAL,
        ),
        (
            "a code with escapes",
            answers(
                "400 Bad Request",
                "",
                format!(r#"{{"error":"a{escapes}b"}}"#),
            ),
            "rejected a [31m ]0;x   ok  b: - (c-1)",
            FINAL,
        ),
        (
            "a correlation id with a control character",
            sends(
                "HTTP/1.1 503 Slow\r\nContent-Length: 0\r\nININ-Correlation-Id: \u{9b}31m\r\n\r\n",
            ),
            "unavailable 503: the server reported a fault of its own ( 31m)",
            AGAIN,
        ),
    ]
}
