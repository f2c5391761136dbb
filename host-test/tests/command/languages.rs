//! What goes wrong is said in the language of the reader, from the first word to the last.

#[cfg(all(feature = "control-room", unix))]
mod results;

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Ended, bot_runner, sample};

/// Words of English sentences, of which a German message has none. What the operating system says has none either.
const ENGLISH: [&str; 6] = [" is ", " the ", " cannot ", " not ", " of ", " has "];

/// A command that cannot run, and the beginnings of its message in English and in German.
struct Mistake {
    command: Command,
    english: String,
    german: String,
}

impl Mistake {
    fn new(args: &[&str], english: &str, german: &str) -> Self {
        let mut command = bot_runner();
        command.args(args);
        Self {
            command,
            english: english.into(),
            german: german.into(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    fn assert_said(mut self, locale: &str) -> String {
        let ended = Ended::of(self.command.args(["--locale", locale]));
        assert_eq!(ended.status, 2, "{:?}: {}", self.command, ended.all());
        let expected = match locale {
            "de" => format!("Fehler: {}", self.german),
            _ => format!("error: {}", self.english),
        };
        let message = ended.stderr;
        assert!(message.starts_with(&expected), "{message}\n{expected}");
        message
    }
}

/// A folder with files that are not what commands expect.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("text", "text");
    write("bad.toml", "timeout = 0\n");
    fs::write(folder.path().join("utf-16"), [0xff, 0xfe]).unwrap();
    write("invisible", "a\u{200b}b");
    write("x.wasm", "text");
    for (name, content) in [
        ("grants", "x"),
        ("no-member", "{}"),
        ("bad-grant", r#"{ "grants": { "x": {} } }"#),
        (
            "bad-rule",
            r#"{ "grants": { "x": { "component": "x", "requests": [
                { "hosts": ["*.com"], "methods": [], "paths": [], "headers": [] }] } } }"#,
        ),
    ] {
        fs::create_dir(folder.path().join(name)).unwrap();
        write(&format!("{name}/grants.json"), content);
    }
    fs::create_dir(folder.path().join("built-in")).unwrap();
    write("built-in/genesys.wasm", "");
    folder
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn mistakes(folder: &Path, port: &str) -> Vec<Mistake> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (bot, text) = (sample("hello-client.json"), path("text"));
    let (bot, new) = (bot.to_str().unwrap(), Mistake::new);
    let in_file = |text: &str, name: &str| format!("{text}{}", path(name));
    let mut mistakes = vec![
        new(
            &["check", &path("missing.json")],
            &in_file("the bot file ", "missing.json"),
            &in_file("die Bot-Datei ", "missing.json"),
        ),
        new(
            &["authenticate", "--ca-file", &path("missing")],
            &in_file("--ca-file: cannot read ", "missing"),
            &format!("--ca-file: {} lässt sich nicht lesen: ", path("missing")),
        ),
        new(
            &["authenticate", "--ca-file", &text],
            &format!("--ca-file: {text} contains no certificate"),
            &format!("--ca-file: {text} enthält kein Zertifikat"),
        ),
        new(
            &["authenticate", "--gateway", "https://x"],
            "--gateway: a gateway must be HOST:PORT",
            "--gateway: ein Gateway hat die Form HOST:PORT",
        ),
        new(
            &["run", bot, "--genesys", "embedded", "--gateway", "a:1"],
            "--genesys embedded brings its own",
            "--genesys embedded bringt ein eigenes",
        ),
        new(
            &[
                "authenticate",
                "--genesys",
                "embedded",
                "--client-secret-file",
                &path("missing"),
            ],
            &in_file("the secret in ", "missing"),
            &in_file("das Geheimnis in ", "missing"),
        ),
        new(
            &[
                "authenticate",
                "--genesys",
                "embedded",
                "--client-secret-file",
                &path("utf-16"),
            ],
            &format!("the secret in {} is in UTF-16", path("utf-16")),
            &format!("das Geheimnis in {} ist in UTF-16", path("utf-16")),
        ),
        new(
            &[
                "authenticate",
                "--genesys",
                "embedded",
                "--client-secret-file",
                &path("invisible"),
            ],
            &format!(
                "the secret in {} contains the invisible character U+200B",
                path("invisible")
            ),
            &format!(
                "das Geheimnis in {} enthält das unsichtbare Zeichen U+200B",
                path("invisible")
            ),
        ),
        new(&["authenticate"], "--url is missing", "--url fehlt"),
        new(
            &["run", bot, "--env", "NOT_SET_ANYWHERE"],
            "--env NOT_SET_ANYWHERE: the environment variable",
            "--env NOT_SET_ANYWHERE: die Umgebungsvariable",
        ),
        new(
            &["regions"],
            &format!("{}, line 1: timeout must be", path("bad.toml")),
            &format!("{}, Zeile 1: hier steht keine", path("bad.toml")),
        )
        .with("BOT_RUNNER_CONFIG", path("bad.toml")),
        new(
            &["regions"],
            &in_file("the configuration in ", "missing"),
            &in_file("die Konfiguration in ", "missing"),
        )
        .with("BOT_RUNNER_CONFIG", path("missing")),
        new(
            &["inspect", &text],
            "this is not a WebAssembly component",
            "das ist keine WebAssembly-Komponente: es ist kein WebAssembly",
        ),
        new(
            &["inspect", &path("missing")],
            &format!("the component {} cannot be read: ", path("missing")),
            &format!(
                "die Komponente {} lässt sich nicht lesen: ",
                path("missing")
            ),
        ),
        new(
            &["component", "show", "x", "--component", &path("x.wasm")],
            "the component x: this is not a WebAssembly component",
            "die Komponente x: das ist keine WebAssembly-Komponente",
        ),
        new(
            &["schema", "--component", &format!("A={}", path("x.wasm"))],
            &format!("{}: \"A\" is not a name", path("x.wasm")),
            &format!("{}: „A“ ist kein Name", path("x.wasm")),
        ),
        new(
            &["schema", "--components", &path("missing")],
            &in_file("the components in ", "missing"),
            &in_file("die Komponenten in ", "missing"),
        ),
        new(
            &["schema", "--components", &path("built-in")],
            &format!("{}: genesys is the name", path("built-in/genesys.wasm")),
            &format!(
                "{}: genesys ist der Name der eingebauten Komponente",
                path("built-in/genesys.wasm")
            ),
        ),
        new(
            &["component", "grant", "x"],
            "name the folder with the components",
            "nennen Sie den Ordner mit den Komponenten",
        ),
        new(
            &["genesys", "--listen", port],
            &format!("the embedded Genesys Cloud cannot be started: cannot listen on {port}: "),
            &format!(
                "die eingebettete Genesys Cloud lässt sich nicht starten: {port} lässt sich nicht belegen: "
            ),
        ),
    ];
    for (args, english, german) in [
        (
            [
                "--client",
                &format!("a:{text}"),
                "--client",
                &format!("a:{text}"),
            ],
            "--client a: there is already a client",
            "--client a: es gibt schon einen Client",
        ),
        (
            [
                "--client",
                &format!(":{text}"),
                "--redirect-uri",
                "http://x",
            ],
            "--client : the client id is empty",
            "--client : die Client-ID ist leer",
        ),
        (
            [
                "--redirect-uri",
                "http://x.example",
                "--region",
                "us-east-1",
            ],
            "http://x.example is not a valid redirect URI",
            "http://x.example ist keine gültige Umleitungs-URI",
        ),
        (
            [
                "--user",
                &format!("a:{text}"),
                "--user",
                &format!("a:{text}"),
            ],
            "--user a: there is already a user",
            "--user a: es gibt schon einen Benutzer",
        ),
    ] {
        mistakes.push(new(&[&["genesys"], &args[..]].concat(), english, german));
    }
    mistakes.push(new(
        &["run", bot, "--variable", "x"],
        "invalid value 'x' for '--variable <NAME=TEXT>': expected NAME=TEXT",
        "--variable <NAME=TEXT>: erwartet wird NAME=TEXT",
    ));
    for (name, english, german) in [
        (
            "grants",
            "this is not JSON: line 1, column 1: ",
            "das ist kein JSON: Zeile 1, Spalte 1: ",
        ),
        (
            "no-member",
            "expected an object",
            "erwartet wird ein Objekt",
        ),
        (
            "bad-grant",
            "the grant of x is not valid",
            "die Freigabe für x ist ungültig",
        ),
        (
            "bad-rule",
            "the grant of x is not valid: \"*.com\": the last two labels",
            "die Freigabe für x ist ungültig: „*.com“: die letzten beiden",
        ),
    ] {
        let file = format!("{name}/grants.json");
        mistakes.push(new(
            &["schema", "--components", &path(name)],
            &format!("the grants in {}: {english}", path(&file)),
            &format!("die Freigaben in {}: {german}", path(&file)),
        ));
    }
    mistakes
}

