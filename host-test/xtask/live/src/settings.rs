//! What to check, and how to get there.

use std::ffi::OsString;

use egress::{AllowList, Client, Gateway, Options, Trust, read_ca_file};
use oauth_authentication::environment::Environment;
use secrecy::{ExposeSecret as _, SecretString};

/// The names that `bot-runner`, the Genesys CLI and Terraform use.
const REGION: &str = "GENESYSCLOUD_REGION";
const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";

/// The largest body of an answer, in bytes, as for the action.
const MAX_BODY: usize = 64 << 10;

/// The settings of a run.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) client_id: SecretString,
    pub(crate) client_secret: SecretString,
    /// Where connections go instead of Genesys' hosts.
    pub(crate) gateway: Option<Gateway>,
    /// The client for these hosts.
    pub(crate) http: Client,
}

impl Settings {
    /// Reads the arguments and, with `variable`, the environment.
    ///
    /// # Errors
    ///
    /// Everything that is missing or not valid, without values.
    pub(crate) fn read(
        arguments: &[String],
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut required = |name: &str| {
            let value = variable(name).map(|value| value.into_string().unwrap_or_default());
            let value = SecretString::from(value.unwrap_or_default().trim());
            if value.expose_secret().is_empty() {
                problems.push(format!("{name} is not set, is empty or is not UTF-8"));
            }
            value
        };
        let [region, client_id, client_secret] =
            [REGION, CLIENT_ID, CLIENT_SECRET].map(&mut required);
        let mut environment = None;
        if !region.expose_secret().is_empty() {
            match Environment::parse(region.expose_secret()) {
                Ok(parsed) => environment = Some(parsed),
                Err(reason) => problems.push(format!("{REGION}: {}", reason.in_english())),
            }
        }
        let mut options = Options {
            max_body: MAX_BODY,
            ..Options::new(AllowList::genesys())
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if let Err(problem) = option(&mut options, argument, arguments.next()) {
                problems.push(format!("{argument}: {problem}"));
            }
        }
        let gateway = options.gateway.clone();
        let http = Client::new(options).map_err(|error| problems.push(error.to_string()));
        match (environment, http) {
            (Some(environment), Ok(http)) if problems.is_empty() => Ok(Self {
                environment,
                client_id,
                client_secret,
                gateway,
                http,
            }),
            _ => Err(problems),
        }
    }
}

fn option(options: &mut Options, name: &str, value: Option<&String>) -> Result<(), String> {
    let needs = |what: &str| format!("a {what} is missing");
    match name {
        "--gateway" => {
            let gateway = value.ok_or_else(|| needs("HOST:PORT"))?.parse();
            options.gateway =
                Some(gateway.map_err(|error: egress::GatewayError| error.to_string())?);
        }
        "--ca-file" => {
            let file = value.ok_or_else(|| needs("file"))?;
            let extra = read_ca_file(file.as_ref()).map_err(|error| error.to_string())?;
            options.trust = Trust::Platform { extra };
        }
        _ => return Err("there is no such option".into()),
    }
    Ok(())
}
