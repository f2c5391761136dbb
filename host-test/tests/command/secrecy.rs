//! Nothing that any command prints contains a secret or a token: on standard output, on standard error, in errors, and
//! in the log at level TRACE.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;
use test_support::https::{Reply, Server};
use tokio::task::block_in_place;

use crate::support::{CLIENT_ID, Ended, Genesys, SECRET, bot_runner, genesys_hosts, with_input};

/// Asserts that the output contains neither the secret, plain or encoded, nor a token. Tokens of the embedded cloud are
/// recognized by their 86 characters of base64url.
fn assert_silent(what: &str, ended: &Ended) {
    let shown = ended.all();
    let basic = STANDARD.encode(format!("{CLIENT_ID}:{SECRET}"));
    for secret in [SECRET, &basic, &basic[..40]] {
        assert!(!shown.contains(secret), "{what} shows a secret:\n{shown}");
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let token = shown.split(|c| !is_token(c)).find(|word| word.len() == 86);
    assert_eq!(token, None, "{what} shows a token:\n{shown}");
}

#[test]
fn command_output_contains_no_secrets_or_tokens() {
    let genesys = Genesys::start(&[]);
    let finest = |mut command: std::process::Command, log_format| {
        command
            .args(["--log-format", log_format])
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        Ended::of(&mut command)
    };
    let bot = |secret: &serde_json::Value| {
        let steps = json!([
            {
                "action": "genesys/oauth-authenticate",
                "url": "eu-central-1",
                "client-id": CLIENT_ID,
                "client-secret": secret,
            },
            { "action": "genesys/api-request", "path": "/api/v2/tokens/me", "output": "token" },
            { "action": "log", "message": "{token.organization.name}" },
            { "action": "genesys/disconnect" },
        ]);
        json!({ "name": "Canary", "steps": steps }).to_string()
    };

    for (json, log_format) in [(&[][..], "text"), (&["--json"], "text"), (&[], "json")] {
        let mut authenticate = genesys.authenticate();
        authenticate.args(json);
        let ended = finest(authenticate, log_format);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        // The log is not empty; otherwise this test would prove nothing.
        assert!(ended.stderr.contains("connected"), "{}", ended.stderr);
        // wasmtime would trace what components pass to the host.
        assert!(!ended.stderr.contains("wasmtime"), "{}", ended.stderr);
        assert_silent("authenticate", &ended);

        for (name, secret) in [
            ("insecure string", json!({ "insecure-string": SECRET })),
            ("variable", json!({ "variable": "CANARY" })),
        ] {
            let file = genesys.file("bot.json", &bot(&secret));
            let mut run = genesys.command("run");
            run.arg(file)
                .args(["--env", "CANARY"])
                .env("CANARY", SECRET)
                .args(json);
            let ended = finest(run, log_format);
            assert_eq!(ended.status, 0, "{}", ended.stderr);
            assert_silent(name, &ended);
        }
    }
}

/// A secret, a client id and a token that are so short that the command does not truncate a text that repeats them.
const REPEATED: &str = "c4nary/+&x";
const REPEATED_ID: &str = "id";
const REPEATED_TOKEN: &str = "t0ken-of-c4nary";

/// The credentials of a request, in each form in which a server can repeat them.
fn repetition(request: &str) -> String {
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization")
            .then(|| value.to_owned())
    };
    let authorization = request.lines().find_map(header).unwrap();
    let (scheme, credentials) = authorization.split_once(' ').unwrap();
    if scheme != "Basic" {
        return authorization;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials).unwrap()).unwrap();
    let (_, secret) = decoded.split_once(':').unwrap();
    let in_form: String = form_urlencoded::byte_serialize(REPEATED.as_bytes()).collect();
    assert!([REPEATED, &in_form].contains(&secret), "{secret}");
    format!("{authorization} {decoded} {REPEATED} {in_form}")
}

