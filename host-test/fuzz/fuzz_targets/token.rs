//! Any answer to a token request, and its body compared with `serde_json`.
//!
//! An input looks like the answer: the status, the headers that the action reads, an empty line, the body. The body `-`
//! stands for one that is larger than the action reads.

#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;
use oauth_authentication::exchange::Response;

#[path = "../../../action/tests/properties/laws/answer.rs"]
mod answer;
#[path = "../../../action/tests/properties/laws/members.rs"]
mod members;

fuzz_target!(|input: &[u8]| {
    let end = input.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, &[][..]),
    };
    members::assert_agree(body);
    let Ok(head) = str::from_utf8(head) else {
        return;
    };
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find_map(|(other, value)| (other == name).then(|| value.trim().to_owned()))
    };
    answer::assert_safe(&Response {
        status: head
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .unwrap_or(200),
        content_type: header("content-type").or(Some("application/json".into())),
        retry_after: header("retry-after"),
        date: header("date"),
        correlation_id: header("inin-correlation-id"),
        body: Some(body.to_vec()).filter(|body| body != b"-"),
    });
});