/// Mistakes with a Control Room, in these folders.
#[cfg(all(feature = "control-room", unix))]
#[expect(clippy::too_many_lines, reason = "a table")]
fn mistakes_of_the_control_room(folder: &Path) -> Vec<Mistake> {
    use std::os::unix::fs::PermissionsExt;

    let path = |name: &str| folder.join(name).display().to_string();
    let created = |name: &str| {
        let data = path(name);
        let mut command = bot_runner();
        command.args(["user", "create", "ada", "--data", &data]);
        assert_eq!(Ended::of(&mut command).status, 0);
        data
    };
    let new = Mistake::new;
    let (text, others, key, key_of_others) = (
        path("text"),
        created("others"),
        created("key"),
        created("key-of-others"),
    );
    fs::set_permissions(&others, PermissionsExt::from_mode(0o777)).unwrap();
    let key_file = |data: &str| Path::new(data).join("control-room.key");
    fs::write(key_file(&key), "x").unwrap();
    fs::set_permissions(key_file(&key), PermissionsExt::from_mode(0o600)).unwrap();
    fs::set_permissions(key_file(&key_of_others), PermissionsExt::from_mode(0o644)).unwrap();
    let list = |data: &str, english: &str, german: &str| {
        new(
            &["user", "create", "bob", "--data", data],
            &format!("the Control Room in {data}: {english}"),
            &format!("der Control Room in {data}: {german}"),
        )
    };
    let ada = created("ada");
    let connection = |provider: &[&str], english, german| {
        let create = [
            "connection",
            "create",
            "c",
            "--grant",
            "client-credentials",
            "--client-id",
            "c",
        ];
        new(
            &[&create[..], provider, &["--data", &ada]].concat(),
            english,
            german,
        )
    };
    vec![
        list(
            &text,
            &format!("{text} is a file"),
            &format!("{text} ist eine Datei"),
        ),
        list(
            &others,
            "others can write to the data folder",
            "andere können in den Datenordner",
        ),
        list(
            &key,
            &format!("{} does not contain a key", key_file(&key).display()),
            &format!("{} enthält keinen Schlüssel", key_file(&key).display()),
        ),
        list(
            &key_of_others,
            "others can read or change",
            "andere können die Schlüsseldatei",
        ),
        new(
            &["vault", "locker", "list", "--data", &path("missing")],
            "there is no Control Room in ",
            "es gibt keinen Control Room in ",
        ),
        new(
            &["user", "create", "ada", "--data", &ada],
            "the user \"ada\" already exists",
            "den Benutzer „ada“ gibt es schon",
        ),
        new(
            &["user", "grant", "ada", "nobody", "--data", &ada],
            "there is no role \"nobody\"",
            "es gibt keine Rolle „nobody“",
        ),
        new(
            &["password", "ada", "--password-file", &text, "--data", &ada],
            "a password has at least",
            "ein Kennwort hat mindestens",
        ),
        new(
            &["vault", "value", "set", "a/b/c", "canary", "--data", &ada],
            "a value must not be an argument",
            "ein Wert darf kein Argument sein",
        ),
        new(
            &["audit", "--locker", "x", "--data", &ada],
            "there is no locker \"x\"",
            "es gibt keinen Locker „x“ und keinen Eintrag",
        ),
        new(
            &["connection", "remove", "x", "--yes", "--data", &ada],
            "There is no OAuth connection “x”",
            "Es gibt keine OAuth-Verbindung „x“",
        ),
        new(
            &["vault", "credential", "create", "a", "--data", &ada],
            "invalid value 'a' for '<LOCKER/CREDENTIAL>': the path of",
            "<LOCKER/CREDENTIAL>: der Pfad von Anmeldedaten ohne Attribut hat",
        ),
        new(
            &["vault", "value", "remove", "a", "--data", &ada],
            "invalid value 'a' for '<LOCKER/CREDENTIAL/ATTRIBUTE>': the path of",
            "<LOCKER/CREDENTIAL/ATTRIBUTE>: der Pfad von Anmeldedaten hat",
        ),
        new(
            &[
                "vault",
                "locker",
                "create",
                "a",
                "--description",
                "a\nb",
                "--data",
                &ada,
            ],
            "invalid value 'a\nb' for '--description <TEXT>': a description contains",
            "--description <TEXT>: eine Beschreibung enthält",
        ),
        new(
            &["user", "create", "a/b", "--data", &ada],
            "invalid value 'a/b' for '<USER>': a name must not contain",
            "<USER>: ein Name darf kein",
        ),
        new(
            &[
                "connection",
                "edit",
                "x",
                "--scopes",
                "\u{e4}",
                "--data",
                &ada,
            ],
            "invalid value '\u{e4}' for '--scopes <SCOPES>': \"\u{e4}\" is not a scope",
            "--scopes <SCOPES>: „\u{e4}“ ist kein Bereich",
        ),
        connection(
            &["--environment", "nowhere.example"],
            "not a Genesys Cloud environment: ",
            "keine Genesys-Cloud-Umgebung: das ist keine Adresse von Genesys Cloud",
        ),
        connection(
            &[
                "--authorization-url",
                "https://a.example",
                "--token-url",
                "http://a.example",
            ],
            "the token URL is not an https:// address",
            "die Token-URL ist keine Adresse mit https://",
        ),
        connection(
            &["--environment", "mypurecloud.de", "--no-client-secret"],
            "the client secret is empty",
            "der geheime Clientschlüssel ist leer",
        ),
        new(
            &["vault", "locker", "remove", "x", "--data", &ada],
            "There is no locker “x”",
            "Es gibt keinen Locker „x“",
        ),
    ]
}

