//! A server that misbehaves in many ways: one table of what it does, the action's result, and whether the engine retries.

mod bodies;
mod exchanges;
mod statuses;

use std::thread;
use std::time::Duration;

use action_host::oauth::{Oauth, OauthError, Session};
use action_host::{CallError, Grant, Success};
use bot_engine::RetryPolicy;
use egress::{AllowList, Client};
use secrecy::ExposeSecret;
use test_support::scripted::{Act, Script, Server, answer, answers};
use tokio::runtime;
use tokio::time::Instant;

use crate::component::{Build, test_both_builds};
use crate::generic::AUTHENTICATE;
use crate::outcome::{host_of, in_a_line, of_error};
use crate::scripted::{LOGIN, SECRET, Scripted, URL, credentials, towards};

test_both_builds![
    each_misbehaviour_of_a_server_has_its_own_error,
    a_redirect_is_not_followed,
    surplus_bytes_of_a_response_are_not_the_next_response,
    a_silent_server_is_left_at_the_time_out_of_the_step,
];

/// What the server does, the result ([`in_a_line`]), and whether the engine retries.
type Row = (&'static str, Script, &'static str, bool);

/// The engine retries.
const AGAIN: bool = true;

/// The engine does not retry.
const FINAL: bool = false;

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"bearer","expires_in":3600}"#;

/// The tolerance for a busy machine. The time-outs themselves are exact.
const SLACK: Duration = Duration::from_secs(5);

/// The longest that any call lasts: the deadline around it.
const LONGEST: Duration = Duration::from_mins(1).saturating_add(SLACK);

