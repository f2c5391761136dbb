//! The operator's folder with components: grants, and bots that use their actions.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Ended, bot_runner, wrapped};

#[cfg(unix)]
fn change_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder with the component `other`, which is the built-in one, and a bot that uses both.
struct Folder {
    folder: TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let folder = Self { folder };
        fs::create_dir(folder.components()).unwrap();
        #[cfg(unix)]
        change_mode(&folder.components(), 0o755);
        let mut export = bot_runner();
        export
            .args(["component", "export", "-o"])
            .arg(folder.file("other.wasm"));
        assert_eq!(Ended::of(&mut export).status, 0);
        folder
    }

    fn granted() -> Self {
        let folder = Self::new();
        folder.done(&["component", "grant", "other"]);
        folder
    }

    fn components(&self) -> PathBuf {
        self.folder.path().join("components")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.components().join(name)
    }

    /// `bot-runner` with these arguments and the folder.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = bot_runner();
        command
            .args(args)
            .arg("--components")
            .arg(self.components());
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        Ended::of(&mut self.command(args))
    }

    /// The output of a command that must succeed without a warning.
    fn done(&self, args: &[&str]) -> Ended {
        let ended = self.run(args);
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{args:?}");
        ended
    }

    /// The error of a command that must fail. With JSON, standard output has it too.
    fn refused(&self, args: &[&str]) -> String {
        let ended = self.run(args);
        assert_eq!(ended.status, 2, "{args:?}: {}", ended.stdout);
        ended.stderr
    }

    /// Whether the components have grants, by name.
    fn grants(&self) -> Value {
        let listed = self.done(&["component", "list", "--json"]).json();
        let components = listed["components"].as_array().unwrap().iter();
        components
            .map(|it| {
                (
                    it["name"].as_str().unwrap().to_owned(),
                    it["granted"].clone(),
                )
            })
            .collect()
    }

    fn digest(&self) -> String {
        let listed = self.done(&["component", "list", "--json"]).json();
        let digest = listed["components"][0]["digest"].as_str().unwrap();
        digest.into()
    }

    /// Appends a custom section to the component (WebAssembly, section 5.5.3): its name is `x`, and it is empty.
    fn change_component(&self) {
        let mut bytes = fs::read(self.file("other.wasm")).unwrap();
        bytes.extend([0, 2, 1, b'x']);
        fs::write(self.file("other.wasm"), bytes).unwrap();
    }

    /// Runs a bot that opens a session with `other` and one with the built-in component, against the embedded cloud.
    fn run_bot(&self) -> Ended {
        let file = self.folder.path().join("bot.json");
        fs::write(&file, bot().to_string()).unwrap();
        self.run(&[
            "run",
            "--genesys",
            "embedded",
            "--json",
            file.to_str().unwrap(),
        ])
    }

    /// Asserts that `other` is left out with a warning, and that no bot runs that uses it.
    fn assert_left_out(&self) {
        let ended = self.run(&["actions", "--json"]);
        assert_eq!(ended.status, 0);
        let warning = "warning: the component other has no grant, and is left out";
        assert!(ended.stderr.contains(warning), "{}", ended.stderr);
        // The commands that it names can be copied.
        let (_, show) = ended.stderr.split_once("`bot-runner ").unwrap();
        let (show, rest) = show.split_once('`').unwrap();
        let shown = Ended::of(bot_runner().args(show.split(' ')));
        assert!(shown.stdout.contains("It has no grant."), "{}", shown.all());
        let grant = show.replace("component show", "component grant");
        assert!(rest.contains(&format!("`bot-runner {grant}`")), "{rest}");
        assert!(
            !names(&ended.json())
                .iter()
                .any(|it| it.starts_with("other/"))
        );

        let ended = self.run_bot();
        assert_eq!(ended.status, 2);
        assert_eq!(ended.json()["error"]["pointer"], "/steps/0/action");
        for part in [
            warning,
            "step 1: action: There is no action “other/oauth-authenticate”",
        ] {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
    }
}

