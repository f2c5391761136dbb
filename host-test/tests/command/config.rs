//! Defaults from `bot-runner.toml`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, bot_runner, sample};

/// A configuration file with this content, and its folder.
fn config(content: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("any-name.toml");
    fs::write(&file, content).unwrap();
    (folder, file)
}

fn with(config: &PathBuf, args: &[&str]) -> Command {
    let mut command = bot_runner();
    command.env("BOT_RUNNER_CONFIG", config).args(args);
    command
}

#[test]
fn the_way_to_the_network_the_data_folder_and_the_language_have_defaults() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let (_folder, file) = config(&format!(
        "gateway = {:?}\nca-file = {:?}\ndata = {:?}\nlocale = \"de\"\ntimeout = 30\n",
        genesys.gateway(),
        genesys.ca_file(),
        control_room.data(),
    ));
    let bot = sample("hello-client.json");
    let run = ["run", bot.to_str().unwrap(), "--as", "ada"];
    let ended = Ended::of(&mut with(&file, &run));
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert!(ended.stdout.contains("Sitzung"), "{}", ended.stdout);
    let ended = Ended::of(&mut with(&file, &["doctor", "--url", "eu-central-1"]));
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert!(ended.stdout.contains(genesys.gateway()), "{}", ended.stdout);

    // An option wins, and so does an environment variable.
    let ended = Ended::of(with(&file, &run).args(["--locale", "en"]));
    assert!(ended.stdout.contains("Session"), "{}", ended.stdout);
    let ended = Ended::of(with(&file, &run).env("LC_ALL", "en_GB.UTF-8"));
    assert!(ended.stdout.contains("Session"), "{}", ended.stdout);
    let ended = Ended::of(with(&file, &run).args(["--data", ":memory:"]));
    assert_eq!(ended.status, 2, "{}", ended.all());
    let ended = Ended::of(with(&file, &run).args(["--gateway", "127.0.0.1:1", "--retry-for", "0"]));
    assert_eq!(ended.status, 1, "{}", ended.all());
    // The simulation brings its own way.
    let embedded = ["run", bot.to_str().unwrap(), "--genesys", "embedded"];
    let ended = Ended::of(&mut with(&file, &embedded));
    assert_eq!(ended.status, 0, "{}", ended.all());
}

#[test]
fn environment_variables_replace_what_the_file_says() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let (_folder, file) = config(
        "gateway = \"127.0.0.1:1\"\nca-file = \"missing\"\ndata = \"missing\"\ntimeout = 1\n",
    );
    let bot = sample("hello-client.json");
    let mut run = with(&file, &["run", bot.to_str().unwrap(), "--as", "ada"]);
    run.env("BOT_RUNNER_GATEWAY", genesys.gateway())
        .env("BOT_RUNNER_CA_FILE", genesys.ca_file())
        .env("BOT_RUNNER_DATA", control_room.data())
        .env("BOT_RUNNER_TIMEOUT", "30");
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.all());
    for (name, value, message) in [
        (
            "BOT_RUNNER_GATEWAY",
            "https://proxy",
            "must have the form HOST:PORT",
        ),
        ("BOT_RUNNER_TIMEOUT", "0", "from 1 to 3600"),
        ("BOT_RUNNER_TIMEOUT", "1 h", "from 1 to 3600"),
    ] {
        let ended = Ended::of(run.env(name, value));
        assert_eq!(ended.status, 2, "{}", ended.all());
        for part in [name, message] {
            assert!(ended.stderr.contains(part), "{}", ended.stderr);
        }
        let german = Ended::of(run.env("LC_ALL", "de_DE.UTF-8"));
        let part = format!("Umgebungsvariable {name} muss ");
        assert!(german.stderr.contains(&part), "{}", german.stderr);
        run.env_remove("LC_ALL").env(name, "");
    }
}

#[test]
fn the_folder_with_components_has_a_default_that_the_environment_replaces() {
    let (folder, file) = config("components = \"components\"\n");
    fs::create_dir(folder.path().join("components")).unwrap();
    let list = ["component", "list", "--json"];
    assert_eq!(Ended::of(&mut with(&file, &list)).status, 0);
    let ended = Ended::of(with(&file, &list).env("BOT_RUNNER_COMPONENTS", "missing"));
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("missing"), "{}", ended.stderr);
}

#[test]
fn the_file_is_found_in_the_folder_of_the_user() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("bot-runner")).unwrap();
    let file = folder.path().join("bot-runner/bot-runner.toml");
    fs::write(&file, "\nlocale = 1\n").unwrap();
    let run = |variable: &str, folder: PathBuf| {
        let mut command = bot_runner();
        command.env_remove("XDG_CONFIG_HOME").env(variable, folder);
        Ended::of(command.arg("regions"))
    };
    let ended = run("XDG_CONFIG_HOME", folder.path().to_owned());
    assert_eq!(ended.status, 2);
    let expected = format!("error: {}, line 2: ", file.display());
    assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
    fs::create_dir(folder.path().join(".config")).unwrap();
    assert_eq!(run("HOME", folder.path().to_owned()).status, 0);
}

#[test]
fn a_file_that_is_named_has_to_exist_and_to_be_valid() {
    let missing = PathBuf::from("missing.toml");
    let ended = Ended::of(&mut with(&missing, &["regions"]));
    assert_eq!(ended.status, 2);
    assert!(
        ended.stderr.contains("the configuration in missing.toml"),
        "{}",
        ended.stderr
    );
    let (_folder, file) = config("timeout = 5\nclient-secret = \"canary\"\n");
    let mut authenticate = with(&file, &["authenticate", "--json", "--client-id", CLIENT_ID]);
    let ended = Ended::of(&mut authenticate);
    assert_eq!(ended.status, 2);
    assert!(!ended.all().contains("canary"), "{}", ended.all());
    let message = ended.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains("line 2: unknown field `client-secret`, expected one of `data`"),
        "{message}"
    );
    // Help does not need it.
    assert_eq!(Ended::of(&mut with(&file, &["run", "--help"])).status, 0);
}

#[test]
fn a_data_folder_and_a_database_are_not_set_together() {
    let list = ["user", "list"];
    let (folder, file) = config("data = \"a\"\ndatabase = \"sqlite:b\"\n");
    let both = Ended::of(&mut with(&file, &list));
    assert_eq!(both.status, 2, "{}", both.all());
    assert!(both.stderr.contains("set one of them"), "{}", both.stderr);
    let variables = [
        ("BOT_RUNNER_DATA", "a"),
        ("BOT_RUNNER_DATABASE", "sqlite:b"),
    ];
    let both = Ended::of(with(&file, &list).envs(variables));
    assert!(both.stderr.contains("set one of them"), "{}", both.stderr);
    // One of them replaces both of the file, and so does an option.
    let data = folder.path().join("c");
    for mut command in [
        with(
            &file,
            &["user", "create", "ada", "--data", data.to_str().unwrap()],
        ),
        with(&file, &list),
    ] {
        let ended = Ended::of(command.env("BOT_RUNNER_DATA", &data));
        assert_eq!(ended.status, 0, "{}", ended.all());
    }
}

#[test]
fn the_folder_of_a_database_in_the_file_is_based_on_the_folder_of_the_file() {
    let (folder, file) = config("database = \"sqlite:room\"\n");
    let created = Ended::of(&mut with(&file, &["user", "create", "ada"]));
    assert_eq!(created.status, 0, "{}", created.all());
    assert!(folder.path().join("room/control-room.db").exists());
}
