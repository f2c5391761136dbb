//! Loads a component and opens a session with it: a host in its smallest form.
//!
//! `embed COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]`

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use action_host::{Argument, CallError, Grant, Host, SessionChange};
use egress::{AllowList, Options, Trust, read_ca_file};

const ACTION: &str = "oauth-authenticate";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [component, url, client_id, secret_file, simulation @ ..] = &args[..] else {
        anyhow::bail!("expected COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]");
    };
    let mut network = Options::new(AllowList::default());
    if let [gateway, ca_file] = simulation {
        network.gateway = Some(gateway.parse()?);
        network.trust = Trust::Only(read_ca_file(ca_file.as_ref())?);
    }
    // Once per process. Without a grant, the component could send no requests.
    let host = Host::builder().network(network).build()?;
    let component = host.load_file(component.as_ref())?;
    let component = component.with_grant(Grant::genesys_oauth());
    // For each call; it gets an instance of its own.
    let arguments = [
        Argument::text("authentication-type", "client-credentials"),
        Argument::text("url", url),
        Argument::secret("client-id", client_id.as_str()),
        Argument::secret("client-secret", std::fs::read_to_string(secret_file)?),
        Argument::text("session-name", "Default"),
    ];
    match component.run(ACTION, &arguments).await.map(|it| it.session) {
        Ok(SessionChange::Opened(session)) => println!("a session at {}", session.base_url),
        Err(CallError::Failed(e)) => println!("{}", component.explain(ACTION, &e, "en").await?),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(())
}
