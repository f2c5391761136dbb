//! The kinds of misbehaviour, by the action's name.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use waki::bindings::wasi::clocks::monotonic_clock;
use waki::bindings::wasi::http::types::ErrorCode;

use crate::bindings::exports::bot::action::run::{Failure, SessionChange, Success};
use crate::request::{self, Pending, Request, read};
use crate::{Texts, failure, failure_of, output, session_of, with_session};

const LOGIN: &str = "login.mypurecloud.de";
const MIB: usize = 1 << 20;

pub(crate) fn by_name(name: &str, texts: &Texts) -> Result<Success, Failure> {
    match name {
        "behaves" => Ok(output("a text".into())),
        "never returns" => never_returns(),
        "waits" => {
            thread::sleep(Duration::from_hours(1));
            Ok(output("late".into()))
        }
        "measures time" => {
            // Not that of the standard library, which would also import the time of day.
            let start = monotonic_clock::now();
            let elapsed = Duration::from_nanos(monotonic_clock::now() - start);
            Ok(output(format!("{} s", elapsed.as_secs())))
        }
        "computes and waits" => computes_and_waits(),
        "eats memory" => eats_memory(),
        "recurses" => Ok(output(recurses(0).to_string())),
        "keeps a thousand requests" => keeps_requests(1000),
        "makes a thousand requests" => makes_requests(1000),
        "connects elsewhere" => answer(Request::get("evil.example")),
        "asks" => answer(Request::get(LOGIN)),
        "requests" => answer(Request {
            host: texts.get("host"),
            method: texts.get("method"),
            path: texts.get("path"),
            header: texts.get("header"),
        }),
        "fails as told" => Err(failure_of(texts)),
        "opens as told" => Ok(with_session(SessionChange::Opened(session_of(texts)))),
        "replaces as told" => Ok(with_session(SessionChange::Replaced(session_of(texts)))),
        "returns 100 MiB" => Ok(output("x".repeat(100 * MIB))),
        "returns 4 MiB" => Ok(output("x".repeat(4 * MIB))),
        "sends a header of 4 MiB" => {
            let said = request::header(&vec![b'x'; 4 * MIB]);
            Err(failure("header", said))
        }
        "traps" => core::arch::wasm32::unreachable(),
        "panics" => panic!("the secret of the guest"),
        "exits" => std::process::exit(0),
        "exits as failed" => std::process::exit(7),
        _ => Err(failure("unknown", format!("there is no mode {name}"))),
    }
}

fn never_returns() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Alternates short computing and short waiting for ever: each alone is harmless.
fn computes_and_waits() -> ! {
    loop {
        for turn in 0..3_000_000 {
            black_box(turn);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn eats_memory() -> ! {
    let mut eaten = Vec::new();
    loop {
        eaten.push(black_box(vec![1_u8; 64 << 10]));
    }
}

fn recurses(depth: u64) -> u64 {
    let depth = black_box(depth + 1);
    if depth == u64::MAX {
        return depth;
    }
    recurses(depth) + black_box(depth)
}

fn keeps_requests(count: usize) -> Result<Success, Failure> {
    let kept: Vec<Pending> = (0..count)
        .filter_map(|_| Request::get(LOGIN).send().ok())
        .collect();
    let said = format!("it has {} requests open", kept.len());
    Err(failure("requests-open", said))
}

/// Reports how many were answered, and how the last one failed.
fn makes_requests(count: usize) -> Result<Success, Failure> {
    let mut answered = 0;
    let mut refusal = String::new();
    for _ in 0..count {
        match Request::get(LOGIN).send().and_then(Pending::wait) {
            Ok(_) => answered += 1,
            Err(code) => refusal = format!("{code:?}"),
        }
    }
    Err(failure(
        "refused",
        format!("{answered} answers, then {refusal}"),
    ))
}

/// Makes a request and reads the whole response, however large.
fn answer(request: Request<'_>) -> Result<Success, Failure> {
    let answered = request.send().and_then(Pending::wait).and_then(read);
    match answered {
        Ok(size) => Ok(output(format!("{size} bytes"))),
        Err(code @ ErrorCode::HttpRequestDenied) => {
            Err(failure("not-permitted", format!("{code:?}")))
        }
        Err(code) => Err(failure("unavailable", format!("{code:?}"))),
    }
}
