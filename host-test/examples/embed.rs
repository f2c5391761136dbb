//! Loads a component and opens a session with it: a host in its smallest form.
//!
//! `embed COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]`

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use action_host::{Argument, CallError, Grant, Host, SessionChange};
use anyhow::{bail, ensure};
use egress::{AllowList, Options, Trust, read_ca_file};

const ACTION: &str = "oauth-authenticate";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    ensure!(
        args.len() >= 4,
        "expected COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]"
    );
    let mut network = Options::new(AllowList::default());
    if let [_, _, _, _, gateway, ca_file] = args.as_slice() {
        network.gateway = Some(gateway.parse()?);
        network.trust = Trust::Only(read_ca_file(ca_file.as_ref())?);
    }

    // Once per process. Without a grant, the component could send no requests.
    let host = Host::builder().network(network).build()?;
    let component = host.load_file(args[0].as_ref())?;
    let component = component.with_grant(Grant::genesys_oauth());

    // For each call; it gets an instance of its own.
    let arguments = [
        Argument::text("authentication-type", "client-credentials"),
        Argument::text("url", &args[1]),
        Argument::secret("client-id", args[2].as_str()),
        Argument::secret("client-secret", std::fs::read_to_string(&args[3])?),
        Argument::text("session-name", "Default"),
    ];
    match component.run(ACTION, &arguments).await.map(|it| it.session) {
        Ok(SessionChange::Opened(session)) => println!("a session at {}", session.base_url),
        Ok(_) => bail!("the action opened no session"),
        Err(CallError::Failed(error)) => {
            println!("{}", component.explain(ACTION, &error, "en").await?);
        }
        Err(other) => return Err(other.into()),
    }
    Ok(())
}