fn bot() -> Value {
    let authenticate = |component: &str, session: &str| {
        json!({
            "action": format!("{component}/oauth-authenticate"),
            "url": "eu-central-1",
            "client-id": { "credential": "genesys/hello-bot/client-id" },
            "client-secret": { "credential": "genesys/hello-bot/client-secret" },
            "session-name": session,
            "session": "own",
        })
    };
    json!({ "name": "Both", "steps": [
        authenticate("other", "Other"),
        authenticate("genesys", "Default"),
        {
            "action": "genesys/api-request",
            "session-name": "Other",
            "path": "/api/v2/organizations/me",
            "output": "organization",
        },
        { "action": "log", "message": "Hello, {organization.name}" },
        { "action": "other/disconnect", "session-name": "Other" },
        { "action": "genesys/disconnect", "session-name": "Default" },
    ]})
}

fn names(actions: &Value) -> Vec<String> {
    let actions = actions["actions"].as_array().unwrap().iter();
    let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
    actions.map(name).collect()
}

#[test]
fn a_component_without_a_grant_is_left_out() {
    let folder = Folder::new();
    assert_eq!(folder.grants(), json!({ "other": false }));
    folder.assert_left_out();
    // Other bots run.
    let sample = crate::support::sample("hello-client.json");
    let ended = folder.run(&["run", "--genesys", "embedded", sample.to_str().unwrap()]);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn what_a_component_asks_for_is_shown_and_granted_to_its_digest() {
    let folder = Folder::new();
    let digest = folder.digest();
    let shown = folder.done(&["component", "show", "other"]).stdout;
    let asks = [
        "POST to /oauth/token, with headers: authorization",
        "login.mypurecloud.de",
        "DELETE to /api/v2/tokens/me",
    ];
    for part in ["other/oauth-authenticate", &format!("sha256:{digest}")]
        .into_iter()
        .chain(asks)
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    let other_digest = "0".repeat(64);
    let error = folder.refused(&["component", "grant", "other", "--digest", &other_digest]);
    assert!(error.contains(&format!("sha256:{digest}")), "{error}");
    assert_eq!(folder.grants(), json!({ "other": false }));
    assert!(!folder.file("grants.json").exists());

    let with_digest = format!("sha256:{}", digest.to_uppercase());
    let granted = folder.done(&["component", "grant", "other", "--digest", &with_digest]);
    for part in asks {
        assert!(granted.stdout.contains(part), "{part}: {}", granted.stdout);
    }
    assert_eq!(folder.grants(), json!({ "other": true }));
    let listed = folder.done(&["component", "list"]).stdout;
    assert!(
        listed.contains("other") && listed.contains(&digest),
        "{listed}"
    );

    folder.done(&["component", "revoke", "other"]);
    assert_eq!(folder.grants(), json!({ "other": false }));
    folder.assert_left_out();
    let error = folder.refused(&["component", "revoke", "other"]);
    assert!(
        error.contains("the component other has no grant"),
        "{error}"
    );
}

/// The operator's file is what counts, not what the component asks for.
#[test]
fn a_grant_can_be_narrowed_and_is_shown_as_it_is() {
    let folder = Folder::new();
    let shown = || folder.done(&["component", "show", "other"]).stdout;
    assert!(shown().ends_with("It has no grant.\n"), "{}", shown());
    folder.done(&["component", "grant", "other"]);
    let mut grants: Value =
        serde_json::from_slice(&fs::read(folder.file("grants.json")).unwrap()).unwrap();
    let requests = grants
        .pointer_mut(&format!("/grants/{}/requests", folder.digest()))
        .and_then(Value::as_array_mut)
        .unwrap();
    requests.retain(|request| request["methods"] == json!(["POST"]));
    fs::write(folder.file("grants.json"), grants.to_string()).unwrap();
    let shown = shown();
    let (asks, granted) = shown.split_once("It is granted:").unwrap();
    assert!(asks.contains("DELETE to /api/v2/tokens/me"), "{asks}");
    assert!(granted.contains("POST to /oauth/token"), "{granted}");
    assert!(!granted.contains("DELETE"), "{granted}");
}

#[test]
fn a_changed_component_needs_a_new_grant() {
    let folder = Folder::granted();
    folder.change_component();
    assert_eq!(folder.grants(), json!({ "other": false }));
    folder.assert_left_out();
    folder.done(&["component", "grant", "other"]);
    let ended = folder.run_bot();
    assert_eq!(ended.status, 0, "{}", ended.stderr);

    // Both versions lose their grants.
    folder.done(&["component", "revoke", "other"]);
    let grants = fs::read_to_string(folder.file("grants.json")).unwrap();
    let grants: Value = serde_json::from_str(&grants).unwrap();
    assert_eq!(grants, json!({ "grants": {} }));
}

#[test]
fn a_grant_can_be_revoked_when_the_file_is_gone_or_has_another_name() {
    let folder = Folder::granted();
    fs::rename(folder.file("other.wasm"), folder.file("renamed.wasm")).unwrap();
    assert_eq!(folder.grants(), json!({ "renamed": true }));
    folder.done(&["component", "revoke", "renamed"]);
    assert_eq!(folder.grants(), json!({ "renamed": false }));

    folder.done(&["component", "grant", "renamed"]);
    fs::remove_file(folder.file("renamed.wasm")).unwrap();
    fs::write(folder.file("Not a name.wasm"), "").unwrap();
    folder.done(&["component", "revoke", "renamed"]);
}

#[test]
fn broken_grants_are_an_error_that_names_the_file_and_loses_nothing() {
    let folder = Folder::granted();
    let file = folder.file("grants.json");
    let good = fs::read_to_string(&file).unwrap();
    for broken in [
        good[..good.len() / 2].to_owned(),
        "[]".into(),
        "{}".into(),
        good.replace("\"other\"", "7"),
        good.replace("/oauth/token", "no path"),
        good.replace("login.mypurecloud.ie", "*"),
        " ".repeat((4 << 20) + 1),
    ] {
        assert_ne!(broken, good);
        fs::write(&file, &broken).unwrap();
        let bot = folder.run_bot();
        assert_eq!(bot.status, 2);
        for error in [
            bot.stderr,
            folder.refused(&["component", "list"]),
            folder.refused(&["component", "grant", "other"]),
            folder.refused(&["component", "revoke", "other"]),
        ] {
            assert!(error.contains("components/grants.json"), "{error}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
    // An editor may begin it with a byte order mark.
    fs::write(&file, format!("\u{feff}{good}")).unwrap();
    assert_eq!(folder.grants(), json!({ "other": true }));
}

#[test]
fn files_with_the_built_in_name_or_an_invalid_one_are_refused() {
    let folder = Folder::granted();
    for (name, problem) in [
        (
            "genesys.wasm",
            "genesys is the name of the built-in component",
        ),
        ("Other.wasm", "is not a name for a component"),
        ("a b.wasm", "is not a name for a component"),
        ("a-.wasm", "is not a name for a component"),
        ("a_b.wasm", "is not a name for a component"),
    ] {
        fs::copy(folder.file("other.wasm"), folder.file(name)).unwrap();
        for args in [
            &["actions"][..],
            &["schema"],
            &["component", "list"],
            &["component", "grant", "other"],
        ] {
            let error = folder.refused(args);
            assert!(error.contains(name) && error.contains(problem), "{error}");
        }
        fs::remove_file(folder.file(name)).unwrap();
    }
    // Other files in the folder are ignored.
    fs::write(folder.file("README.md"), "").unwrap();
    assert_eq!(names(&folder.done(&["actions", "--json"]).json()).len(), 7);
}

#[test]
fn the_actions_of_a_granted_component_are_beside_the_built_in_ones() {
    let folder = Folder::granted();
    let actions = folder.done(&["actions", "--json"]).json();
    assert_eq!(
        names(&actions),
        [
            "genesys/oauth-authenticate",
            "genesys/disconnect",
            "other/oauth-authenticate",
            "other/disconnect",
            "genesys/api-request",
            "log",
            "run-bot",
        ]
    );
    assert_eq!(actions["actions"][2]["component"], "other");
    let schema = folder.done(&["schema"]).json();
    let steps = schema["properties"]["steps"]["items"]["oneOf"]
        .as_array()
        .unwrap();
    for action in names(&actions) {
        let is_step = |step: &Value| step["properties"]["action"]["const"] == action.as_str();
        assert_eq!(steps.iter().filter(|it| is_step(it)).count(), 1, "{action}");
    }

    let ended = folder.run_bot();
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let report = ended.json();
    let steps = report["bots"][0]["steps"].as_array().unwrap().iter();
    let steps: Vec<_> = steps.map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "other/oauth-authenticate",
            "genesys/oauth-authenticate",
            "genesys/api-request",
            "log",
            "other/disconnect",
            "genesys/disconnect",
        ]
    );
}

#[test]
fn a_bot_with_an_action_of_a_component_is_checked() {
    let folder = Folder::granted();
    let check = |bot: &Value| {
        let file = folder.folder.path().join("bot.json");
        fs::write(&file, bot.to_string()).unwrap();
        folder.run(&["check", "--json", file.to_str().unwrap()])
    };
    let ended = check(&bot());
    assert_eq!(ended.status, 0, "{}", ended.all());

    // The component itself finds the mistake in a value.
    let mut wrong = bot();
    wrong["steps"][0]["url"] = "eu-central-9".into();
    wrong["steps"][4]["session"] = "own".into();
    let ended = check(&wrong);
    assert_eq!(ended.status, 1, "{}", ended.all());
    let json = ended.json();
    let problems = json["bots"][0]["problems"].as_array().unwrap().iter();
    let pointers: Vec<_> = problems.map(|it| &it["pointer"]).collect();
    assert_eq!(pointers, ["/steps/0/url", "/steps/4/session"]);
}

#[test]
fn components_can_be_named_on_the_command_line_and_in_the_environment() {
    let folder = Folder::granted();
    let with_folder = |args: &[&str]| {
        let mut command = bot_runner();
        command
            .args(args)
            .env("BOT_RUNNER_COMPONENTS", folder.components());
        Ended::of(&mut command)
    };
    let ended = with_folder(&["actions", "--json"]);
    assert!(names(&ended.json()).contains(&"other/disconnect".into()));

    // The grant is that of the digest, whatever the component is called.
    let file = folder.file("other.wasm");
    let (file, named) = (
        file.to_str().unwrap(),
        format!("third={}", file.to_str().unwrap()),
    );
    let ended = with_folder(&["actions", "--json", "--component", &named]);
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert!(names(&ended.json()).contains(&"third/disconnect".into()));
    let ended = with_folder(&["actions", "--component", file]);
    assert!(
        ended.stderr.contains("there are two components other"),
        "{}",
        ended.stderr
    );

    // Without a folder, nothing is granted, but what the component asks for can be shown.
    let ended = Ended::of(bot_runner().args(["actions", "--component", &named]));
    assert!(
        ended.stderr.contains("the component third has no grant"),
        "{}",
        ended.stderr
    );
    let ended = Ended::of(bot_runner().args(["component", "show", "third", "--component", &named]));
    assert!(
        ended.stdout.contains("third/oauth-authenticate"),
        "{}",
        ended.all()
    );
    let ended =
        Ended::of(bot_runner().args(["component", "grant", "third", "--component", &named]));
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("BOT_RUNNER_COMPONENTS"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_replacement_of_the_built_in_component_needs_a_grant_of_its_own() {
    let folder = Folder::new();
    folder.change_component();
    let component = format!("genesys={}", folder.file("other.wasm").display());
    let mut authenticate = bot_runner();
    authenticate.args(["authenticate", "--genesys", "embedded"]);
    authenticate.args(["--component", &component]);
    let ended = Ended::of(&mut authenticate);
    assert_eq!(ended.status, 2);
    let refused = "is not the built-in component, and has no grant";
    assert!(ended.stderr.contains(refused), "{}", ended.stderr);

    let mut grant = folder.command(&["component", "grant", "genesys", "--component", &component]);
    assert_eq!(Ended::of(&mut grant).status, 0);
    let ended = Ended::of(authenticate.arg("--components").arg(folder.components()));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

/// A number as WebAssembly writes it (LEB128).
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(u8::try_from(value & 127).unwrap() | 128);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], &*number(content.len()), content].concat()
}

/// A component with this many functions with this body.
fn with_functions(count: usize, body: &[u8]) -> Vec<u8> {
    let functions = number(count);
    let code = [&*number(body.len() + 2), &[0], body, &[0x0b]].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[&*functions, &vec![0; count]].concat()),
        section(10, &[functions, code.repeat(count)].concat()),
    ];
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, &module.concat())].concat()
}

