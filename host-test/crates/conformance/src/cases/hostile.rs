//! Components that use more than they may, crash, or are not components.

use scripted_server::{Act, Script};

use super::grants::ask;
use super::{NO_PAUSE, failure, then};
use crate::component::{as_text, with_another_name, with_more_memory};
use crate::protocol::{Call, Rule};
use crate::trial::{Accepted, Case, Component, Expected, SHORT, Traffic, Trial};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "component-loops",
        what: "a component computes forever",
        why: "A time-out around the call does not fire while a component computes; that takes epochs, fuel, or a thread that is \
              ended.",
        trial: |_| Trial {
            deadline: SHORT,
            ..stopped("loop", &["cpu", "deadline"])
        },
    },
    Case {
        name: "component-eats-memory",
        what: "a component takes 64 MiB, where `memory-bytes` is 16 MiB",
        why: "One component must not take the memory of all. If `memory.grow` fails, the component traps.",
        trial: |_| stopped("grow", &["memory", "trap"]),
    },
    Case {
        name: "component-has-two-memories",
        what: "a component has a memory of 2.5 MiB and one of 16 MiB, where `memory-bytes` is 16 MiB",
        why: "The limit is for all memories of a call together: a component may have as many as it likes.",
        trial: |_| Trial {
            component: Component::Bytes(with_more_memory()),
            ..Trial::hostile(
                call("behave"),
                Script::each([]),
                vec![
                    Accepted::Refused,
                    Accepted::Stopped(&["memory", "trap", "other"]),
                ],
            )
        },
    },
    Case {
        name: "component-recurses",
        what: "a component calls itself without end",
        why: "Its stack must end before the host's.",
        trial: |_| stopped("recurse", &["trap", "memory", "cpu", "other"]),
    },
    Case {
        name: "component-traps",
        what: "a component executes `unreachable`",
        why: "The host continues, and says that the component crashed.",
        trial: |_| stopped("trap", &["trap"]),
    },
    Case {
        name: "component-returns-100-mib",
        what: "a component returns 100 outputs, all the same 1 MiB of its memory",
        why: "The limit of memory does not help: what a component returns is copied, once for each mention.",
        trial: |_| stopped("return-100-mib", &["too-large", "memory", "trap", "other"]),
    },
    Case {
        name: "component-returns-2-mib",
        what: "a component returns a string of 2 MiB, where `output-bytes` is 1 MiB",
        why: "As above.",
        trial: |_| stopped("return-2-mib", &["too-large", "memory", "trap", "other"]),
    },
    Case {
        name: "component-returns-nowhere",
        what: "a component returns a string that lies outside its memory",
        why: "The host must check pointers before it reads.",
        trial: |_| stopped("return-nowhere", &["trap", "too-large", "other"]),
    },
    Case {
        name: "component-reads-without-end",
        what: "a component reads an endless body to its end",
        why: "It waits most of the time, so a limit of CPU time alone does not end it.",
        trial: |_| {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            let script = then([Act::send(head), Act::Repeat(vec![b'x'; 1 << 14], NO_PAUSE)]);
            Trial {
                grant: vec![Rule {
                    hosts: &["api.example.com"],
                    methods: &["GET"],
                    paths: &["/endless"],
                    headers: &[],
                }],
                deadline: SHORT,
                traffic: Traffic::Once,
                hosts: &["api.example.com"],
                ..Trial::hostile(
                    ask(["api.example.com", "/endless", "GET", "https", "", "1"]),
                    script,
                    vec![
                        failure(&["request-failed"]),
                        Accepted::Stopped(&["deadline", "cpu", "too-large"]),
                    ],
                )
            }
        },
    },
    Case {
        name: "other-contract",
        what: "a component that exports `bot:action` with other types",
        why: "The types are compared when a component is loaded, not when a bot runs.",
        trial: |_| refused(*include_bytes!("../../components/other-contract.wasm")),
    },
    Case {
        name: "other-name-in-a-type",
        what: "a component whose `retry` has a case `backofg` in place of `backoff`",
        why: "Types are compared at every level, down to the names of cases: this component could return a value that no engine knows.",
        trial: |_| refused(with_another_name()),
    },
    Case {
        name: "no-contract",
        what: "a component that exports nothing",
        why: "As above.",
        trial: |_| refused(*b"\0asm\x0d\0\x01\0"),
    },
    Case {
        name: "core-module",
        what: "a core module instead of a component",
        why: "A frequent mistake: the build left out the last step.",
        trial: |_| refused(*b"\0asm\x01\0\0\0"),
    },
    Case {
        name: "text-format",
        what: "a component in the text format (WAT)",
        why: "Some runtimes compile text as well. No build tool produces it, and accepting it means trusting one more parser.",
        trial: |_| refused(as_text()),
    },
];

fn call(action: &'static str) -> Call {
    Call {
        action,
        arguments: Vec::new(),
    }
}

fn stopped(action: &'static str, reasons: &'static [&'static str]) -> Trial {
    Trial::hostile(
        call(action),
        Script::each([]),
        vec![Accepted::Stopped(reasons)],
    )
}

fn refused(component: impl Into<Vec<u8>>) -> Trial {
    Trial {
        component: Component::Bytes(component.into()),
        expected: Expected::Refused,
        ..Trial::hostile(call("behave"), Script::each([]), Vec::new())
    }
}
