//! `bot-runner conformance`, and this project's own host under test. That the kit finds mistakes is tested in its crate.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

#[cfg(unix)]
use crate::interrupt::send;
use crate::support::{Ended, bot_runner};

/// The kit against a host.
fn conformance(options: &[&str], host: &[&str]) -> Command {
    let mut command = bot_runner();
    // A debug build compiles the component for seconds, on a busy machine for longer.
    command.args(["conformance", "--start-up", "120"]);
    command.args(options).arg("--").args(host);
    command
}

const OWN: [&str; 2] = [env!("CARGO_BIN_EXE_bot-runner"), "conformance-host"];

#[test]
fn the_own_host_passes_all_cases() {
    let ended = Ended::of(&mut conformance(&["--json"], &OWN));
    let json = ended.json();
    let cases = json["cases"].as_array().unwrap();
    let failed: Vec<_> = cases.iter().filter(|it| it["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(cases.len() >= 90, "{}", cases.len());
    assert_eq!(ended.status, 0);
}

#[cfg(target_os = "linux")]
#[cfg(unix)]
#[test]
fn an_interrupted_kit_leaves_no_host_behind() {
    let folder = tempfile::tempdir().unwrap();
    let begun = folder.path().join("begun");
    nix::unistd::mkfifo(&begun, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let host = "echo $$ >\"$0\"; exec sleep 600";
    let begun = begun.to_str().unwrap();
    let mut kit = conformance(&["--case", "good-token"], &["sh", "-c", host, begun]);
    let kit = kit.stderr(Stdio::piped()).spawn().unwrap();
    let host = std::fs::read_to_string(begun).unwrap();
    send("TERM", &kit);
    let ended = kit.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("interrupted"), "{said}");
    // A process that was killed is there until its parent has read its status.
    let state = format!("/proc/{}/stat", host.trim());
    while std::fs::read_to_string(&state).is_ok_and(|it| !it.contains(") Z ")) {
        std::thread::yield_now();
    }
}

#[test]
fn a_case_that_fails_is_explained() {
    let ended = Ended::of(&mut conformance(
        &["--case", "good-token", "--case", "core-module"],
        &["echo", "oh"],
    ));
    assert_eq!(
        (ended.status, ended.stdout.as_str(), ended.stderr.as_str()),
        (
            1,
            "\
failed   good-token                      the server issues a token
           expected  success, session opened; one attempt
           because   What every sign-in needs: fields reach the component, its request the server, and the session the caller.
           got       no valid answer
         - printed something that is not one JSON document (expected value at line 1 column 1): \"oh\\n\"
failed   core-module                     a core module instead of a component
           expected  refused; no connection
           because   A frequent mistake: the build left out the last step.
           got       no valid answer
         - printed something that is not one JSON document (expected value at line 1 column 1): \"oh\\n\"

`bot-runner conformance --markdown` describes the format of an answer.

0 ok, 2 failed, 0 skipped
",
            ""
        )
    );
}

#[test]
fn the_message_of_the_host_is_shown_if_a_case_fails() {
    let host =
        r#"cat >/dev/null; echo '{"results": [{"stopped": "trap", "message": "no table"}]}'"#;
    let run = |options: &[&str]| {
        let options = [&["--case", "good-token"], options].concat();
        Ended::of(&mut conformance(&options, &["sh", "-c", host]))
    };
    let ended = run(&[]);
    let (_, shown) = ended.stdout.split_once("           got ").unwrap();
    assert!(
        shown.starts_with(
            "      stopped: trap\n           message   no table\n         - answered stopped: trap; expected success, \
             session opened\n         - no connection arrived at 127.0.0.1:"
        ),
        "{shown}"
    );
    assert_eq!(run(&["--json"]).json()["cases"][0]["message"], "no table");
}

#[test]
fn a_host_that_crashes_should_have_refused_the_component() {
    let ended = Ended::of(&mut conformance(
        &["--case", "other-contract"],
        &["sh", "-c", "exit 1"],
    ));
    assert!(
        ended.stdout.contains(
            "ended with exit status: 1; this component should have been refused when it was loaded"
        ),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_case_that_is_kept_can_be_run_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let options = ["--case", "empty-field", "--keep", kept.to_str().unwrap()];
    assert_eq!(Ended::of(&mut conformance(&options, &OWN)).status, 0);
    let file = |name| kept.join("empty-field").join(name);
    let request = std::fs::File::open(file("request.json")).unwrap();
    let again = Ended::of(bot_runner().arg("conformance-host").stdin(request));
    assert_eq!(
        again.stdout,
        std::fs::read_to_string(file("answer.json")).unwrap()
    );
    assert!(file("component.wasm").is_file() && file("log.txt").is_file());
}

#[test]
fn a_case_that_is_skipped_is_reported() {
    let options = [
        "--case",
        "text-format",
        "--case",
        "good-token",
        "--skip",
        "good-token",
    ];
    let ended = Ended::of(&mut conformance(&options, &OWN));
    assert_eq!(
        (ended.status, ended.stdout.as_str()),
        (
            0,
            "\
skipped  good-token                    
ok       text-format                     refused

1 ok, 0 failed, 1 skipped
"
        )
    );
}

#[test]
fn a_kit_that_cannot_run_ends_with_status_2() {
    let ended = Ended::of(&mut conformance(&["--case", "no-such-case"], &OWN));
    assert_eq!(
        (ended.status, ended.stderr.as_str()),
        (
            2,
            "error: there is no case \"no-such-case\"; `bot-runner conformance --list` names them\n"
        )
    );
    let ended = Ended::of(&mut conformance(
        &["--case", "good-token"],
        &["/no/such/host"],
    ));
    assert_eq!(ended.status, 2);
    assert!(
        ended
            .stderr
            .starts_with("error: the host under test \"/no/such/host\" cannot be started: "),
        "{}",
        ended.stderr
    );
    let ended = Ended::of(bot_runner().arg("conformance"));
    assert_eq!(ended.status, 2);
}

#[test]
fn the_document_is_up_to_date() {
    let printed = Ended::of(bot_runner().args(["conformance", "--markdown"]));
    let listed = Ended::of(bot_runner().args(["conformance", "--list", "--markdown"]));
    assert_eq!(listed.stdout, printed.stdout);
    let with_a_host = Ended::of(&mut conformance(&["--markdown"], &OWN));
    assert_eq!(with_a_host.status, 2);
    assert_eq!(printed.status, 0, "{}", printed.stderr);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(
        kept == printed.stdout,
        "{}: bring it up to date with `cargo run -- conformance --markdown > host-test/docs/conformance.md`",
        file.display()
    );
}

#[test]
fn the_list_has_every_case_once() {
    let json = Ended::of(bot_runner().args(["conformance", "--list", "--json"])).json();
    let mut names: Vec<_> = json["cases"].as_array().unwrap().iter().map(name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let is_kebab = |name: &&str| {
        name.bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    assert!(names.iter().all(is_kebab), "{names:?}");
}

fn name(case: &Value) -> &str {
    case["case"].as_str().unwrap()
}
