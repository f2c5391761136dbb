//! The mistakes, and what the kit must find.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::future::pending;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use conformance::{Case, Kit, Status, Verdict, cases};

use crate::PLANTED;

/// A mistake of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    FollowsRedirects,
    TrustsAnyCertificate,
    LogsTheSecret,
    ReusesTheInstance,
    HasNoDeadline,
    LeavesTimeToTheComponent,
    LimitsNoMemory,
    LimitsEachMemory,
    LimitsNoOutput,
    RetriesByItself,
    TakesAlertsForVerdicts,
    IgnoresTheGrant,
    HidesFailures,
    DropsDetails,
    DropsMessages,
    LoadsText,
    ComparesNoTypes,
    DropsHeaders,
    Crashes,
    PrintsGarbage,
}

/// What the kit must find.
pub(crate) struct Expected {
    pub(crate) name: &'static str,
    mistake: Mistake,
    /// The cases that fail. A name may end with a `*`; one that begins with a `!` does not fail.
    fail: &'static [&'static str],
    /// A case among them, and what it says.
    says: (&'static str, &'static str),
}

/// The cases in which an action reports a failure.
const WITH_A_FAILURE: &[&str] = &[
    "*",
    "!good-token*",
    "!session-replaced",
    "!secret-with-*",
    "!borrowed-token",
    "!session-closed",
    "!stall-*",
    "!slow-*",
    "!granted-*",
    "!component-*",
    "!other-contract",
    "!other-name-in-a-type",
    "!no-contract",
    "!core-module",
    "!text-format",
    "!two-sign-ins",
    "!fresh-instance",
    "!call-after-*",
];

