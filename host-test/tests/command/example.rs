//! The example for host runtimes, `examples/embed.rs`: built with the tests, and run.

use std::path::Path;
use std::process::Command;

use crate::support::{CLIENT_ID, Ended, Genesys, bot_runner};

#[test]
fn the_example_opens_a_session() {
    let genesys = Genesys::start(&[]);
    let component = genesys.file("action.wasm", "");
    assert_eq!(
        Ended::of(bot_runner().args(["component", "-o"]).arg(&component)).status,
        0
    );
    let example = |url: &str| {
        let built = Path::new(env!("CARGO_BIN_EXE_bot-runner"))
            .with_file_name("examples")
            .join("embed");
        let mut command = Command::new(built);
        command
            .arg(&component)
            .args([url, CLIENT_ID])
            .arg(genesys.secret_file())
            .arg(genesys.gateway())
            .arg(genesys.ca_file());
        Ended::of(&mut command)
    };
    let opened = example("https://apps.mypurecloud.de");
    assert_eq!(
        opened.stdout, "a session at https://api.mypurecloud.de\n",
        "{}",
        opened.stderr
    );
    let refused = example("https://apps.mypurecloud.ie");
    assert!(
        refused.stdout.contains("eu-west-1 (mypurecloud.ie)"),
        "{}",
        refused.all()
    );
}