/// Mistakes at the start of the pages.
#[cfg(feature = "web")]
fn mistakes_of_the_pages(folder: &Path, port: &str) -> Vec<Mistake> {
    let text = folder.join("text").display().to_string();
    let serve = |args: &[&str], english: &str, german: &str| {
        let args = [&["serve", "--data", ":memory:"], args].concat();
        Mistake::new(&args, english, german)
    };
    vec![
        serve(
            &["--listen", port],
            &format!("cannot listen on {port}: "),
            &format!("{port} lässt sich nicht belegen: "),
        ),
        serve(
            &["--listen", "0.0.0.0:0"],
            "--listen: pass a certificate",
            "--listen: geben Sie mit --tls-cert",
        ),
        serve(
            &["--tls-cert", &text, "--tls-key", &text],
            &format!("{text} has no certificate in PEM"),
            &format!("{text} enthält kein Zertifikat in PEM"),
        ),
    ]
}

#[test]
fn each_mistake_is_said_in_the_language_of_the_reader() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().to_string();
    for locale in ["en", "de"] {
        let folder = folder();
        let mistakes = mistakes(folder.path(), &port);
        #[cfg(all(feature = "control-room", unix))]
        let mistakes = mistakes
            .into_iter()
            .chain(mistakes_of_the_control_room(folder.path()));
        #[cfg(feature = "web")]
        let mistakes = mistakes
            .into_iter()
            .chain(mistakes_of_the_pages(folder.path(), &port));
        for mistake in mistakes {
            let message = mistake.assert_said(locale);
            for word in ENGLISH {
                assert!(
                    locale == "en" || !message.contains(word),
                    "{word:?}: {message}"
                );
            }
        }
    }
}