/// A server that refuses requests that begin with `refused`. It repeats their credentials in each of these members and in the
/// correlation id.
async fn repeating(folder: &TempDir, refused: &'static str, members: [&'static str; 2]) -> Server {
    genesys_hosts(folder, move |request| {
        let (status, id, body) = if request.starts_with(refused) {
            let said = repetition(request);
            let body = json!({ members[0]: said, members[1]: said });
            ("400 Bad Request", said, body)
        } else {
            let token = json!({ "access_token": REPEATED_TOKEN, "token_type": "bearer" });
            ("200 OK", String::from("c-1"), token)
        };
        let body = body.to_string();
        Reply::keep(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             ININ-Correlation-Id: {id}\r\n\r\n{body}",
            body.len()
        ))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_a_server_repeats_are_not_shown() {
    let folder = TempDir::new().unwrap();
    let bot = json!({ "name": "Canary", "steps": [
        { "action": "genesys/oauth-authenticate", "url": "eu-central-1", "client-id": REPEATED_ID,
          "client-secret": { "variable": "CANARY" } },
        { "action": "genesys/api-request", "path": "/api/v2/users/me", "output": "me" },
    ]});
    let file = folder.path().join("bot.json");
    std::fs::write(&file, bot.to_string()).unwrap();
    let authenticate = || {
        let mut command = bot_runner();
        command
            .args(["authenticate", "--url", "eu-central-1"])
            .args(["--client-id", REPEATED_ID])
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", REPEATED);
        command
    };
    let run = || {
        let mut command = bot_runner();
        command
            .arg("run")
            .arg(&file)
            .args(["--env", "CANARY"])
            .env("CANARY", REPEATED);
        command
    };
    for (refused, members) in [
        ("POST /oauth/token", ["error", "error_description"]),
        ("POST /oauth/token", ["code", "message"]),
        ("GET /api/v2/users/me", ["code", "message"]),
    ] {
        let server = repeating(&folder, refused, members).await;
        let finest = |mut command: std::process::Command, json, log_format| {
            command
                .args(json)
                .args(["--log-format", log_format])
                .args(["--gateway", &server.address().to_string()])
                .arg("--ca-file")
                .arg(folder.path().join("ca.pem"))
                .env("RUST_LOG", "trace");
            block_in_place(|| Ended::of(&mut command))
        };
        for json in [&[][..], &["--json"]] {
            for log_format in ["text", "json"] {
                let mut commands = vec![run()];
                if refused.contains("token") {
                    commands.push(authenticate());
                }
                for command in commands {
                    let what = format!("{command:?} {json:?} {log_format} {members:?}");
                    let ended = finest(command, json, log_format);
                    assert_eq!(ended.status, 1, "{what}: {}", ended.all());
                    assert!(ended.stderr.contains("connected"), "{what}");
                    let shown = ended.all();
                    // They were repeated, and redacted.
                    assert!(shown.contains("***"), "{what}: {shown}");
                    let encoded = STANDARD.encode(REPEATED);
                    for secret in ["c4nary", "t0ken", &encoded[..6]] {
                        assert!(!shown.contains(secret), "{what}: {secret} in {shown}");
                    }
                }
            }
        }
    }
}

#[test]
fn error_messages_contain_no_secrets() {
    let genesys = Genesys::start(&["--tokens-per-minute", "0"]);
    let with = |url: &str, more: &[&str]| {
        let mut command = genesys.command("authenticate");
        command
            .args([
                "--url",
                url,
                "--client-id",
                CLIENT_ID,
                "--client-secret-file",
            ])
            .arg(genesys.secret_file())
            .args(more)
            .env("RUST_LOG", "trace");
        Ended::of(&mut command)
    };
    for (url, more) in [
        ("eu-central-1", &[][..]),
        ("eu-central-1", &["--json"]),
        ("eu-west-1", &[]),
        ("https://evil.example", &[]),
        ("eu-central-1", &["--session-name", " "]),
    ] {
        let ended = with(url, more);
        assert_eq!(ended.status, 1, "{}", ended.stderr);
        assert_silent(url, &ended);
    }
}

#[test]
fn malformed_bot_files_are_not_quoted_in_errors() {
    let genesys = Genesys::start(&[]);
    for content in [
        format!(
            "{{\"name\": \"x\", \"steps\": [{{\"action\": \"genesys/oauth-authenticate\", \"url\": \"x\", \"client-id\": \"y\", \"client-secret\": \"{SECRET}\"}}]}}"
        ),
        format!(
            "{{\"name\": \"x\", \"steps\": [{{\"action\": \"genesys/oauth-authenticate\", \"url\": \"x\", \"client-id\": \"y\", \"client-secret\": {{\"insecure-string\": \"{SECRET}\", \"x\": 1}}}}]}}"
        ),
        format!("{{\"name\": \"x\", \"steps\": [\"{SECRET}\" \"x\"]}}"),
    ] {
        let file = genesys.file("bot.json", &content);
        let ended = Ended::of(genesys.command("run").arg(file).env("RUST_LOG", "trace"));
        assert_eq!(ended.status, 2, "{}", ended.stderr);
        assert_silent("run", &ended);
    }
}

#[test]
fn the_served_cloud_does_not_print_configured_secrets() {
    let genesys = Genesys::start(&[]);
    assert!(
        !genesys.ready.to_string().contains(SECRET),
        "{}",
        genesys.ready
    );
    assert_eq!(genesys.ready["client"]["id"], CLIENT_ID);
}

#[test]
fn a_redirect_uri_allows_sign_ins() {
    let callback = ["--redirect-uri", "http://127.0.0.1:9000/callback"];
    assert_eq!(Genesys::start(&[]).ready["users"], json!([]));

    let made_up = Genesys::start(&callback);
    let user = &made_up.ready["users"][0];
    assert_eq!(user["username"], "jane.doe@example.com");
    assert!(user["password"].is_string(), "the only way to learn it");

    let file = made_up.file("password", &format!("{SECRET}\n"));
    let given = format!("john:{}", file.display());
    let given = Genesys::start(&[&callback[..], &["--user", &given]].concat());
    assert_eq!(given.ready["users"], json!([{ "username": "john" }]));
}

#[test]
fn secrets_are_not_accepted_as_arguments() {
    for command in ["authenticate", "run", "genesys"] {
        let help = Ended::of(bot_runner().args([command, "--help"])).stdout;
        for option in help
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let takes_a_secret = option.contains("secret") && !option.contains("secret-file");
            assert!(!takes_a_secret, "{command} {option}");
        }
    }
    let refused = with_input(
        bot_runner().args(["authenticate", "--client-secret", "x"]),
        "",
    );
    assert_eq!(refused.status, 2);
}

#[cfg(unix)]
#[test]
fn secrets_that_are_not_utf_8_are_not_quoted_in_errors() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let genesys = Genesys::start(&[]);
    let secret = [SECRET.as_bytes(), b"\xff"].concat();
    let secret = OsStr::from_bytes(&secret);
    let bot = json!({ "name": "x", "steps": [{ "action": "log", "message": "x" }] });
    let file = genesys.file("bot.json", &bot.to_string());
    let mut run = genesys.command("run");
    run.arg(file)
        .args(["--env", "CANARY"])
        .env("CANARY", secret);
    let mut authenticate = genesys.command("authenticate");
    authenticate
        .args(["--url", "eu-central-1", "--client-id", CLIENT_ID])
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret);
    for mut command in [run, authenticate] {
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, 2, "{}", ended.stderr);
        assert!(ended.stderr.contains("is not UTF-8"), "{}", ended.stderr);
        assert_silent("a variable that is not UTF-8", &ended);
    }
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn the_password_of_a_database_is_not_shown() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let private = |name: &str, content: &str| {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    };
    let key = private("key", &STANDARD.encode([7; 32]));
    for (line, url) in [
        // Well-formed, incomplete, and with a needless escape.
        (format!("127.0.0.1:1:room:bot:{SECRET}"), ""),
        (format!("127.0.0.1:{SECRET}"), ""),
        (format!("127.0.0.1:1:room:bot:\\x{SECRET}"), ""),
        (String::new(), &*format!("?sslpassword={SECRET}")),
        (String::new(), &*format!("?password={SECRET}")),
        (String::new(), &*format!("?{SECRET}")),
    ] {
        let mut command = bot_runner();
        command
            .args(["user", "list", "--key-file"])
            .arg(&key)
            // Nobody listens there.
            .args([
                "--database",
                &format!("postgres://bot@127.0.0.1:1/room{url}"),
            ])
            .env("PGPASSFILE", private("pgpass", &line))
            .env("RUST_LOG", "trace");
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, 2, "{}", ended.stderr);
        assert!(!ended.stderr.contains("Usage"), "{}", ended.stderr);
        assert_silent(&format!("a password in {line:?} or {url:?}"), &ended);
    }
}
