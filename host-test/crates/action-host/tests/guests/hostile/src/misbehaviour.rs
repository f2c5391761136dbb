//! The kinds of misbehaviour, by session name.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use crate::bindings::exports::genesys::authentication::oauth::{Error, Session};
use crate::request::{self, Pending, read};
use crate::{failure, session};

const LOGIN: &str = "login.mypurecloud.de";
const MIB: usize = 1 << 20;

pub(crate) fn by_name(name: &str) -> Result<Session, Error> {
    match name {
        "behaves" => Ok(session("a token".into())),
        "never returns" => never_returns(),
        "waits" => {
            thread::sleep(Duration::from_hours(1));
            Ok(session("late".into()))
        }
        "computes and waits" => computes_and_waits(),
        "eats memory" => eats_memory(),
        "recurses" => Ok(session(recurses(0).to_string())),
        "keeps a thousand requests" => keeps_requests(1000),
        "makes a thousand requests" => makes_requests(1000),
        "connects elsewhere" => answer("evil.example"),
        "asks" => answer(LOGIN),
        "returns 100 MiB" => Ok(session("x".repeat(100 * MIB))),
        "returns 4 MiB" => Ok(session("x".repeat(4 * MIB))),
        "sends a header of 4 MiB" => Err(Error::Other(request::header(&vec![b'x'; 4 * MIB]))),
        "traps" => core::arch::wasm32::unreachable(),
        "panics" => panic!("the secret of the guest"),
        "exits" => std::process::exit(0),
        "exits as failed" => std::process::exit(7),
        _ => Err(Error::Other(format!("there is no mode {name}"))),
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

fn keeps_requests(count: usize) -> Result<Session, Error> {
    let kept: Vec<Pending> = (0..count)
        .filter_map(|_| Pending::get(LOGIN).ok())
        .collect();
    Err(Error::Other(format!("it has {} requests open", kept.len())))
}

/// Reports how many were answered, and how the last one failed.
fn makes_requests(count: usize) -> Result<Session, Error> {
    let mut answered = 0;
    let mut refusal = String::new();
    for _ in 0..count {
        match Pending::get(LOGIN).and_then(Pending::wait) {
            Ok(_) => answered += 1,
            Err(code) => refusal = format!("{code:?}"),
        }
    }
    Err(Error::Other(format!("{answered} answers, then {refusal}")))
}

/// Makes a request and reads the whole response, however large.
fn answer(host: &str) -> Result<Session, Error> {
    use waki::bindings::wasi::http::types::ErrorCode;
    let answered = Pending::get(host).and_then(Pending::wait).and_then(read);
    match answered {
        Ok(size) => Ok(session(format!("{size} bytes"))),
        Err(code @ ErrorCode::HttpRequestDenied) => {
            Err(Error::NotPermitted(failure(host, format!("{code:?}"))))
        }
        Err(code) => Err(Error::Unavailable(failure(host, format!("{code:?}")))),
    }
}