#[cfg(unix)]
#[test]
fn a_folder_of_components_that_others_can_write_to_is_refused() {
    let folder = Folder::granted();
    let (whole, grants) = (folder.components(), folder.file("grants.json"));
    for (path, mode, others) in [(&whole, 0o755, 0o777), (&grants, 0o644, 0o666)] {
        change_mode(path, others);
        for (locale, refused) in [
            ("en", "others can write to"),
            ("de", "andere haben Schreibzugriff auf"),
        ] {
            let said = folder.refused(&["component", "list", "--locale", locale]);
            assert!(said.contains(refused), "{said}");
        }
        change_mode(path, mode);
        folder.done(&["component", "list"]);
    }
    if nix::unistd::geteuid().is_root() {
        let nobody = nix::unistd::Uid::from_raw(65_534);
        nix::unistd::chown(&grants, Some(nobody), None).unwrap();
        let said = folder.refused(&["component", "list"]);
        assert!(said.contains("belongs to another user"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn grants_can_be_changed_whatever_the_umask_is() {
    let folder = Folder::new();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000 && exec \"$0\" \"$@\""]);
    let ended = Ended::of(&mut wrapped(
        shell,
        &folder.command(&["component", "grant", "other"]),
    ));
    assert_eq!(ended.status, 0, "{}", ended.all());
    folder.done(&["component", "list"]);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_the_lock_is_not_emptied() {
    let folder = Folder::granted();
    let (kept, lock) = (folder.file("kept"), folder.file(".grants.json.lock"));
    fs::write(&kept, "kept").unwrap();
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&kept, &lock).unwrap();
    folder.done(&["component", "grant", "other"]);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
}

#[test]
fn a_component_that_is_too_complex_is_refused_before_it_is_compiled() {
    let folder = Folder::new();
    fs::write(folder.file("large.wasm"), with_functions(50_001, &[])).unwrap();
    let ended = folder.run(&["component", "show", "large"]);
    assert_eq!(ended.status, 2, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("too complex to compile: it has more than 50000 functions"),
        "{}",
        ended.stderr
    );
}

/// The checks before compilation accept this component. A CPU limit of one second ends the process that compiles it as the limit
/// of a minute would. The command itself has that limit too, but ignores the signal of the soft limit.
#[cfg(unix)]
#[test]
fn a_component_that_takes_too_long_to_compile_is_given_up() {
    // `i32.const 1`, `i32.const 1`, `i32.div_u`, `drop`
    let body = [0x41, 1, 0x41, 1, 0x6e, 0x1a].repeat(40);
    let folder = Folder::new();
    let file = folder.folder.path().join("slow.wasm");
    let component = with_functions(30_000, &body);
    fs::write(&file, &component).unwrap();
    // Written by hand, because `component grant` would compile the component.
    let digest = format!("{:x}", Sha256::digest(&component));
    let grants = json!({ "grants": { digest: { "component": "slow", "requests": [] } } });
    fs::write(folder.file("grants.json"), grants.to_string()).unwrap();
    let mut inspect = bot_runner();
    inspect.arg("inspect").arg(&file);
    let with_component = |args: &[&str]| {
        let mut command = folder.command(args);
        command
            .arg("--component")
            .arg(format!("slow={}", file.display()));
        command
    };
    let bot = folder.folder.path().join("bot.json");
    let steps = json!([{ "action": "log", "message": "x" }]);
    fs::write(&bot, json!({ "name": "b", "steps": steps }).to_string()).unwrap();
    for command in [
        inspect,
        with_component(&["actions"]),
        with_component(&["component", "show", "slow"]),
        with_component(&["run", bot.to_str().unwrap()]),
    ] {
        let limits = "trap '' XCPU && ulimit -S -t 1 && ulimit -H -t 60";
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")]);
        let ended = Ended::of(&mut wrapped(shell, &command));
        assert_eq!(ended.status, 2, "{command:?}: {}", ended.all());
        let refused = "the component is too complex: compiling it takes more than";
        assert!(ended.stderr.contains(refused), "{}", ended.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_that_compiles_limits_itself_before_it_reads_the_component() {
    let mut compiling = bot_runner();
    compiling.arg("compile-component").stdin(Stdio::piped());
    let mut child = compiling.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than a pipe holds.
    stdin.write_all(&vec![0; 2 << 20]).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    for (resource, most) in [("Max cpu time", 60), ("Max address space", 2 << 30)] {
        let limit = limits.lines().find_map(|line| line.strip_prefix(resource));
        let limit: Vec<_> = limit.unwrap().split_whitespace().take(2).collect();
        let [soft, hard] = limit[..] else {
            panic!("{limits}");
        };
        assert_eq!(soft, hard, "{limits}");
        assert!(soft.parse::<u64>().unwrap() <= most, "{limits}");
    }
    drop(stdin);
    // The bytes are not a component.
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