pub(crate) const MISTAKES: &[Expected] = &[
    Expected {
        name: "follows-redirects",
        mistake: Mistake::FollowsRedirects,
        fail: &["redirect-*"],
        says: (
            "redirect-to-another-host",
            "followed a redirect: the server at evil.example got a request with an Authorization header; a redirect is an \
             answer like any other, which the action gets",
        ),
    },
    Expected {
        name: "trusts-any-certificate",
        mistake: Mistake::TrustsAnyCertificate,
        fail: &["certificate-*"],
        says: (
            "certificate-misnamed",
            "a server whose certificate is not good got a request with an Authorization header; nothing may be sent before \
             certificate and name were verified",
        ),
    },
    Expected {
        name: "logs-the-secret",
        mistake: Mistake::LogsTheSecret,
        fail: &[
            "*",
            "!empty-field",
            "!unknown-action",
            "!granted-*",
            "!nothing-granted",
            "!other-*",
            "!wildcard-*",
            "!deeper-path",
            "!dot-segments",
            "!encoded-*",
            "!rules-are-not-mixed",
            "!plain-http",
            "!too-many-requests",
            "!component-*",
            "!no-contract",
            "!core-module",
            "!text-format",
            "!call-after-*",
        ],
        says: (
            "good-token",
            "wrote a secret of the call to standard error (\"kitSecretCanaryOne5f2d\", or an encoding of it); a log must \
             not have secrets",
        ),
    },
    Expected {
        name: "reuses-the-instance",
        mistake: Mistake::ReusesTheInstance,
        fail: &["fresh-instance", "call-after-a-trap", "call-after-a-loop"],
        says: (
            "fresh-instance",
            "call 2: the result contains the secret \"kitSecretCanaryOne5f2d\" of a call; each call needs a fresh instance \
             with zeroed memory, and a result has no secrets that the caller passed in",
        ),
    },
    Expected {
        name: "has-no-deadline",
        mistake: Mistake::HasNoDeadline,
        fail: &[
            "stall-*",
            "slow-*",
            "component-loops",
            "component-reads-without-end",
            "call-after-a-loop",
        ],
        says: (
            "stall-in-handshake",
            "gave no answer within 16 s, and was killed; a call must be stopped at the deadline (deadline-ms is 3000)",
        ),
    },
    Expected {
        name: "leaves-time-to-the-component",
        mistake: Mistake::LeavesTimeToTheComponent,
        fail: &["stall-*", "slow-*"],
        says: (
            "stall-before-head",
            "a call must be stopped at its deadline (deadline-ms is 3000), whatever time-outs the component and an HTTP \
             client have; the call ended ",
        ),
    },
    Expected {
        name: "limits-no-memory",
        mistake: Mistake::LimitsNoMemory,
        fail: &["component-eats-memory", "component-has-two-memories"],
        says: (
            "component-eats-memory",
            "answered success where there was none; expected stopped: memory/trap",
        ),
    },
    Expected {
        name: "limits-each-memory",
        mistake: Mistake::LimitsEachMemory,
        fail: &["component-has-two-memories"],
        says: (
            "component-has-two-memories",
            "answered success where there was none; expected refused, or stopped: memory/trap/other",
        ),
    },
    Expected {
        name: "limits-no-output",
        mistake: Mistake::LimitsNoOutput,
        fail: &["component-returns-100-mib", "component-returns-2-mib"],
        says: (
            "component-returns-2-mib",
            "answered success where there was none; expected stopped: too-large/memory/trap/other",
        ),
    },
    Expected {
        name: "retries-by-itself",
        mistake: Mistake::RetriesByItself,
        fail: &[
            "alert-*",
            "close-*",
            "reset-*",
            "!*-in-body",
            "endless-head",
            "oversized-head",
            "garbage-*",
            "throttled-*",
            "unavailable-*",
        ],
        says: (
            "unavailable-503",
            "tried again by itself: the server got 3 connections and 3 requests for one call; whether to try again is up to \
             the engine, which knows what an action may repeat",
        ),
    },
    Expected {
        name: "takes-alerts-for-verdicts",
        mistake: Mistake::TakesAlertsForVerdicts,
        fail: &["alert-*", "!alert-after-request"],
        says: (
            "alert-certificate-expired",
            "answered failure untrusted-server, retry never; expected failure unavailable",
        ),
    },
    Expected {
        name: "ignores-the-grant",
        mistake: Mistake::IgnoresTheGrant,
        fail: &[
            "nothing-granted",
            "other-*",
            "!other-contract",
            "!other-name-in-a-type",
            "wildcard-*",
            "deeper-path",
            "dot-segments",
            "encoded-*",
            "rules-are-not-mixed",
            "plain-http",
        ],
        says: (
            "other-host",
            "the server got a request; a request that is not granted must not be sent",
        ),
    },
    Expected {
        name: "hides-failures",
        mistake: Mistake::HidesFailures,
        fail: WITH_A_FAILURE,
        says: (
            "refused-client",
            "answered success where there was none; expected failure rejected, retry never",
        ),
    },
    Expected {
        name: "drops-details",
        mistake: Mistake::DropsDetails,
        fail: &[
            "empty-field",
            "unknown-action",
            "borrowed-token-expired",
            "refused-*",
            "throttled-*",
            "unavailable-*",
            "no-json",
            "redirect-*",
            "connection-refused",
            "close-*",
            "reset-*",
            "cut-*",
            "alert-*",
            "plain-http-instead-of-tls",
            "garbage-*",
            "endless-*",
            "oversized-*",
            "certificate-*",
        ],
        says: (
            "close-before-head",
            "changed the details of the failure: host is missing; the action reported \
             \"login.mypurecloud.de\"",
        ),
    },
    Expected {
        name: "drops-messages",
        mistake: Mistake::DropsMessages,
        fail: WITH_A_FAILURE,
        says: (
            "other-host",
            "passed on the failure without its message; designers read it",
        ),
    },
    Expected {
        name: "loads-text",
        mistake: Mistake::LoadsText,
        fail: &["text-format"],
        says: (
            "text-format",
            "loaded something that is not a component of this contract; expected {\"refused\": …} before any call",
        ),
    },
    Expected {
        name: "compares-no-types",
        mistake: Mistake::ComparesNoTypes,
        fail: &["other-name-in-a-type"],
        says: (
            "other-name-in-a-type",
            "loaded something that is not a component of this contract; expected {\"refused\": …} before any call",
        ),
    },
    Expected {
        name: "drops-headers",
        mistake: Mistake::DropsHeaders,
        fail: &[
            "throttled-*",
            "!throttled-without-retry-after",
            "!throttled-garbage",
            "unavailable-503-retry-after",
        ],
        says: (
            "throttled-seconds",
            "answered failure throttled, retry with backoff; expected failure throttled, retry after 30 s",
        ),
    },
    Expected {
        name: "crashes",
        mistake: Mistake::Crashes,
        fail: &[
            "component-*",
            "!component-loops",
            "!component-reads-without-end",
            "call-after-a-trap",
        ],
        says: (
            "component-traps",
            "ended with exit status: 101; expected an answer and exit status 0, whatever the component does",
        ),
    },
    Expected {
        name: "prints-garbage",
        mistake: Mistake::PrintsGarbage,
        fail: &["*"],
        says: (
            "good-token",
            "printed something that is not one JSON document (expected value at line 1 column 1): \"loading the component",
        ),
    },
];

impl Mistake {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = MISTAKES.iter().find(|it| it.name == name);
        assert!(
            name.is_empty() || found.is_some(),
            "there is no mistake {name}"
        );
        found.map(|it| it.mistake)
    }
}

