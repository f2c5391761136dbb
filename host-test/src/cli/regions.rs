//! `bot-runner regions`: the regions of Genesys Cloud that the action knows.

use oauth_authentication::environment::regions;
use serde_json::json;

use super::Outcome;
use super::output;

/// `bot-runner regions`
#[derive(Debug, clap::Args)]
pub(crate) struct Regions {
    /// Print one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Regions) -> Outcome {
    if args.json {
        let regions = regions().map(|(name, environment)| {
            json!({
                "name": name,
                "login-host": environment.login_host(),
                "api-host": environment.api_host(),
            })
        });
        output::object(&json!({ "regions": regions.collect::<Vec<_>>() }));
    } else {
        for (name, environment) in regions() {
            let (login, api) = (environment.login_host(), environment.api_host());
            output::line(false, &format!("{name:<15}  {login:<29}  {api}"));
        }
    }
    Outcome::Done
}