async fn each_misbehaviour_of_a_server_has_its_own_error(build: Build) {
    let table = [exchanges::rows(), statuses::rows(), bodies::rows()].concat();
    let scripts = table.iter().map(|(_, script, ..)| script.clone()).collect();
    let mut wrong = Vec::new();
    println!("| the server | the action | tries again | after |\n|---|---|---|---|");
    for ((mode, _, expected, again), measured) in table.iter().zip(measure_all(build, scripts)) {
        let (outcome, tried_again, lasted) = measured;
        let tries = if tried_again { "yes" } else { "no" };
        println!("| {mode} | {outcome} | {tries} | {} s |", lasted.as_secs());
        if (outcome.as_str(), tried_again) != (expected, *again) || lasted > LONGEST {
            wrong.push(format!("{mode}: {outcome}, after {lasted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The result in one line, whether the engine retries, and the time by tokio's clock.
type Measured = (String, bool, Duration);

/// Authenticates at a server with each of these scripts, through both interfaces.
fn measure_all(build: Build, scripts: Vec<Script>) -> Vec<Measured> {
    let measure = move |script: Script| {
        let (result, lasted) = in_a_runtime_of_its_own(measure(build, script.clone()));
        let ran = in_a_runtime_of_its_own(run(build, script));
        let code = |error: Option<&str>| error.map(String::from);
        assert_eq!(
            code(result.as_ref().err().map(CallError::kind)),
            code(ran.as_ref().err().map(CallError::kind)),
        );
        let tried_again = ran.is_err_and(is_tried_again);
        (in_a_line(&result), tried_again, lasted)
    };
    // The test's own runtime is on this thread.
    let measured = thread::spawn(move || scripts.into_iter().map(measure).collect());
    measured.join().unwrap()
}

/// A script may pause the clock of its runtime.
fn in_a_runtime_of_its_own<T>(call: impl Future<Output = T>) -> T {
    let mut runtime = runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(call)
}

/// Through the typed interface: the result, and the time by tokio's clock.
async fn measure(
    build: Build,
    script: Script,
) -> (Result<Session, CallError<OauthError>>, Duration) {
    let fixture = Scripted::start(build, script).await;
    let begin = Instant::now();
    let result = fixture.authenticate().await;
    let lasted = begin.elapsed();
    match &result {
        Ok(session) => {
            assert_eq!(session.token_type, "Bearer");
            assert_eq!(session.api_url, "https://api.mypurecloud.de");
        }
        Err(error) => assert_harmless(&fixture, error).await,
    }
    let seen = fixture.finish().await;
    assert_eq!(seen.connections, 1, "the action tries once");
    (result, lasted)
}

/// Through the generic interface.
async fn run(build: Build, script: Script) -> Result<Success, CallError> {
    let fixture = Scripted::start(build, script).await;
    let result = fixture.run().await;
    if let Err(CallError::Failed(failure)) = &result {
        assert_eq!(failure.detail("host"), Some(LOGIN), "{failure:?}");
        let details = failure.details.iter();
        let mut texts: Vec<String> = details.map(|(_, value)| value.clone()).collect();
        texts.push(failure.message.clone());
        let component = fixture.action.component();
        for locale in ["en", "de"] {
            let explained = component.explain(AUTHENTICATE, failure, locale).await;
            texts.push(explained.unwrap());
        }
        assert_all_harmless(&texts);
    }
    let seen = fixture.finish().await;
    assert_eq!(seen.connections, 1, "the action tries once");
    result
}

/// Whether the engine retries after this, with its default policy.
fn is_tried_again(error: CallError) -> bool {
    let mut runtime = runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut tries = RetryPolicy::default().begin();
        let failed = tries
            .attempt(async { Err::<(), bot_engine::CallError>(error.into()) })
            .await;
        failed.is_err_and(|error| tries.next_wait(error).is_ok())
    })
}

/// No text of an error contains control characters or the secret,
/// and none exceeds its maximum length.
async fn assert_harmless(fixture: &Scripted, error: &CallError<OauthError>) {
    let mut texts = vec![error.to_string()];
    if let CallError::Failed(error) = error {
        assert_eq!(host_of(error), Some(LOGIN), "{error:?}");
        texts.push(of_error(error));
        for locale in ["en", "de"] {
            texts.push(fixture.action.explain(error, locale).await.unwrap());
        }
    }
    assert_all_harmless(&texts);
}

fn assert_all_harmless(texts: &[String]) {
    for text in texts {
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(
            !text.contains(['\u{202e}', '\u{2028}', '\u{200b}']),
            "{text:?}"
        );
        assert!(!text.contains(SECRET), "{text}");
        assert!(text.chars().count() < 1000, "{text}");
    }
}

async fn a_redirect_is_not_followed(build: Build) {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let elsewhere = Server::start(answers("200 OK", "", TOKEN)).await;
        let address = elsewhere.address();
        // Both would be reached: one through the gateway, one at an address that is allowed.
        for target in [
            "https://login.mypurecloud.com/oauth/token".into(),
            format!("https://{address}/oauth/token"),
        ] {
            let location = format!("Location: {target}\r\n");
            let server = Server::start(answers(status, &location, TOKEN)).await;
            let also = AllowList::parse([address.to_string()]).unwrap();
            let grant = Grant::any_request_to(AllowList::genesys().and(also));
            let client = Client::new(towards(server.address())).unwrap();
            let action = Oauth::new(build.load(&client).with_grant(grant)).unwrap();
            let credentials = credentials(URL, "id", SECRET);
            let result = action.authenticate(&credentials, "Default").await;
            assert_eq!(
                in_a_line(&result),
                format!(
                    "unexpected-response {}: it redirects elsewhere, which is never followed (c-1)",
                    &status[..3]
                )
            );
            assert_eq!(client.statistics().requests_sent, 1);
            drop((action, client));
            assert_eq!(server.finish().await.connections, 1);
        }
        assert_eq!(elsewhere.finish().await.connections, 0);
    }
}

async fn surplus_bytes_of_a_response_are_not_the_next_response(build: Build) {
    let good = answer("200 OK", "", TOKEN);
    let smuggled = answer(
        "200 OK",
        "",
        r#"{"access_token":"smuggled","token_type":"bearer"}"#,
    );
    let script = Script::Answer(vec![Act::Send([good, smuggled].concat()), Act::KeepOpen]);
    let fixture = Scripted::start(build, script).await;
    for _ in 0..3 {
        let session = fixture.authenticate().await.unwrap();
        assert_eq!(session.token.expose_secret(), "t0ken");
    }
    assert_eq!(fixture.finish().await.connections, 3);
}

async fn a_silent_server_is_left_at_the_time_out_of_the_step(build: Build) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n";
    let silent_after = |sent: &str| Script::Answer(vec![Act::Send(sent.into()), Act::Silence]);
    let modes = [
        ("connect", Script::InsteadOfTls(vec![Act::Silence]), 10),
        ("first byte", Script::Answer(vec![Act::Silence]), 30),
        ("half a head", silent_after("HTTP/1.1 200 OK\r\nConte"), 30),
        ("between bytes", silent_after(head), 10),
    ];
    let scripts = modes.iter().map(|(_, script, _)| script.clone()).collect();
    for ((step, _, time_out), measured) in modes.iter().zip(measure_all(build, scripts)) {
        let (outcome, tried_again, lasted) = measured;
        assert!(tried_again, "{step}: {outcome}");
        let time_out = Duration::from_secs(*time_out);
        let at_the_time_out = time_out..time_out + SLACK;
        assert!(at_the_time_out.contains(&lasted), "{step}: {lasted:?}");
    }
}
