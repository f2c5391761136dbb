//! `bot-runner inspect`, `component export`, and a component that replaces the built-in one.

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Ended, bot_runner};

#[test]
fn inspect_shows_imports_exports_size_and_form() {
    let ended = Ended::of(bot_runner().args(["inspect", "--json", "--locale", "de"]));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let json = ended.json();
    assert!(
        json["size"].as_u64().unwrap() <= 256 << 10,
        "{}",
        json["size"]
    );
    let imports = json["imports"].as_array().unwrap();
    assert!(
        imports
            .iter()
            .all(|it| it.as_str().unwrap().starts_with("wasi:")),
        "{imports:?}"
    );
    let exports = json["exports"].as_array().unwrap().iter();
    let exports: Vec<_> = exports.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        exports,
        [
            "bot:action/form@0.2.0",
            "bot:action/run@0.2.0",
            "genesys:authentication/oauth@0.2.0",
        ]
    );
    assert_eq!(json["actions"][0]["name"], "oauth-authenticate");
    assert_eq!(json["actions"][0]["path"][2], "OAuth-Authentifizierung");
    assert_eq!(json["actions"][1]["name"], "disconnect");
}

#[test]
fn inspect_shows_what_the_component_says_of_itself_and_its_digest() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("action.wasm");
    let written = Ended::of(bot_runner().args(["component", "-o"]).arg(&file));
    assert_eq!(written.status, 0, "{}", written.stderr);
    let digest = format!("{:x}", Sha256::digest(std::fs::read(&file).unwrap()));

    let inspected = Ended::of(bot_runner().args(["inspect", "--json"]).arg(&file)).json();
    assert_eq!(inspected["name"], "oauth-authentication");
    assert_eq!(inspected["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(inspected["license"], "MIT OR Apache-2.0");
    assert_eq!(inspected["digest"], format!("sha256:{digest}"));
    let source = inspected["source"].as_str().unwrap();
    let text = Ended::of(bot_runner().arg("inspect").arg(&file)).stdout;
    for line in [
        "name     oauth-authentication",
        concat!("version  ", env!("CARGO_PKG_VERSION")),
        &format!("source   {source}"),
        "license  MIT OR Apache-2.0",
        &format!("digest   sha256:{digest}"),
    ] {
        assert!(text.lines().any(|it| it == line), "{line:?} in\n{text}");
    }
}

#[test]
fn inspect_shows_what_each_action_asks_for() {
    let inspected = Ended::of(bot_runner().args(["inspect", "--json"])).json();
    let action = &inspected["actions"][0];
    assert_eq!(action["session"], "opens");
    assert_eq!(action["requests"][0]["methods"][0], "POST");
    assert_eq!(action["requests"][0]["paths"][0], "/oauth/token");
    let hosts = action["requests"][0]["hosts"].as_array().unwrap();
    assert!(
        hosts.iter().any(|it| it == "login.mypurecloud.de"),
        "{hosts:?}"
    );
}

#[test]
fn inspect_prints_the_wit_of_the_component() {
    let ended = Ended::of(bot_runner().args(["inspect", "--wit"]));
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    for line in [
        "  import wasi:http/outgoing-handler@0.2.2;",
        "  export genesys:authentication/oauth@0.2.0;",
        "package bot:action@0.2.0 {",
        "    run: func(action: string, arguments: list<argument>) -> result<success, failure>;",
    ] {
        let wit = &ended.stdout;
        assert!(wit.lines().any(|it| it == line), "{line:?} in\n{wit}");
    }
}

#[test]
fn inspect_uses_the_requested_language_or_that_of_the_environment() {
    let label = |command: &mut std::process::Command| Ended::of(command.arg("inspect")).stdout;
    assert!(label(&mut bot_runner()).contains("Client secret"));
    assert!(label(bot_runner().env("LANG", "de_AT.UTF-8")).contains("Geheimer Clientschlüssel"));
    let asked = Ended::of(
        bot_runner()
            .env("LANG", "de_AT.UTF-8")
            .args(["inspect", "--locale", "en"]),
    );
    assert!(asked.stdout.contains("Client secret"));
}

#[test]
fn the_written_component_can_be_inspected_and_used() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("action.wasm");
    for command in [&["component", "-o"][..], &["component", "export", "-o"]] {
        let written = Ended::of(bot_runner().args(command).arg(&file));
        assert_eq!(written.status, 0, "{}", written.stderr);
        assert_eq!(std::fs::read(&file).unwrap(), built_in_component::BYTES);
    }

    let inspected = Ended::of(bot_runner().arg("inspect").arg(&file));
    assert_eq!(
        inspected.stdout,
        Ended::of(bot_runner().arg("inspect")).stdout
    );

    let mut authenticate = bot_runner();
    authenticate
        .args(["authenticate", "--genesys", "embedded", "--component"])
        .arg(format!("genesys={}", file.display()));
    let ended = Ended::of(&mut authenticate);
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_component_file_has_at_most_64_mib() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("large.wasm");
    let large = std::fs::File::create(&file).unwrap();
    for (size, language, refused) in [
        (64 << 20, "en", "not a WebAssembly component"),
        ((64 << 20) + 1, "en", "is larger than 64 MiB"),
        ((64 << 20) + 1, "de", "ist größer als 64 MiB"),
    ] {
        // Without content, which would take as much of the disk.
        large.set_len(size).unwrap();
        let mut inspect = bot_runner();
        inspect.args(["inspect", "--locale", language]).arg(&file);
        let ended = Ended::of(&mut inspect);
        assert_eq!(ended.status, 2, "{}", ended.all());
        assert!(ended.stderr.contains(refused), "{}", ended.stderr);
    }
}

#[test]
fn files_that_are_not_components_are_rejected() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("text.wasm");
    std::fs::write(&file, "hello").unwrap();
    let ended = Ended::of(bot_runner().arg("inspect").arg(&file));
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("not a WebAssembly component"),
        "{}",
        ended.stderr
    );
    let ended = Ended::of(bot_runner().args(["inspect", "/nowhere.wasm"]));
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("/nowhere.wasm"), "{}", ended.stderr);
}