fn matches(pattern: &str, case: &str) -> bool {
    match pattern.split_once('*') {
        Some((beginning, end)) => case.starts_with(beginning) && case.ends_with(end),
        None => case == pattern,
    }
}

type Cases = Vec<&'static Case>;

/// Set for the long form, which runs every case with every mistake. The short form runs a sample of the cases.
const ALL: &str = "CONFORMANCE_ALL";

/// Runs cases against the host with this mistake: all that must fail do, and no others.
pub(crate) fn check(expected: Option<&Expected>) {
    let name = expected.map_or("", |it| it.name);
    let (fail, pass): (Cases, Cases) = cases().partition(|it| is_expected(expected, it.name));
    let says = expected.map_or("", |it| it.says.0);
    let is_long = expected.is_none() || std::env::var_os(ALL).is_some();
    let sample: Vec<_> = if is_long {
        cases().collect()
    } else {
        let with_words = fail.iter().filter(|it| it.name == says);
        let others = fail.iter().filter(|it| it.name != says).take(3);
        let passing = pass.iter().step_by(10);
        with_words.chain(others).chain(passing).copied().collect()
    };
    compile_once();
    let verdicts = verdicts(expected, sample.clone());
    let failed: Vec<_> = verdicts
        .iter()
        .filter(|it| it.status == Status::Failed)
        .collect();
    for verdict in &failed {
        println!(
            "{name} {}: got {}; {:?} {}",
            verdict.case, verdict.got, verdict.wrong, verdict.log
        );
    }
    let failed_names: BTreeSet<_> = failed.iter().map(|it| it.case).collect();
    let names = sample.iter().map(|it| it.name);
    let must_fail: BTreeSet<_> = names.filter(|it| is_expected(expected, it)).collect();
    assert_eq!(failed_names, must_fail, "{name}");
    let Some(expected) = expected else {
        return;
    };
    let (case, words) = expected.says;
    let verdict = verdicts.iter().find(|it| it.case == case).unwrap();
    assert!(
        verdict.wrong.iter().any(|it| it.starts_with(words)),
        "{name}: {:#?}",
        verdict.wrong
    );
}

fn is_expected(expected: Option<&Expected>, case: &str) -> bool {
    let patterns = expected.map_or(&[][..], |it| it.fail);
    let mut excluding = patterns.iter().filter_map(|it| it.strip_prefix('!'));
    patterns.iter().any(|it| matches(it, case)) && !excluding.any(|it| matches(it, case))
}

fn verdicts(expected: Option<&Expected>, sample: Cases) -> Vec<Verdict> {
    let name = expected.map_or("", |it| it.name);
    let start_up = Duration::from_mins(2);
    // In the cases that it fails, it is killed at the end of its time, so that is kept short there.
    let fails_within = match name {
        "has-no-deadline" => Duration::from_secs(10),
        // The longest time-out of the action is 30 s.
        "leaves-time-to-the-component" => Duration::from_secs(40),
        _ => return run(kit(name, start_up), sample),
    };
    let (fail, pass): (Cases, Cases) = sample
        .into_iter()
        .partition(|it| is_expected(expected, it.name));
    let mut verdicts = run(kit(name, start_up), pass);
    verdicts.extend(run(kit(name, fails_within), fail));
    verdicts
}

/// Has one host compile the action while the other tests wait; after that, hosts take it from wasmtime's cache. Otherwise all
/// hosts that start meanwhile would compile it.
fn compile_once() {
    let mut hash = DefaultHasher::new();
    built_in_component::BYTES.hash(&mut hash);
    let stamp = format!("planted-{:016x}", hash.finish());
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let mut stamp = options
        .open(Path::new(env!("CARGO_TARGET_TMPDIR")).join(stamp))
        .unwrap();
    stamp.lock().unwrap();
    if stamp.metadata().unwrap().len() == 0 {
        let one = cases().filter(|it| it.name == "good-token");
        run(kit("", Duration::from_mins(2)), one);
        stamp.write_all(b"compiled\n").unwrap();
    }
}

fn kit(planted: &str, start_up: Duration) -> Arc<Kit> {
    let command = [
        OsString::from("env"),
        format!("{PLANTED}={planted}").into(),
        std::env::current_exe().unwrap().into(),
    ];
    Arc::new(Kit::new(command.into(), built_in_component::BYTES, start_up).unwrap())
}

fn run(kit: Arc<Kit>, cases: impl IntoIterator<Item = &'static Case>) -> Vec<Verdict> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let verdicts = kit.run_all(cases, 4, pending(), |_| ());
    runtime.unwrap().block_on(verdicts).unwrap().unwrap()
}
